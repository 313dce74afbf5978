import { BAD } from './cursor.ts';
import { object } from './maps.ts';
import { CONTACT_ATTRIBUTES, type RuleAttribute } from './rule-attributes.ts';
import { rule, type RuleConfig } from './rules.ts';
import { list, maybe, mismatch, type Shape } from './shapes.ts';
import { guid } from './words.ts';

/** Contacts of the organisation, by group and by rule; all of them where neither is given. */
export interface OrgContactsConfig {
  /** Object ids; nested groups count. */
  readonly groups?: readonly string[];
  readonly where?: RuleConfig;
}

/** A rule that looks at nothing but what such a contact has: any other would hold for none of them, or for all. */
const contactRule: Shape<RuleConfig> = {
  ...rule,
  read(cursor) {
    const read = rule.read(cursor);
    if (read === BAD) return BAD;
    const foreign = attributesIn(read).find((name) => !isOfContacts(name));
    return foreign === undefined
      ? read
      : cursor.fail(
          `a contact of the organisation has no ${foreign}: expected ${CONTACT_ATTRIBUTES.join(', ')}`,
        );
  },
};

const selection = object({
  groups: maybe(list(guid, { min: 1, max: 1000 }), 'Members of these groups, nested ones included.'),
  where: maybe(contactRule, 'A rule over their attributes; beside groups it narrows them.'),
});

const EXPECTED = 'true, false, or a map with groups, where';

/** `true` for all of them, or which. */
export const orgContacts: Shape<OrgContactsConfig | null> = {
  expected: EXPECTED,
  json: { anyOf: [{ type: 'boolean' }, { ...selection.json, minProperties: 1 }] },
  read(cursor) {
    if (!cursor.isMap()) {
      const choice = cursor.scalar();
      if (typeof choice !== 'boolean') return mismatch(cursor, EXPECTED);
      return choice ? {} : null;
    }
    const read = selection.read(cursor);
    if (read === BAD) return BAD;
    const { groups, where } = read;
    if (groups === null && where === null) return cursor.fail(`expected ${EXPECTED}`);
    return { ...(groups === null ? {} : { groups }), ...(where === null ? {} : { where }) };
  },
};

function attributesIn(read: RuleConfig): RuleAttribute[] {
  if (read.kind === 'test') return [read.attribute];
  return read.kind === 'not' ? attributesIn(read.rule) : read.rules.flatMap(attributesIn);
}

function isOfContacts(name: RuleAttribute): boolean {
  return CONTACT_ATTRIBUTES.some((known) => known === name);
}
