import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/kit/config/file.ts';
import { MINIMAL, problemsOf, read } from './config-fixture.ts';

const id = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const fits = new Ajv({ strict: false }).compile(configJsonSchema());

const withSource = (source: string): string => MINIMAL.replace(/source: .*/, `source: ${source}`);
const withTarget = (target: string): string => MINIMAL.replace(/target: .*/, `target: ${target}`);
const where = (rule: string): string => withSource(`{ where: ${rule} }`);

const tested = (attribute: string, how: object): object => ({ kind: 'test', attribute, test: how });
const isOneOf = (...values: string[]): object => ({ kind: 'in', values });

function jobIn(text: string): unknown {
  // Whatever the program takes, the editor's schema takes as well.
  expect([fits(parse(text)), fits.errors]).toEqual([true, null]);
  return read(text).jobs[0];
}

function sourceIn(text: string): unknown {
  return (jobIn(withSource(text)) as { source: unknown }).source;
}

describe('who is shown', () => {
  test('by groups alone, as ever', () => {
    expect(jobIn(MINIMAL)).toMatchObject({
      source: { groups: [id] },
      target: { kind: 'licensed' },
      ownContact: false,
    });
  });

  test('with all there is', () => {
    const source = `{ groups: [${id}], users: [${id}], where: { department: Sales }, include: [guests, hidden], except: { users: [${id}], where: { city: { exists: false } } } }`;
    const department = { kind: 'test', attribute: 'department', test: { kind: 'in', values: ['Sales'] } };
    const city = { kind: 'not', rule: { kind: 'test', attribute: 'city', test: { kind: 'exists' } } };
    expect(jobIn(withSource(source))).toMatchObject({
      source: {
        groups: [id],
        users: [id],
        where: department,
        include: ['guests', 'hidden'],
        except: { users: [id], where: city },
      },
    });
  });
});

describe('further sources by choice', () => {
  test('administrative units, wherever people are chosen', () => {
    const units = `{ administrativeUnits: [${id}] }`;
    const all = withSource(`{ administrativeUnits: [${id}], except: ${units} }`).replace(
      /target: .*/,
      `target: { mailboxes: ${units}, except: ${units} }`,
    );
    const chosen = { administrativeUnits: [id] };
    expect(jobIn(all)).toMatchObject({
      source: { ...chosen, except: chosen },
      target: { kind: 'chosen', ...chosen, except: chosen },
    });
  });

  test('contacts of the organisation, all or some, beside users or alone', () => {
    expect(sourceIn('{ orgContacts: true }')).toEqual({ orgContacts: {} });
    expect(sourceIn(`{ groups: [${id}], orgContacts: false }`)).toEqual({ groups: [id] });
    expect(
      sourceIn(`{ groups: [${id}], orgContacts: { groups: [${id}], where: { companyName: A } } }`),
    ).toEqual({
      groups: [id],
      orgContacts: { groups: [id], where: tested('companyName', isOneOf('A')) },
    });
  });
});

describe('who receives', () => {
  test('a pilot with exceptions', () => {
    expect(
      jobIn(withTarget(`{ mailboxes: licensed, except: { groups: [${id}] }, first: 25 }`)),
    ).toMatchObject({
      target: { kind: 'licensed', except: { groups: [id] }, first: 25 },
    });
    expect(jobIn(withTarget('{ mailboxes: { where: { country: DE } } }'))).toMatchObject({
      target: { kind: 'chosen', where: { kind: 'test', attribute: 'country' } },
    });
  });
});

