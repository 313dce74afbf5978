import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { describe, expect, test } from 'vitest';
import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import {
  LEFT_OUT,
  type SelectionConfig,
  type SourceConfig,
  type TargetConfig,
} from '../../src/kit/config/scope.ts';
import { directoryRoutes } from '../../src/jobs/directory.ts';
import { sourceScope, targetScope } from '../../src/jobs/scope.ts';
import type { Person } from '../../src/model/person.ts';
import { isWithin } from '../../src/model/route.ts';
import { somebody } from './person-fixture.ts';

const inSales: NonNullable<SelectionConfig['where']> = {
  kind: 'test',
  attribute: 'department',
  test: { kind: 'in', values: ['Sales'] },
};
const ann = somebody({ department: 'Sales' });
const groups = (...ids: string[]): ReadonlySet<string> => new Set(ids);
const shows = (source: SourceConfig, person: Person, memberOf = groups('staff')): boolean =>
  isWithin(sourceScope(source).conditions, person, memberOf);
const receives = (target: TargetConfig, person: Person, memberOf = groups('staff')): boolean =>
  isWithin(targetScope(target).conditions, person, memberOf);

describe('demand 9: who never belongs on a phone is kept out', () => {
  const cases: readonly [(typeof LEFT_OUT)[number], Partial<Person>][] = [
    ['guests', { userType: 'Guest' }],
    ['disabled', { accountEnabled: false }],
    ['hidden', { showInAddressList: false }],
    ['unreachable', { mail: ' ', mobilePhone: null, businessPhones: [''] }],
    ['service-accounts', { licences: 0, givenName: null, surname: '' }],
  ];

  test.each(cases)('%s, unless included by name', (kind, changes) => {
    const person = somebody(changes);
    expect(shows({ groups: ['staff'] }, person)).toBe(false);
    expect(shows({ groups: ['staff'], include: [kind] }, person)).toBe(true);
    const others = LEFT_OUT.filter((one) => one !== kind);
    expect(shows({ groups: ['staff'], include: others }, person)).toBe(false);
  });

  test('every kind has a case, and an ordinary colleague is none of them', () => {
    expect(cases.map(([kind]) => kind)).toEqual([...LEFT_OUT]);
    expect(shows({ groups: ['staff'] }, ann)).toBe(true);
  });

  test.each([
    ['one number is enough', { mail: null, mobilePhone: '1' }],
    ['an address list that was never told', { showInAddressList: null }],
    ['a name without a licence', { licences: 0 }],
    ['a licence without a name', { givenName: null, surname: null }],
    ['an account that does not say whether it is enabled', { accountEnabled: null }],
  ])('but not %s', (_name, changes) => {
    expect(shows({ groups: ['staff'] }, somebody(changes))).toBe(true);
  });
});

describe('demand 9: shared mailboxes', () => {
  const source: SourceConfig = { groups: ['staff'], include: ['shared-mailboxes'] };
  const account = { accountEnabled: false, licences: 0, givenName: null, surname: null };

  test.each<[string | null, Partial<Person>, boolean]>([
    ['shared', {}, true],
    ['room', {}, false],
    [null, {}, false],
    ['shared', { showInAddressList: false }, false],
    ['shared', { mail: null }, false],
  ])('%s %o', (mailboxPurpose, changes, expected) => {
    const mailbox = somebody({ ...account, mailboxPurpose, ...changes });
    expect(shows(source, mailbox)).toBe(expected);
    expect(shows({ groups: ['staff'] }, mailbox)).toBe(false);
  });

  test('their purpose is read only by choice', () => {
    expect(sourceScope(source).reads).toContain('mailboxPurpose');
    expect(sourceScope({ ...source, include: [...LEFT_OUT] }).reads).not.toContain('mailboxPurpose');
  });
});

describe('who is shown', () => {
  test.each<[string, SourceConfig, boolean]>([
    ['in the group', { groups: ['staff'] }, true],
    ['in another group', { groups: ['others'] }, false],
    ['by name', { users: ['ann'] }, true],
    ['by name though in no group', { groups: ['others'], users: ['ann'] }, true],
    ['by rule alone', { where: inSales }, true],
    ['in the group and fitting the rule', { groups: ['staff'], where: inSales }, true],
    [
      'in the group, not fitting the rule',
      { groups: ['staff'], where: { kind: 'not', rule: inSales } },
      false,
    ],
    ['fitting the rule, in no group', { groups: ['others'], where: inSales }, false],
    ['excepted by group', { users: ['ann'], except: { groups: ['staff'] } }, false],
    ['excepted by name', { groups: ['staff'], except: { users: ['ann'] } }, false],
    ['excepted by rule', { groups: ['staff'], except: { where: inSales } }, false],
    ['excepted by one of several', { groups: ['staff'], except: { users: ['bob'], where: inSales } }, false],
    ['others are excepted', { groups: ['staff'], except: { groups: ['x'], users: ['bob'] } }, true],
  ])('%s', (_name, source, expected) => {
    expect(shows(source, ann)).toBe(expected);
  });
});

