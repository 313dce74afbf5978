import { BAD } from './cursor.ts';
import { object } from './maps.ts';
import { rule, type RuleConfig } from './rules.ts';
import { either, list, maybe, optional, required, type Shape } from './shapes.ts';
import { choice, guid, wholeNumber } from './words.ts';

/** People by group, by name, by rule. What is not given does not narrow; see `selects` in src/jobs/scope.ts. */
export interface SelectionConfig {
  /** Object ids; nested groups count. */
  readonly groups?: readonly string[];
  /** Object ids. */
  readonly users?: readonly string[];
  readonly where?: RuleConfig;
}

/** Who is shown. */
export interface SourceConfig extends SelectionConfig {
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
const users = list(guid, { min: 1, max: 100_000 });

const selection = {
  groups: maybe(groups, 'Members of these groups, by object id, nested ones included.'),
  users: maybe(users, 'These users, by object id.'),
  where: maybe(rule, 'A rule over their attributes; beside groups or users it narrows them.'),
};

/** Nobody is meant by nothing: an empty selection is a mistake. */
const KEYS = ['groups', 'users', 'where'] as const;

const except = maybe(
  some(
    object({
      groups: maybe(groups, 'Members of these groups, nested ones included, are left out.'),
      users: maybe(users, 'These users are left out.'),
      where: maybe(rule, 'Whoever fits the rule is left out.'),
    }),
  ),
  'Who is left out: whoever is in one of the groups, or in the list, or fits the rule.',
);

const sourceShape = some(
  object({
    ...selection,
    except,
    include: optional(
      list(choice(INCLUDED), { min: 0, max: INCLUDED.length }),
      [],
      'Accounts that are shown although they are left out by default.',
    ),
  }),
);

const targetShape = object({
  mailboxes: required(
    either(choice(['licensed']), some(object(selection))),
    'Whose mailboxes receive the contacts: licensed, or a map with groups, users, where.',
  ),
  except,
  first: maybe(wholeNumber(1, 1_000_000), 'A pilot: so many of these mailboxes receive, and no more.'),
});

interface Read {
  readonly groups: readonly string[] | null;
  readonly users: readonly string[] | null;
  readonly where: RuleConfig | null;
}

export const source: Shape<SourceConfig> = {
  ...sourceShape,
  read(cursor) {
    const read = sourceShape.read(cursor);
    if (read === BAD) return BAD;
    const { include } = read;
    return { ...given(read), ...exceptOf(read.except), ...(include.length === 0 ? {} : { include }) };
  },
};

export const target: Shape<TargetConfig> = {
  ...targetShape,
  read(cursor) {
    const read = targetShape.read(cursor);
    if (read === BAD) return BAD;
    const { mailboxes, first } = read;
    return {
      ...(mailboxes === 'licensed' ? { kind: 'licensed' } : { kind: 'chosen', ...given(mailboxes) }),
      ...exceptOf(read.except),
      ...(first === null ? {} : { first }),
    };
  },
};

function exceptOf(except: Read | null): { except?: SelectionConfig } {
  return except === null ? {} : { except: given(except) };
}

function given({ groups, users, where }: Read): SelectionConfig {
  return {
    ...(groups === null ? {} : { groups }),
    ...(users === null ? {} : { users }),
    ...(where === null ? {} : { where }),
  };
}

/** A map that names at least one of `KEYS`. */
function some<T extends Read>(shape: Shape<T>): Shape<T> {
  const expected = `a map with one or more of ${KEYS.join(', ')}`;
  return {
    expected,
    json: { ...shape.json, anyOf: KEYS.map((key) => ({ required: [key] })) },
    read(cursor) {
      const read = shape.read(cursor);
      if (read === BAD || KEYS.some((key) => read[key] !== null)) return read;
      return cursor.fail(`expected ${expected}`);
    },
  };
}
