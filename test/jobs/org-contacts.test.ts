import { describe, expect, test } from 'vitest';
import { directoryRoutes } from '../../src/jobs/directory.ts';
import { sourceScope, targetScope } from '../../src/jobs/scope.ts';
import type { SourceConfig, TargetConfig } from '../../src/kit/config/scope.ts';
import type { Person } from '../../src/model/person.ts';
import { isWithin } from '../../src/model/route.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { somebody } from './person-fixture.ts';

const inSales: NonNullable<SourceConfig['where']> = {
  kind: 'test',
  attribute: 'department',
  test: { kind: 'in', values: ['Sales'] },
};
const ann = somebody({ department: 'Sales' });
const memberOf: ReadonlySet<string> = new Set(['staff']);
const shows = (source: SourceConfig, person: Person): boolean =>
  isWithin(sourceScope(source).conditions, person, memberOf);
const receives = (target: TargetConfig, person: Person): boolean =>
  isWithin(targetScope(target).conditions, person, memberOf);

describe('demand 12: contacts of the organisation', () => {
  const hotline = somebody({
    kind: 'contact',
    accountEnabled: null,
    userType: null,
    licences: 0,
    givenName: null,
    surname: null,
    department: 'Sales',
  });

  test('are shown where they are asked for, and users where users are chosen', () => {
    const both = [hotline, ann];
    const shown = (source: SourceConfig): boolean[] => both.map((person) => shows(source, person));
    expect(shown({ groups: ['staff'] })).toEqual([false, true]);
    expect(shown({ where: inSales })).toEqual([false, true]);
    expect(shown({ orgContacts: {} })).toEqual([true, false]);
    expect(shown({ groups: ['staff'], orgContacts: {} })).toEqual([true, true]);
    expect(shown({ groups: ['staff'], orgContacts: { groups: ['other'] } })).toEqual([false, true]);
    expect(shown({ users: ['x'], orgContacts: { groups: ['staff'], where: inSales } })).toEqual([
      true,
      false,
    ]);
    expect(shown({ groups: ['staff'], orgContacts: {}, except: { where: inSales } })).toEqual([false, false]);
    expect(shown({ orgContacts: {}, except: { users: [hotline.id] } })).toEqual([false, false]);
  });

  test('are left out by default only where they cannot be reached', () => {
    const mute = { ...hotline, mail: null, mobilePhone: null, businessPhones: [] };
    expect(shows({ orgContacts: {} }, mute)).toBe(false);
    expect(shows({ orgContacts: {}, include: ['unreachable'] }, mute)).toBe(true);
  });

  test('own no mailbox, whoever is chosen', () => {
    expect(receives({ kind: 'chosen', groups: ['staff'] }, hotline)).toBe(false);
    expect(receives({ kind: 'chosen', users: [hotline.id] }, hotline)).toBe(false);
    expect(receives({ kind: 'licensed' }, { ...hotline, licences: 1 })).toBe(false);
  });

  test('a route says that they are asked for, and which of its groups are units', () => {
    const job = { id: 'j', kind: 'directory', tenant: 't', folder: 'F', mapping: SEED_MAPPING } as const;
    const target = { kind: 'chosen', administrativeUnits: ['u2'] } as const;
    const guard = { count: 1, percent: 1 };
    const source: SourceConfig = {
      groups: ['g'],
      administrativeUnits: ['u1'],
      orgContacts: { groups: ['c'] },
      except: { administrativeUnits: ['u3'], groups: ['e'] },
    };
    expect(directoryRoutes({ ...job, source, target, guard })).toMatchObject([
      {
        groups: { source: ['g', 'u1', 'c', 'e', 'u3'], target: ['u2'], shape: [] },
        units: ['u1', 'u3', 'u2'],
        barring: ['e', 'u3'],
        contacts: true,
      },
    ]);
    expect(directoryRoutes({ ...job, source: { users: ['x'] }, target, guard })).toMatchObject([
      { contacts: false },
    ]);
  });
});