describe('who receives', () => {
  const guest = somebody({ userType: 'guest' });
  const unlicensed = somebody({ licences: 0, department: 'Sales' });
  test.each<[string, TargetConfig, Person, boolean]>([
    ['a licence', { kind: 'licensed' }, ann, true],
    ['none', { kind: 'licensed' }, unlicensed, false],
    ['a licensed guest', { kind: 'licensed' }, guest, false],
    ['a disabled owner with a licence', { kind: 'licensed' }, somebody({ accountEnabled: false }), true],
    ['somebody who is shown to nobody', { kind: 'licensed' }, somebody({ showInAddressList: false }), true],
    ['the group, with or without a licence', { kind: 'chosen', groups: ['staff'] }, unlicensed, true],
    ['a guest in the group', { kind: 'chosen', groups: ['staff'] }, guest, false],
    ['a guest by name', { kind: 'chosen', users: ['ann'] }, guest, true],
    ['by rule, with a licence', { kind: 'chosen', where: inSales }, ann, true],
    ['by rule, without one', { kind: 'chosen', where: inSales }, unlicensed, false],
    ['group narrowed by rule', { kind: 'chosen', groups: ['others'], where: inSales }, ann, false],
    ['licensed, but excepted', { kind: 'licensed', except: { where: inSales } }, ann, false],
  ])('%s', (...row) => {
    const [, target, person, expected] = row;
    expect(receives(target, person)).toBe(expected);
  });
});

describe('the definition of a job', () => {
  const job: DirectoryJobConfig = {
    id: 'staff',
    kind: 'directory',
    tenant: 'contoso',
    source: {
      groups: ['a', 'b'],
      where: inSales,
      except: { users: ['x', 'y'] },
      include: ['guests', 'hidden'],
    },
    target: { kind: 'licensed', except: { groups: ['c'] }, first: 5 },
    folder: 'Company Directory',
    mapping: SEED_MAPPING,
    guard: { count: 20, percent: 10 },
  };
  const definitionOf = (changes: Partial<DirectoryJobConfig>): string | undefined =>
    directoryRoutes({ ...job, ...changes })[0]?.definition;

  test.each<[string, Partial<DirectoryJobConfig>]>([
    ['a source group', { source: { ...job.source, groups: ['a'] } }],
    ['a source user', { source: { ...job.source, users: ['z'] } }],
    ['a rule', { source: { ...job.source, where: { kind: 'not', rule: inSales } } }],
    ['an exception', { source: { ...job.source, except: { users: ['x'] } } }],
    ['what is included', { source: { ...job.source, include: ['guests'] } }],
    ['the target', { target: { kind: 'chosen', groups: ['c'] } }],
    ['an exception of the target', { target: { kind: 'licensed', first: 5 } }],
    ['the pilot', { target: { kind: 'licensed', except: { groups: ['c'] }, first: 6 } }],
    ["one's own contact", { ownContact: true }],
    ['the tenant', { tenant: 'fabrikam' }],
  ])('changes with %s', (_name, changes) => {
    expect(definitionOf(changes)).not.toBe(definitionOf({}));
  });

  test.each<[string, Partial<DirectoryJobConfig>]>([
    [
      'the order in lists',
      {
        source: {
          include: ['hidden', 'guests'],
          except: { users: ['y', 'x'] },
          where: inSales,
          groups: ['b', 'a'],
        },
      },
    ],
    ['the folder and the guard', { folder: 'Staff', guard: { count: 1, percent: 1 } }],
    ['a default that is spelt out', { ownContact: false }],
  ])('does not change with %s', (_name, changes) => {
    expect(definitionOf(changes)).toBe(definitionOf({}));
  });

  test('asks for what its rules look at, and tracks the groups of its exceptions', () => {
    const [route] = directoryRoutes(job);
    expect(route?.reads).toEqual(expect.arrayContaining(['department', 'mail']));
    expect(route?.groups).toEqual({ source: ['a', 'b'], target: ['c'], shape: [] });
    expect(route?.barring).toEqual(['c']);
    expect(
      directoryRoutes({ ...job, source: { users: ['x'], include: ['hidden'] } })[0]?.reads,
    ).not.toContain('showInAddressList');
  });
});
