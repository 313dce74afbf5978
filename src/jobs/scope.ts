import type { LeftOut, SelectionConfig, SourceConfig, TargetConfig } from '../kit/config/scope.ts';
import type { Attribute, Person } from '../model/person.ts';
import type { Route } from '../model/route.ts';
import { attributesIn, compileRule } from './rules.ts';

type Question = Route['shows'];

/** Who is meant, and what has to be known to tell. */
export interface Scope {
  readonly has: Question;
  /** Groups whose members have to be known. */
  readonly groups: readonly string[];
  /** Those among them that are administrative units. */
  readonly units: readonly string[];
  /** Those among them that keep people out. */
  readonly barring: readonly string[];
  readonly reads: readonly Attribute[];
}

/** Who is shown: the chosen ones, without exceptions, without what does not belong on a phone. */
export function sourceScope(source: SourceConfig): Scope {
  const include = new Set(source.include);
  const leftOut = DEFAULTS.filter(({ kind }) => !include.has(kind));
  const forShared = leftOut.filter(({ kind }) => !OF_SHARED_MAILBOXES.has(kind));
  const forContacts = leftOut.filter(({ kind }) => OF_CONTACTS.has(kind));
  const isShared = include.has('shared-mailboxes') ? isSharedMailbox : nobody;
  const { orgContacts, mailGroups, except } = source;
  const chosen: Readonly<Record<Person['kind'], Question>> = {
    user: isChoice(source) ? selects(source) : nobody,
    contact: orgContacts ? selects(orgContacts) : nobody,
    group: mailGroups ? selects(mailGroups) : nobody,
  };
  const barred = except ? bars(except) : nobody;
  const defaultsFor = (person: Person): readonly Default[] =>
    person.kind !== 'user' ? forContacts : isShared(person) ? forShared : leftOut;
  return {
    has: (person, memberOf) =>
      !defaultsFor(person).some(({ applies }) => applies(person)) &&
      chosen[person.kind](person, memberOf) &&
      !barred(person, memberOf),
    ...neededFor(except, source, orgContacts),
    reads: [
      ...new Set<Attribute>([
        ...leftOut.flatMap(({ reads }) => reads),
        ...(include.has('shared-mailboxes') ? ['mailboxPurpose' as const] : []),
        ...[source, orgContacts, mailGroups, except].flatMap(readsOf),
      ]),
    ],
  };
}

/** Without a word about users none of them is meant. */
function isChoice({ groups, administrativeUnits, users, where }: SelectionConfig): boolean {
  return [groups, administrativeUnits, users, where].some((choice) => choice !== undefined);
}

/**
 * Who receives. A licence is asked for where nobody is chosen by group, unit or name: those who are may own a shared mailbox.
 * A guest has no mailbox here; one who is named all the same is taken at the administrator's word.
 */
export function targetScope(target: TargetConfig): Scope {
  const selection: SelectionConfig = target.kind === 'chosen' ? target : {};
  const chosen = selects(selection);
  const barred = target.except ? bars(target.except) : nobody;
  const users = new Set(selection.users);
  const needsLicence = isNameless(selection);
  return {
    has: (person, memberOf) =>
      person.kind === 'user' &&
      (!isGuest(person) || users.has(person.id)) &&
      (!needsLicence || person.licences > 0) &&
      chosen(person, memberOf) &&
      !barred(person, memberOf),
    ...neededFor(target.except, selection),
    reads: [...new Set([...readsOf(selection), ...readsOf(target.except)])],
  };
}

/** In one of the groups or units or in the list (anybody, where none is given), and fitting the rule. */
function selects(selection: SelectionConfig): Question {
  const named = members(selection);
  const fits = selection.where === undefined ? everybody : compileRule(selection.where);
  return isNameless(selection) ? fits : (person, memberOf) => named(person, memberOf) && fits(person);
}

/** In one of the groups or units, or in the list, or fitting the rule: any of them is enough to be left out. */
function bars(selection: SelectionConfig): Question {
  const named = members(selection);
  const fits = selection.where === undefined ? nobody : compileRule(selection.where);
  return (person, memberOf) => named(person, memberOf) || fits(person);
}

function members(selection: SelectionConfig): Question {
  const inGroups = new Set(groupsOf(selection));
  const inList = new Set(selection.users);
  return (person, memberOf) => inList.has(person.id) || !memberOf.isDisjointFrom(inGroups);
}

function isNameless({ groups, administrativeUnits, users }: SelectionConfig): boolean {
  return groups === undefined && administrativeUnits === undefined && users === undefined;
}

/** Whatever has members: an id tells apart by itself what it is of. */
function groupsOf(selection: SelectionConfig | undefined): string[] {
  return [...(selection?.groups ?? []), ...(selection?.administrativeUnits ?? [])];
}

function neededFor(
  except: SelectionConfig | undefined,
  ...selections: readonly (SelectionConfig | undefined)[]
): Pick<Scope, 'groups' | 'units' | 'barring'> {
  const all = [...selections, except];
  return {
    groups: [...new Set(all.flatMap(groupsOf))],
    units: all.flatMap((selection) => selection?.administrativeUnits ?? []),
    barring: groupsOf(except),
  };
}

function readsOf(selection: SelectionConfig | undefined): Attribute[] {
  return selection?.where === undefined ? [] : attributesIn(selection.where);
}

function everybody(): boolean {
  return true;
}

function nobody(): boolean {
  return false;
}

interface Default {
  readonly kind: LeftOut;
  readonly applies: (person: Person) => boolean;
  readonly reads: readonly Attribute[];
}

const DEFAULTS: readonly Default[] = [
  // A guest is a colleague of somebody else.
  { kind: 'guests', applies: isGuest, reads: [] },
  // Somebody who left; also what shared mailboxes, rooms and equipment sign in with, which is to say not at all.
  { kind: 'disabled', applies: ({ accountEnabled }) => accountEnabled === false, reads: [] },
  // Never set means shown. What is hidden in Exchange alone does not stand here (deploy/scope.md).
  {
    kind: 'hidden',
    applies: ({ showInAddressList }) => showInAddressList === false,
    reads: ['showInAddressList'],
  },
  // A contact that can neither be called nor written to.
  {
    kind: 'unreachable',
    applies: ({ mail, mobilePhone, businessPhones }) => ![mail, mobilePhone, ...businessPhones].some(isSet),
    reads: ['mail', 'mobilePhone', 'businessPhones'],
  },
  // Nobody hands out a licence or a name to a scanner, a script or a room.
  {
    kind: 'service-accounts',
    applies: ({ licences, givenName, surname }) => licences === 0 && !isSet(givenName) && !isSet(surname),
    reads: ['givenName', 'surname'],
  },
];

/** All that can be said of somebody without an account, or of a group; such contacts often have no name but that of a company. */
const OF_CONTACTS: ReadonlySet<LeftOut> = new Set<LeftOut>(['unreachable']);

/** What shared mailboxes are by nature: nobody signs in with one, and it has no name of a person. */
const OF_SHARED_MAILBOXES: ReadonlySet<LeftOut> = new Set<LeftOut>(['disabled', 'service-accounts']);

function isSharedMailbox({ mailboxPurpose }: Person): boolean {
  return mailboxPurpose === 'shared';
}

function isGuest({ userType }: Person): boolean {
  return userType?.toLowerCase() === 'guest';
}

function isSet(value: string | null): boolean {
  return (value?.trim() ?? '') !== '';
}
