import { BAD } from './cursor.ts';
import { object } from './maps.ts';
import { mailGroups, orgContacts, type MailGroupsConfig, type OrgContactsConfig } from './org-contacts.ts';
import { rule, type RuleConfig } from './rules.ts';
import { either, list, maybe, optional, required, type Shape } from './shapes.ts';
import { choice, guid, wholeNumber } from './words.ts';

/** People by group, by unit, by name, by rule. What is not given does not narrow; see `selects` in src/jobs/scope.ts. */
export interface SelectionConfig {
  /** Object ids; nested groups count. */
  readonly groups?: readonly string[];
  /** Object ids of administrative units; groups in them bring nobody along. */
  readonly administrativeUnits?: readonly string[];
  /** Object ids. */
  readonly users?: readonly string[];
  readonly where?: RuleConfig;
}

/** Who is shown. Without any choice among the users, they are contacts of the organisation alone. */
export interface SourceConfig extends SelectionConfig {
  /** Contacts of the organisation, beside the users: those of the selection, or all of them where it is empty. */
  readonly orgContacts?: OrgContactsConfig;
  /** Groups that have an address, as such: not their members. */
  readonly mailGroups?: MailGroupsConfig;
  /** Whoever is in one of these groups, in this list, or fits this rule is left out. */
  readonly except?: SelectionConfig;
  /** Kinds of accounts that are left out unless they stand here. */
  readonly include?: readonly Included[];
}

/** Whose mailboxes receive. */
export type TargetConfig = (
  | { readonly kind: 'licensed' }
  | ({ readonly kind: 'chosen' } & SelectionConfig)
) & {
  readonly except?: SelectionConfig;
  /** A pilot: at most so many mailboxes. */
  readonly first?: number;
};

/** What never belongs on a phone, unless an administrator says otherwise. */
export const LEFT_OUT = ['guests', 'disabled', 'hidden', 'unreachable', 'service-accounts'] as const;
export type LeftOut = (typeof LEFT_OUT)[number];
/** Shared mailboxes are accounts of the kinds above; to tell them apart takes a permission of its own. */
const INCLUDED = [...LEFT_OUT, 'shared-mailboxes'] as const;
type Included = (typeof INCLUDED)[number];

const groups = list(guid, { min: 1, max: 1000 });
const units = list(guid, { min: 1, max: 1000 });
const users = list(guid, { min: 1, max: 100_000 });

const selection = {
  groups: maybe(groups, 'Members of these groups, by object id, nested ones included.'),
  administrativeUnits: maybe(units, 'Members of these administrative units, by object id.'),
  users: maybe(users, 'These users, by object id.'),
  where: maybe(rule, 'A rule over their attributes; beside groups, units or users it narrows them.'),
};

/** Nobody is meant by nothing: an empty selection is a mistake. */
const KEYS = ['groups', 'administrativeUnits', 'users', 'where'] as const;

const except = maybe(
  some(
    object({
      groups: maybe(groups, 'Members of these groups, nested ones included, are left out.'),
      administrativeUnits: maybe(units, 'Members of these administrative units are left out.'),
      users: maybe(users, 'These users are left out.'),
      where: maybe(rule, 'Whoever fits the rule is left out.'),
    }),
    KEYS,
  ),
  'Who is left out: whoever is in one of the groups or units, or in the list, or fits the rule.',
);

const sourceShape = some(
  object({
    ...selection,
    orgContacts: maybe(
      orgContacts,
      'Contacts of the organisation are shown as well: true, or a map with groups, where.',
    ),
    mailGroups: maybe(
      mailGroups,
      'In another tenant: groups with an address are shown as well, as one contact each: true, or a map with where.',
    ),
    except,
    include: optional(
      list(choice(INCLUDED), { min: 0, max: INCLUDED.length }),
      [],
      'Accounts that are shown although they are left out by default.',
    ),
  }),
  [...KEYS, 'orgContacts', 'mailGroups'],
);

/** Keys of every choice of mailboxes. */
export const targetKeys = {
  mailboxes: required(
    either(choice(['licensed']), some(object(selection), KEYS)),
    'Whose mailboxes receive the contacts: licensed, or a map with groups, administrativeUnits, users, where.',
  ),
  except,
  first: maybe(wholeNumber(1, 1_000_000), 'A pilot: so many of these mailboxes receive, and no more.'),
};

const targetShape = object(targetKeys);

interface Read {
  readonly groups: readonly string[] | null;
  readonly administrativeUnits: readonly string[] | null;
  readonly users: readonly string[] | null;
  readonly where: RuleConfig | null;
}

export const source: Shape<SourceConfig> = {
  ...sourceShape,
  read(cursor) {
    const read = sourceShape.read(cursor);
    if (read === BAD) return BAD;
    const { include, orgContacts: contacts, mailGroups: lists } = read;
    return {
      ...given(read),
      ...(contacts === null ? {} : { orgContacts: contacts }),
      ...(lists === null ? {} : { mailGroups: lists }),
      ...exceptOf(read.except),
      ...(include.length === 0 ? {} : { include }),
    };
  },
};

export const target: Shape<TargetConfig> = {
  ...targetShape,
  read(cursor) {
    const read = targetShape.read(cursor);
    return read === BAD ? BAD : targetOf(read);
  },
};

/** What `targetKeys` were read as. */
export function targetOf({
  mailboxes,
  first,
  except: left,
}: {
  readonly mailboxes: 'licensed' | Read;
  readonly first: number | null;
  readonly except: Read | null;
}): TargetConfig {
  return {
    ...(mailboxes === 'licensed' ? { kind: 'licensed' } : { kind: 'chosen', ...given(mailboxes) }),
    ...exceptOf(left),
    ...(first === null ? {} : { first }),
  };
}

function exceptOf(except: Read | null): { except?: SelectionConfig } {
  return except === null ? {} : { except: given(except) };
}

function given({ groups, administrativeUnits, users, where }: Read): SelectionConfig {
  return {
    ...(groups === null ? {} : { groups }),
    ...(administrativeUnits === null ? {} : { administrativeUnits }),
    ...(users === null ? {} : { users }),
    ...(where === null ? {} : { where }),
  };
}

/** A map that names at least one of the keys. */
function some<T>(shape: Shape<T>, keys: readonly (keyof T & string)[]): Shape<T> {
  const expected = `a map with one or more of ${keys.join(', ')}`;
  return {
    expected,
    json: { ...shape.json, anyOf: keys.map((key) => ({ required: [key] })) },
    read(cursor) {
      const read = shape.read(cursor);
      if (read === BAD || keys.some((key) => read[key] !== null)) return read;
      return cursor.fail(`expected ${expected}`);
    },
  };
}