describe('rules', () => {
  test.each([
    ['{ department: Sales }', tested('department', isOneOf('Sales'))],
    ['{ department: [Sales, IT] }', tested('department', isOneOf('Sales', 'IT'))],
    ['{ department: { is: Sales } }', tested('department', isOneOf('Sales'))],
    ['{ department: { is not: Sales } }', { kind: 'not', rule: tested('department', isOneOf('Sales')) }],
    ['{ department: { in: [A, B] } }', tested('department', isOneOf('A', 'B'))],
    ['{ department: { not in: [A, B] } }', { kind: 'not', rule: tested('department', isOneOf('A', 'B')) }],
    ['{ mail: { starts with: a } }', tested('mail', { kind: 'starts with', values: ['a'] })],
    ['{ mail: { ends with: [a, b] } }', tested('mail', { kind: 'ends with', values: ['a', 'b'] })],
    ['{ mail: { matches: "^a" } }', tested('mail', { kind: 'matches', pattern: '^a' })],
    ['{ extensionAttribute15: { exists: true } }', tested('extensionAttribute15', { kind: 'exists' })],
    [
      '{ country: DE, city: Bonn }',
      { kind: 'all', rules: [tested('country', isOneOf('DE')), tested('city', isOneOf('Bonn'))] },
    ],
    [
      '{ any: [{ country: DE }, { not: { city: Bonn } }] }',
      {
        kind: 'any',
        rules: [tested('country', isOneOf('DE')), { kind: 'not', rule: tested('city', isOneOf('Bonn')) }],
      },
    ],
  ])('%s', (text, rule) => {
    expect(jobIn(where(text))).toMatchObject({ source: { where: rule } });
  });

  test.each([
    ['{ departmnt: A }', 'departmnt: unknown key: did you mean department?'],
    ['{ department: { start with: A } }', 'department.start with: unknown key: did you mean starts with?'],
    ['{ department: { is: A, in: [B] } }', 'department: expected a map with one of is, is not, in, '],
    ['{ department: [] }', 'department: expected a list of 1 or more'],
    ['{ postalCode: 12345 }', 'postalCode: expected a text (a number in quotes), found a number'],
    ['{ department: " " }', 'department: expected a text (a number in quotes)'],
    ['{ department: { exists: "yes" } }', 'department.exists: expected true or false, found text'],
    [
      '{ department: { matches: "(a+)+" } }',
      'department.matches: a repetition of something that itself repeats',
    ],
    ['{ department: { matches: "[" } }', 'department.matches: expected a regular expression'],
    ['{ any: { department: A } }', 'any: expected a list of 1 or more'],
    ['{}', ': expected a map of attributes, or of all, any, not'],
    ['[]', ': expected a map of attributes, or of all, any, not'],
  ])('%s is a problem', (text, problem) => {
    const problems = problemsOf(where(text));
    expect(problems).toHaveLength(1);
    const place = problem.startsWith(':') ? 'jobs.staff.source.where' : 'jobs.staff.source.where.';
    expect(problems[0]).toContain(`10 ${place}${problem}`);
  });

  test('that contain themselves come to an end', () => {
    expect(problemsOf(where('&rule { not: *rule }'))).toEqual([
      expect.stringMatching(/rules may stand in one another 8 deep/),
    ]);
  });
});

const SOURCE_EXPECTED =
  'expected a map with one or more of groups, administrativeUnits, users, where, orgContacts, mailGroups';

test.each([
  ['{}', `jobs.staff.source: ${SOURCE_EXPECTED}`],
  ['{ include: [guests] }', `jobs.staff.source: ${SOURCE_EXPECTED}`],
  ['{ orgContacts: false }', `jobs.staff.source: ${SOURCE_EXPECTED}`],
  [
    '{ mailGroups: { where: { city: A } } }',
    'jobs.staff.source.mailGroups.where: a group has no city: expected displayName, mail, mailDomain, mailNickname, proxyAddresses',
  ],
  ['{ mailGroups: {} }', 'jobs.staff.source.mailGroups: expected true, false, or a map with where'],
  ['{ mailGroups: all }', 'jobs.staff.source.mailGroups: expected true, false, or a map with where'],
  [
    '{ mailGroups: true }',
    'jobs.staff.tenant: groups are shown as contacts in another tenant alone: kind: cross-tenant',
  ],
  ['{ orgContacts: {} }', 'jobs.staff.source.orgContacts: expected true, false, or a map with groups, where'],
  [
    '{ orgContacts: all }',
    'jobs.staff.source.orgContacts: expected true, false, or a map with groups, where',
  ],
  [
    '{ orgContacts: { users: [a] } }',
    'jobs.staff.source.orgContacts.users: unknown key: expected one of groups, where',
  ],
  [
    '{ orgContacts: { where: { any: [{ city: A }, { not: { employeeType: B } }] } } }',
    'jobs.staff.source.orgContacts.where: a contact of the organisation has no employeeType: expected displayName, ',
  ],
  [
    `{ groups: [${id}], except: {} }`,
    'jobs.staff.source.except: expected a map with one or more of groups, administrativeUnits, users, where',
  ],
  [
    `{ groups: [${id}], include: [guest] }`,
    'jobs.staff.source.include.1: expected one of guests, disabled, ',
  ],
])('the source %s is a problem', (text, problem) => {
  expect(problemsOf(withSource(text))).toEqual([expect.stringContaining(problem)]);
});

test('the job that the example file shows behind comment signs is taken, too', () => {
  const example = readFileSync(new URL('../../deploy/contact-sync.example.yaml', import.meta.url), 'utf8');
  const commented = /^ {2}# customers-team:\n(?: {2}# .*\n)+/m.exec(example)?.[0] ?? '';
  const job = commented.replaceAll(/^ {2}# /gm, '  ').replaceAll('[...]', `[${id}]`);
  const config = read(MINIMAL + job);
  expect(config.jobs.map((one) => one.id)).toEqual(['staff', 'customers-team']);
  expect(config.jobs[1]).toMatchObject({
    source: {
      groups: [id],
      administrativeUnits: [id],
      users: [id],
      orgContacts: { groups: [id], where: { kind: 'test', attribute: 'companyName' } },
      where: { kind: 'all' },
      except: { groups: [id] },
      include: ['guests'],
    },
    target: { kind: 'chosen', except: { users: [id] } },
  });
});
