import { compilePattern } from '../kit/config/pattern.ts';
import type { RuleAttribute } from '../kit/config/rule-attributes.ts';
import type { RuleConfig, TestConfig } from '../kit/config/rules.ts';
import type { Attribute, Person } from '../model/person.ts';

export type Predicate = (person: Person) => boolean;

/**
 * A rule made ready to be asked of many people. Upper and lower case are the same, and so are composed and decomposed letters; white space
 * around a value counts for nothing. A value that is not set passes no test, and so passes the opposite of every
 * test. Of an attribute with several values, one that passes is enough.
 */
export function compileRule(rule: RuleConfig): Predicate {
  switch (rule.kind) {
    case 'all': {
      const rules = rule.rules.map(compileRule);
      return (person) => rules.every((one) => one(person));
    }
    case 'any': {
      const rules = rule.rules.map(compileRule);
      return (person) => rules.some((one) => one(person));
    }
    case 'not': {
      const negated = compileRule(rule.rule);
      return (person) => !negated(person);
    }
    case 'test': {
      const passes = compileTest(rule.test);
      return (person) => valuesOf(person, rule.attribute).some(passes);
    }
  }
}

/** What must be read of a person before the rule can be asked. */
export function attributesIn(rule: RuleConfig): Attribute[] {
  switch (rule.kind) {
    case 'all':
    case 'any':
      return rule.rules.flatMap(attributesIn);
    case 'not':
      return attributesIn(rule.rule);
    case 'test':
      if (rule.attribute === 'userType') return [];
      return [rule.attribute === 'mailDomain' ? 'mail' : rule.attribute];
  }
}

function compileTest(test: TestConfig): (value: string) => boolean {
  switch (test.kind) {
    case 'in': {
      const values = new Set(test.values.map(folded));
      return (value) => values.has(folded(value));
    }
    case 'starts with': {
      const values = test.values.map(folded);
      return (value) => values.some((one) => folded(value).startsWith(one));
    }
    case 'ends with': {
      const values = test.values.map(folded);
      return (value) => values.some((one) => folded(value).endsWith(one));
    }
    case 'matches': {
      const pattern = compilePattern(test.pattern);
      return (value) => pattern.test(value);
    }
    case 'exists':
      return () => true;
  }
}

/** The values that are set, without the white space around them. */
function valuesOf(person: Person, attribute: RuleAttribute): string[] {
  const value = attribute === 'mailDomain' ? domainOf(person.mail) : person[attribute];
  const values: readonly (string | null)[] = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => {
    const text = one?.trim() ?? '';
    return text === '' ? [] : text;
  });
}

function domainOf(address: string | null): string | null {
  const at = address?.lastIndexOf('@') ?? -1;
  return address === null || at < 0 ? null : address.slice(at + 1);
}

function folded(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}
