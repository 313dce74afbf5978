import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULE_ATTRIBUTES } from '../../src/kit/config/rule-attributes.ts';
import type { RuleConfig, TestConfig } from '../../src/kit/config/rules.ts';
import { attributesIn, compileRule } from '../../src/jobs/rules.ts';
import { LIST_ATTRIBUTES, TEXT_ATTRIBUTES } from '../../src/model/person.ts';
import { somebody } from './person-fixture.ts';

type Attribute = (typeof RULE_ATTRIBUTES)[number];

const rule = (attribute: Attribute, tested: TestConfig): RuleConfig => ({
  kind: 'test',
  attribute,
  test: tested,
});
const isOneOf = (...values: string[]): TestConfig => ({ kind: 'in', values });
const startsWith = (...values: string[]): TestConfig => ({ kind: 'starts with', values });
const endsWith = (...values: string[]): TestConfig => ({ kind: 'ends with', values });
const matches = (pattern: string): TestConfig => ({ kind: 'matches', pattern });
const exists: TestConfig = { kind: 'exists' };

const ann = somebody({
  department: ' Sales ',
  city: 'Cafe\u0301 Town',
  country: '',
  businessPhones: ['+1 425 555 0100', '+49 30 1234'],
  proxyAddresses: ['SMTP:ann.doe@contoso.com', 'smtp:ann@fabrikam.com'],
  onPremisesDistinguishedName: 'CN=Ann Doe,OU=Sales,OU=Staff,DC=contoso,DC=com',
  extensionAttribute7: 'Show',
});

describe('a test over an attribute', () => {
  test.each<[string, Attribute, TestConfig, boolean]>([
    [
      'in: the same in another case, without the white space around',
      'department',
      isOneOf('IT', 'sales'),
      true,
    ],
    ['in: another', 'department', isOneOf('Sale', 'Sales North'), false],
    ['in: letters composed in another way', 'city', isOneOf('CAFÉ town'), true],
    ['starts with', 'department', startsWith('sa'), true],
    ['starts with: one of several', 'mobilePhone', startsWith('+49', '+43'), false],
    [
      'ends with: an organisational unit',
      'onPremisesDistinguishedName',
      endsWith(',ou=staff,dc=contoso,dc=com'),
      true,
    ],
    [
      'ends with: another unit',
      'onPremisesDistinguishedName',
      endsWith(',OU=Externals,DC=contoso,DC=com'),
      false,
    ],
    ['matches', 'mail', matches('^ann\\..+@contoso'), true],
    ['matches: anchored', 'mail', matches('^doe'), false],
    ['exists', 'department', exists, true],
    ['exists: not set', 'companyName', exists, false],
    ['exists: empty', 'country', exists, false],
    ['of a list, one is enough', 'businessPhones', startsWith('+49'), true],
    ['of a list, one is enough, also at the end', 'proxyAddresses', endsWith('@fabrikam.com'), true],
    ['exists: an empty list', 'otherMails', exists, false],
    ['an extension attribute', 'extensionAttribute7', isOneOf('show'), true],
    ['the domain of the address', 'mailDomain', isOneOf('contoso.com'), true],
    ['the domain, not its end', 'mailDomain', isOneOf('com'), false],
    ['the kind of account', 'userType', isOneOf('member'), true],
    ['a missing value passes no test', 'companyName', isOneOf('Contoso'), false],
    ['a missing value passes no test, not even of everything', 'companyName', matches('.*'), false],
  ])('%s', (...row) => {
    const [, attribute, tested, passes] = row;
    expect(compileRule(rule(attribute, tested))(ann)).toBe(passes);
    expect(compileRule({ kind: 'not', rule: rule(attribute, tested) })(ann)).toBe(!passes);
  });

  test('somebody without an address has no domain', () => {
    expect(compileRule(rule('mailDomain', exists))(somebody({ mail: null }))).toBe(false);
  });
});

describe('rules of rules', () => {
  const attributes = fc.constantFrom<Attribute>('department', 'companyName', 'mailDomain', 'businessPhones');
  const tested = fc.oneof(
    fc.constant(exists),
    fc.constantFrom(
      isOneOf('Sales', 'contoso.com'),
      startsWith('+49', 'c'),
      endsWith('s', '0'),
      matches('o'),
    ),
  );
  const { any: anyRule } = fc.letrec<{ any: RuleConfig }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.record({ kind: fc.constant('test' as const), attribute: attributes, test: tested }),
      fc.record({ kind: fc.constant('not' as const), rule: tie('any') }),
      fc.record({
        kind: fc.constantFrom('all' as const, 'any' as const),
        rules: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
      }),
    ),
  }));
  const text = fc.option(fc.constantFrom('', ' ', 'Sales', 'Costs', 'contoso.com'));
  const people = fc
    .record({
      department: text,
      companyName: text,
      mail: fc.option(fc.constantFrom('a@contoso.com', 'a@b', 'a')),
      businessPhones: fc.array(fc.constantFrom('', '+49 1', '100'), { maxLength: 2 }),
    })
    .map(somebody);

  test('all and any mirror one another: not all is any not', () => {
    let [yes, no] = [0, 0];
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 3 }), people, (rules, person) => {
        const holds = compileRule({ kind: 'not', rule: { kind: 'all', rules } })(person);
        const mirrored = rules.map((one): RuleConfig => ({ kind: 'not', rule: one }));
        expect(compileRule({ kind: 'any', rules: mirrored })(person)).toBe(holds);
        if (holds) yes += 1;
        else no += 1;
      }),
    );
    expect([yes > 10, no > 10]).toEqual([true, true]);
  });

  test('only what the rule names is looked at', () => {
    fc.assert(
      fc.property(anyRule, people, (one, person) => {
        const reads = new Set<string>(attributesIn(one));
        const blank = { department: null, companyName: null, mail: null, businessPhones: [] };
        const kept = Object.fromEntries(Object.entries(blank).filter(([name]) => !reads.has(name)));
        expect(compileRule(one)({ ...person, ...kept })).toBe(compileRule(one)(person));
      }),
    );
  });
});

test('every attribute that a rule may name is one that a person has', () => {
  const known = new Set<string>([...TEXT_ATTRIBUTES, ...LIST_ATTRIBUTES]);
  const derived = RULE_ATTRIBUTES.filter((name) => !known.has(name));
  expect(derived).toEqual(['mailDomain', 'userType']);
  for (const name of RULE_ATTRIBUTES) {
    const reads = attributesIn(rule(name, exists));
    expect(reads).toEqual(name === 'mailDomain' ? ['mail'] : name === 'userType' ? [] : [name]);
  }
});
