import { describe, expect, test } from 'vitest';
import { MINIMAL, problemsOf } from './config-fixture.ts';

test('all problems are told at once, each with its line, its key and what was expected', () => {
  const text = `tenants:
  Contoso:
    tenantId: 1111
    clientID: 3f2504e0-4f89-41d3-9a0c-0305e82c3301
    cloud: globl
    credential: { certificate: 7 }
jobs:
  staff:
    kind: mirrored
    tenant: contoso
    source: { groups: [] }
    target: { mailboxes: { user: [] } }
    folder: " "
    guard: { count: 1.5, percent: 101 }
dta: ./data
sweep: { at: "24:00", timeZone: "+01:00" }
limits: { concurrency: 0 }
timing: { secondLook: [1m] }
log: { level: loud }
`;
  const places = problemsOf(text).map((problem) => problem.slice(0, problem.indexOf(': ')));
  expect(places).toEqual([
    '2 tenants.Contoso',
    '3 tenants.Contoso.tenantId',
    '4 tenants.Contoso.clientID',
    '5 tenants.Contoso.cloud',
    '6 tenants.Contoso.credential.certificate',
    '9 jobs.staff.kind',
    '11 jobs.staff.source.groups',
    '12 jobs.staff.target.mailboxes.user',
    '13 jobs.staff.folder',
    '14 jobs.staff.guard.count',
    '14 jobs.staff.guard.percent',
    '15 dta',
    '16 sweep.at',
    '16 sweep.timeZone',
    '17 limits.concurrency',
    '18 timing.secondLook',
    '19 log.level',
  ]);
});

test.each([
  ['a near miss of a key', 'folder:', 'foldr:', '12 jobs.staff.foldr: unknown key: did you mean folder?'],
  [
    'two letters swapped',
    'tenant: contoso',
    'tenant: contsoo',
    '9 jobs.staff.tenant: no such tenant in this file: did you mean contoso?',
  ],
  [
    'a near miss of a word',
    'licensed',
    'licenced',
    '11 jobs.staff.target.mailboxes: expected the word licensed; did you mean licensed?',
  ],
  [
    'a far miss of a tenant',
    'tenant: contoso',
    'tenant: fabrikam',
    '9 jobs.staff.tenant: no such tenant in this file: expected one of contoso',
  ],
  [
    'a wrong kind of value',
    'Company Directory',
    '[a]',
    '12 jobs.staff.folder: expected a folder name of 1 to 128 characters, found a list of 1',
  ],
  [
    'an empty value',
    'Company Directory',
    '',
    '12 jobs.staff.folder: expected a folder name of 1 to 128 characters, found nothing',
  ],
  [
    'a target that chooses nobody',
    'mailboxes: licensed',
    'mailboxes: {}',
    '11 jobs.staff.target.mailboxes: expected a map with one or more of groups, administrativeUnits, users, where',
  ],
])('%s', (...row) => {
  const [, from, to, expected] = row;
  expect(problemsOf(MINIMAL.replace(from, to))).toEqual([expected]);
});

test('two jobs of one tenant with one folder, in whatever case, are refused in one line', () => {
  const second = MINIMAL.slice(MINIMAL.indexOf('    kind:')).replace(
    'Company Directory',
    'company DIRECTORY',
  );
  expect(problemsOf(`${MINIMAL}  sales:\n${second}`)).toEqual([
    '18 jobs.sales.folder: the job staff of the same tenant has a folder of this name: give each its own',
  ]);
  expect(problemsOf(`${MINIMAL}  sales:\n${second.replace('company', 'Sales')}`)).toEqual([]);
});

test('a key far from every known one lists them', () => {
  expect(problemsOf(`${MINIMAL}colour: blue\n`)).toEqual([
    expect.stringMatching(
      /^13 colour: unknown key: expected one of tenants, jobs, notifications, queue, ledger, /,
    ),
  ]);
});

test('a tenant twice under two names would make notifications ambiguous', () => {
  const twin = MINIMAL.replace(
    'jobs:',
    `  twin:
    tenantId: 7B2F9C1E-53d4-4e0a-9a61-0d9b5d0f1a11
    clientId: C0A8F3D2-6F57-4B8E-8A3C-94F1F0B7E822
    credential: { certificate: ./contoso.pem }
jobs:`,
  );
  expect(problemsOf(twin)).toEqual([expect.stringMatching(/^7 tenants\.twin\.tenantId: another tenant/)]);
});

describe('YAML itself', () => {
  test.each([
    ['a tab', 'jobs:\n\tstaff: 1', 2],
    ['a key twice', 'data: a\ndata: b', 2],
    ['an open quote', 'data: "a', 1],
    ['two documents', 'data: a\n---\ndata: b', 2],
    ['a tag', 'data: !secret a', 1],
    ['a tag of YAML 1.1', 'data: !!timestamp 2026-11-20', 1],
  ])('%s is a problem with a line', (_name, text, line) => {
    const [first] = problemsOf(text);
    expect(first).toMatch(new RegExp(`^${line} : `));
  });

  test('an alias without its anchor is a problem of its place', () => {
    expect(problemsOf(`${MINIMAL}data: *a\n`)).toEqual([
      '13 data: expected a path, found an alias to nothing',
    ]);
  });

  test('aliases are followed, circles end', () => {
    const alias = MINIMAL.replace('[5d1f', '&all [5d1f').replace(
      'mailboxes: licensed',
      'mailboxes: { groups: *all }',
    );
    expect(problemsOf(alias)).toEqual([]);
    expect(problemsOf('tenants: &t\n  a: *t\njobs: *t').length).toBeGreaterThan(1);
  });

  test('02:00 without quotes is still a time, whatever YAML version the file claims', () => {
    expect(problemsOf(`${MINIMAL}sweep: { at: 02:00 }\n`)).toEqual([]);
    expect(problemsOf(`%YAML 1.1\n---\n${MINIMAL}sweep: { at: 02:00 }\n`)).toEqual([]);
  });
});
