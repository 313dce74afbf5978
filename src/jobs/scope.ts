import type { RuleConfig } from '../kit/config/rules.ts';
import type { SelectionConfig, SourceConfig, TargetConfig } from '../kit/config/scope.ts';
import type { Attribute, Person } from '../model/person.ts';
import type { Condition, Question } from '../model/route.ts';
import { DEFAULTS, isGuest, isNot } from './left-out.ts';
import { attributesIn, compileRule } from './rules.ts';

/** Who is meant, and what has to be known to tell. */
export interface Scope {
  readonly conditions: readonly Condition[];
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
  const { orgContacts, mailGroups, except } = source;
  return {
    conditions: [
      ...leftOut.map((one) => isNot(one, include.has('shared-mailboxes'))),
      ...(isChoice(source) ? selects(source).map(ofKind('user')) : [nobody('user')]),
      ...(orgContacts ? selects(orgContacts).map(ofKind('contact')) : [nobody('contact')]),
      ...(mailGroups ? selects(mailGroups).map(ofKind('group')) : [nobody('group')]),
      ...bars(except),
    ],
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
  const users = new Set(selection.users);
  return {
    conditions: [
      { rule: 'user', asks: 'a user, who may have a mailbox', meets: ({ kind }) => kind === 'user' },
      {
        rule: 'guests',
        asks: 'no guest, unless in the list of users',
        meets: (person) => !isGuest(person) || users.has(person.id),
      },
      ...(isNameless(selection) ? [LICENSED] : []),
      ...selects(selection),
      ...bars(target.except),
    ],
    ...neededFor(target.except, selection),
    reads: [...new Set([...readsOf(selection), ...readsOf(target.except)])],
  };
}

const LICENSED: Condition = {
  rule: 'licensed',
  asks: 'a licence is assigned',
  meets: ({ licences }) => licences > 0,
};

/** In one of the groups or units or in the list (anybody, where none is given), and fitting the rule. */
function selects(selection: SelectionConfig): Condition[] {
  const named = members(selection);
  const { where } = selection;
  return [
    ...(isNameless(selection)
      ? []
      : [{ rule: namesIn(selection), asks: `one of ${named.listed}`, ...named.question }]),
    ...(where === undefined
      ? []
      : [{ rule: 'where', asks: `fits the rule over ${attributesOf(where)}`, meets: compileRule(where) }]),
  ];
}

/** In one of the groups or units, or in the list, or fitting the rule: any of them is enough to be left out. */
function bars(except: SelectionConfig | undefined): Condition[] {
  if (except === undefined) return [];
  const { listed, question } = members(except);
  const conditions: Condition[] = [];
  if (!isNameless(except)) {
    const { meets, through } = question;
    conditions.push({
      rule: `except: ${namesIn(except)}`,
      asks: `none of ${listed}`,
      meets: (person, memberOf) => !meets(person, memberOf),
      through,
    });
  }
  if (except.where !== undefined) {
    const fits = compileRule(except.where);
    const asks = `does not fit the rule over ${attributesOf(except.where)}`;
    conditions.push({ rule: 'except: where', asks, meets: (person) => !fits(person) });
  }
  return conditions;
}

/** What the selection names, and by which of it somebody is meant. */
function members(selection: SelectionConfig): {
  readonly listed: string;
  readonly question: {
    readonly meets: Question<boolean>;
    readonly through: Question<readonly string[]>;
  };
} {
  const inGroups = new Set(groupsOf(selection));
  const inList = new Set(selection.users);
  return {
    listed: [...inGroups, ...(inList.size === 0 ? [] : ['the list of users'])].join(', '),
    question: {
      meets: (person, memberOf) => inList.has(person.id) || !memberOf.isDisjointFrom(inGroups),
      through: (person, memberOf) => [
        ...(inList.has(person.id) ? ['the list of users'] : []),
        ...memberOf.intersection(inGroups),
      ],
    },
  };
}

const ofKind =
  (kind: Person['kind']) =>
  (condition: Condition): Condition => ({
    ...condition,
    meets: (person, memberOf) => (person.kind === kind ? condition.meets(person, memberOf) : null),
  });

const CHOICES: Readonly<Record<Person['kind'], string>> = {
  user: 'users are chosen by the source',
  contact: 'the source asks for orgContacts',
  group: 'the source asks for mailGroups',
};

function nobody(kind: Person['kind']): Condition {
  return ofKind(kind)({ rule: 'source', asks: CHOICES[kind], meets: () => false });
}

/** The keys of the configuration that name groups or people. */
function namesIn({ groups, administrativeUnits, users }: SelectionConfig): string {
  return Object.entries({ groups, administrativeUnits, users })
    .flatMap(([name, choice]) => (choice === undefined ? [] : name))
    .join(', ');
}

function attributesOf(rule: RuleConfig): string {
  return [...new Set(attributesIn(rule))].join(', ') || 'userType';
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
