import { BAD, type Bad, type Cursor } from './cursor.ts';
import { oneOf, refuseKey } from './maps.ts';
import { pattern } from './pattern.ts';
import { RULE_ATTRIBUTES, type RuleAttribute } from './rule-attributes.ts';
import { list, mismatch, required, whole, type JsonSchema, type Shape } from './shapes.ts';
import { matching, truth } from './words.ts';

/** What must be true of a person. `is`, `is not` and `not in` of the file are told by `in` and `not`. */
export type RuleConfig =
  | { readonly kind: 'all' | 'any'; readonly rules: readonly RuleConfig[] }
  | { readonly kind: 'not'; readonly rule: RuleConfig }
  | { readonly kind: 'test'; readonly attribute: RuleAttribute; readonly test: TestConfig };

/** With several `values`, one that fits is enough. Upper and lower case are the same. */
export type TestConfig =
  | { readonly kind: 'in' | 'starts with' | 'ends with'; readonly values: readonly string[] }
  | { readonly kind: 'matches'; readonly pattern: string }
  | { readonly kind: 'exists' };

/** Deeper than anybody can follow; and an end to an alias that contains itself. */
const DEPTH_AT_MOST = 8;
const RULES_AT_MOST = 200;

const text = matching('\\S', 'a text (a number in quotes)');
const texts = list(text, { min: 1, max: 1000 });
const one: Shape<readonly string[]> = mapped(text, (value) => [value]);
const oneOrMore: Shape<readonly string[]> = {
  expected: `${text.expected}, or a list of them`,
  json: { anyOf: [text.json, texts.json] },
  read: (cursor) => (cursor.items() === undefined ? one : texts).read(cursor),
};

/** A test as it stands in the file: `is not` is the opposite of `is`. */
interface Said {
  readonly test: TestConfig;
  readonly denied: boolean;
}

const operator = oneOf<Said>({
  is: required(said(one, isOneOf), 'The value is this.'),
  'is not': required(denied(said(one, isOneOf)), 'The value is another, or not set.'),
  in: required(said(texts, isOneOf), 'The value is one of these.'),
  'not in': required(denied(said(texts, isOneOf)), 'The value is none of these, or not set.'),
  'starts with': required(
    said(oneOrMore, (values) => ({ kind: 'starts with', values })),
    'The value begins with this, or with one of these.',
  ),
  'ends with': required(
    said(oneOrMore, (values) => ({ kind: 'ends with', values })),
    'The value ends with this, or with one of these.',
  ),
  matches: required(
    said(pattern, (source) => ({ kind: 'matches', pattern: source })),
    'The regular expression is found in the value.',
  ),
  exists: required(
    mapped(truth, (exists): Said => ({ test: { kind: 'exists' }, denied: !exists })),
    'true: a value is set; false: none is.',
  ),
});

const operators: Shape<Said> = mapped(operator, ({ value }) => value);

/** `department: Sales`, `department: [Sales, Marketing]`, or a map with an operator. */
const test: Shape<Said> = {
  expected: `${text.expected}, a list of texts, or ${operators.expected}`,
  json: { anyOf: [text.json, texts.json, operators.json] },
  read: (cursor) => (cursor.isMap() ? operators : said(oneOrMore, isOneOf)).read(cursor),
};

const NAMES: readonly string[] = ['all', 'any', 'not', ...RULE_ATTRIBUTES];
const RULE_REFERENCE: JsonSchema = { $ref: '#/definitions/rule' };
const expected = 'a map of attributes, or of all, any, not';

/** A map whose every entry must hold: an attribute and its test, or `all`, `any`, `not` with rules of their own. */
export const rule: Shape<RuleConfig> = ruleAt(1);

/** Rules contain rules: the schema of the file defines them once, under this name. */
export const RULE_DEFINITIONS: JsonSchema = {
  rule: {
    type: 'object',
    properties: {
      all: { type: 'array', items: RULE_REFERENCE, minItems: 1, maxItems: RULES_AT_MOST },
      any: { type: 'array', items: RULE_REFERENCE, minItems: 1, maxItems: RULES_AT_MOST },
      not: RULE_REFERENCE,
      ...Object.fromEntries(RULE_ATTRIBUTES.map((name) => [name, test.json])),
    },
    additionalProperties: false,
    minProperties: 1,
  },
};

function ruleAt(depth: number): Shape<RuleConfig> {
  return {
    expected,
    json: RULE_REFERENCE,
    read(cursor) {
      const entries = cursor.entries();
      if (entries === undefined || entries.length === 0) return mismatch(cursor, expected);
      if (depth > DEPTH_AT_MOST) return cursor.fail(`rules may stand in one another ${DEPTH_AT_MOST} deep`);
      const rules = whole(entries.map(({ key, value }) => readEntry({ key, value }, depth)));
      if (rules === BAD) return BAD;
      const [only] = rules;
      return rules.length === 1 && only ? only : { kind: 'all', rules };
    },
  };
}

function readEntry(
  { key, value }: { readonly key: string | undefined; readonly value: Cursor },
  depth: number,
): RuleConfig | Bad {
  if (key === 'all' || key === 'any') {
    const rules = list(ruleAt(depth + 1), { min: 1, max: RULES_AT_MOST }).read(value);
    return rules === BAD ? BAD : { kind: key, rules };
  }
  if (key === 'not') {
    const negated = ruleAt(depth + 1).read(value);
    return negated === BAD ? BAD : { kind: 'not', rule: negated };
  }
  const attribute = RULE_ATTRIBUTES.find((name) => name === key);
  if (attribute === undefined) {
    refuseKey(value, key, NAMES);
    return BAD;
  }
  const read = test.read(value);
  if (read === BAD) return BAD;
  const positive = { kind: 'test' as const, attribute, test: read.test };
  return read.denied ? { kind: 'not', rule: positive } : positive;
}

function isOneOf(values: readonly string[]): TestConfig {
  return { kind: 'in', values };
}

function said<T>(shape: Shape<T>, test: (value: T) => TestConfig): Shape<Said> {
  return mapped(shape, (value) => ({ test: test(value), denied: false }));
}

function denied(shape: Shape<Said>): Shape<Said> {
  return mapped(shape, (saying) => ({ ...saying, denied: true }));
}

function mapped<T, U>(shape: Shape<T>, map: (value: T) => U): Shape<U> {
  return {
    ...shape,
    read(cursor) {
      const value = shape.read(cursor);
      return value === BAD ? BAD : map(value);
    },
  };
}
