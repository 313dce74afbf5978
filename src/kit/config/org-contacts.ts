import { BAD } from './cursor.ts';
import { object } from './maps.ts';
import { CONTACT_ATTRIBUTES, GROUP_ATTRIBUTES, type RuleAttribute } from './rule-attributes.ts';
import { rule, type RuleConfig } from './rules.ts';
import { list, maybe, mismatch, type Shape } from './shapes.ts';
import { guid } from './words.ts';

/** Contacts of the organisation, by group and by rule; all of them where neither is given. */
export interface OrgContactsConfig {
  /** Object ids; nested groups count. */
  readonly groups?: readonly string[];
  readonly where?: RuleConfig;
}

/** Groups that have an address, by rule; all of them where none is given. */
export interface MailGroupsConfig {
  readonly where?: RuleConfig;
}

/** A rule that looks at nothing but what such an object has: any other would hold for none of them, or for all. */
function ruleOver(known: readonly RuleAttribute[], what: string): Shape<RuleConfig> {
  return {
    ...rule,
    read(cursor) {
      const read = rule.read(cursor);
      if (read === BAD) return BAD;
      const foreign = attributesIn(read).find((name) => !known.includes(name));
      return foreign === undefined
        ? read
        : cursor.fail(`${what} has no ${foreign}: expected ${known.join(', ')}`);
    },
  };
}

const contactRule = ruleOver(CONTACT_ATTRIBUTES, 'a contact of the organisation');

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

const groupSelection = object({
  where: maybe(ruleOver(GROUP_ATTRIBUTES, 'a group'), 'A rule over their attributes.'),
});

const GROUPS_EXPECTED = 'true, false, or a map with where';

/** `true` for all of them, or which. */
export const mailGroups: Shape<MailGroupsConfig | null> = {
  expected: GROUPS_EXPECTED,
  json: { anyOf: [{ type: 'boolean' }, { ...groupSelection.json, minProperties: 1 }] },
  read(cursor) {
    if (!cursor.isMap()) {
      const choice = cursor.scalar();
      if (typeof choice !== 'boolean') return mismatch(cursor, GROUPS_EXPECTED);
      return choice ? {} : null;
    }
    const read = groupSelection.read(cursor);
    if (read === BAD) return BAD;
    return read.where === null ? cursor.fail(`expected ${GROUPS_EXPECTED}`) : { where: read.where };
  },
};

function attributesIn(read: RuleConfig): RuleAttribute[] {
  if (read.kind === 'test') return [read.attribute];
  return read.kind === 'not' ? attributesIn(read.rule) : read.rules.flatMap(attributesIn);
}
