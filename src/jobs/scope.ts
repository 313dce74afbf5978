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
  /** Those among them that keep people out. */
  readonly barring: readonly string[];
  readonly reads: readonly Attribute[];
}

/** Who is shown: the chosen ones, without exceptions, without what does not belong on a phone. */
export function sourceScope(source: SourceConfig): Scope {
  const include = new Set(source.include);
  const leftOut = DEFAULTS.filter(({ kind }) => !include.has(kind));
  const forShared = leftOut.filter(({ kind }) => !OF_SHARED_MAILBOXES.has(kind));
  const isShared = include.has('shared-mailboxes') ? isSharedMailbox : nobody;
  const chosen = selects(source);
  const barred = source.except ? bars(source.except) : nobody;
  return {
    has: (person, memberOf) =>
      !(isShared(person) ? forShared : leftOut).some(({ applies }) => applies(person)) &&
      chosen(person, memberOf) &&
      !barred(person, memberOf),
    ...neededFor(source, source.except),
    reads: [
      ...new Set<Attribute>([
        ...leftOut.flatMap(({ reads }) => reads),
        ...(include.has('shared-mailboxes') ? ['mailboxPurpose' as const] : []),
        ...readsOf(source),
        ...readsOf(source.except),
      ]),
    ],
  };
}

/**
 * Who receives. A licence is asked for where nobody is chosen by group or by name: those who are may own a shared mailbox.
 * A guest has no mailbox here; one who is named all the same is taken at the administrator's word.
 */
export function targetScope(target: TargetConfig): Scope {
  const selection: SelectionConfig = target.kind === 'chosen' ? target : {};
  const chosen = selects(selection);
  const barred = target.except ? bars(target.except) : nobody;
  const users = new Set(selection.users);
  const needsLicence = selection.groups === undefined && selection.users === undefined;
  return {
    has: (person, memberOf) =>
      (!isGuest(person) || users.has(person.id)) &&
      (!needsLicence || person.licences > 0) &&
      chosen(person, memberOf) &&
      !barred(person, memberOf),
    ...neededFor(selection, target.except),
    reads: [...new Set([...readsOf(selection), ...readsOf(target.except)])],
  };
}

/** In one of the groups or in the list (anybody, where neither is given), and fitting the rule. */
function selects({ groups, users, where }: SelectionConfig): Question {
  const named = members({ groups, users });
  const fits = where === undefined ? everybody : compileRule(where);
  return groups === undefined && users === undefined
    ? fits
    : (person, memberOf) => named(person, memberOf) && fits(person);
}

/** In one of the groups, or in the list, or fitting the rule: any of them is enough to be left out. */
function bars({ groups, users, where }: SelectionConfig): Question {
  const named = members({ groups, users });
  const fits = where === undefined ? nobody : compileRule(where);
  return (person, memberOf) => named(person, memberOf) || fits(person);
}

function members({ groups, users }: Named): Question {
  const inGroups = new Set(groups);
  const inList = new Set(users);
  return (person, memberOf) => inList.has(person.id) || !memberOf.isDisjointFrom(inGroups);
}

interface Named {
  readonly groups: readonly string[] | undefined;
  readonly users: readonly string[] | undefined;
}

function neededFor(
  selection: SelectionConfig,
  except: SelectionConfig | undefined,
): Pick<Scope, 'groups' | 'barring'> {
  const barring = except?.groups ?? [];
  return { groups: [...new Set([...(selection.groups ?? []), ...barring])], barring };
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
