import { describe, expect, test } from 'vitest';
import type { MembershipRound } from '../../src/engine/ledger-books.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { TENANT } from './ledger-setup.ts';

type Difference = MembershipRound['differences'][number];

/** People are written small, groups large. */
function members(names: string): Difference['joined'] {
  return names.split('').map((id) => ({ id, kind: id === id.toUpperCase() ? 'group' : 'person' }));
}

function difference(group: string, joined: string, left = ''): Difference {
  return { group, gone: false, joined: members(joined), left: left.split('') };
}

function deleted(group: string): Difference {
  return { group, gone: true, joined: [], left: [] };
}

function round(
  groups: string,
  differences: Difference[],
  more: Partial<MembershipRound> = {},
): MembershipRound {
  return {
    tenant: TENANT,
    bundle: 'b1',
    groups: groups.split(''),
    full: false,
    differences,
    token: 't',
    at: 5,
    ...more,
  };
}

async function drain(ledger: Ledger): Promise<string[]> {
  const entries = await ledger.outbox.read(1_000);
  await ledger.outbox.sent(entries.map((entry) => entry.entry));
  for (const entry of entries) {
    expect(entry).toMatchObject({ tenant: TENANT, cause: 'membership', at: 5 });
    expect(entry.kind).toBe(entry.id === entry.id.toUpperCase() ? 'group' : 'user');
  }
  return entries.map((entry) => entry.id).toSorted();
}

async function groupsOf(ledger: Ledger, person: string): Promise<string> {
  const groups = await ledger.memberships.groupsOf(TENANT, [person]);
  return [...(groups.get(person) ?? ['no answer'])].toSorted().join('');
}

export function membershipsContract(fresh: () => Promise<Ledger>): void {
  /** A ledger that tracks these groups with these members, and an empty outbox. */
  async function tracking(groups: Record<string, string>): Promise<Ledger> {
    const ledger = await fresh();
    const names = Object.keys(groups);
    await ledger.memberships.track(TENANT, names);
    const differences = names.map((group) => difference(group, groups[group] ?? ''));
    await ledger.memberships.apply(round(names.join(''), differences, { full: true }));
    await drain(ledger);
    return ledger;
  }

  describe('memberships', () => {
    test('are known at any depth, for everybody who is asked about', async () => {
      const ledger = await tracking({ A: 'aB', B: 'bC', C: 'cab', D: 'd' });
      const groups = await ledger.memberships.groupsOf(TENANT, ['a', 'b', 'c', 'd', 'x']);
      const shown = Object.fromEntries(Array.from(groups, ([id, set]) => [id, [...set].toSorted().join('')]));
      expect(shown).toEqual({ a: 'ABC', b: 'ABC', c: 'ABC', d: 'D', x: '' });
      expect(await ledger.memberships.groupsOf('fabrikam', ['a'])).toEqual(new Map([['a', new Set()]]));
    });

    test('end in cycles, also when a group contains itself', async () => {
      const ledger = await tracking({ A: 'aBA', B: 'bC', C: 'cA' });
      for (const person of 'abc') expect(await groupsOf(ledger, person)).toBe('ABC');
      expect(await ledger.memberships.apply(round('C', [difference('C', '', 'A')]))).toMatchObject({
        affected: 2,
        nested: 0,
      });
      expect(await groupsOf(ledger, 'a')).toBe('A');
      expect(await drain(ledger)).toEqual(['a', 'b']);
      await ledger.memberships.prune(TENANT, ['A']);
      expect(await groupsOf(ledger, 'c')).toBe('ABC');
    });

    test('in a diamond change only for those who lose the last way', async () => {
      const ledger = await tracking({ A: 'BC', B: 'D', C: 'D', D: 'd' });
      expect(await groupsOf(ledger, 'd')).toBe('ABCD');
      await ledger.memberships.apply(round('A', [difference('A', '', 'B')]));
      expect(await groupsOf(ledger, 'd')).toBe('ABCD');
      expect(await drain(ledger)).toEqual([]);
      await ledger.memberships.apply(round('A', [difference('A', '', 'C')]));
      expect(await groupsOf(ledger, 'd')).toBe('BCD');
      expect(await drain(ledger)).toEqual(['d']);
    });

    test('affect everybody below a nested group that joins or leaves', async () => {
      const ledger = await tracking({ A: 'a', B: 'bC', C: 'c' });
      expect(await ledger.memberships.apply(round('A', [difference('A', 'B')]))).toMatchObject({
        affected: 2,
        nested: 0,
      });
      expect(await drain(ledger)).toEqual(['b', 'c']);
      // Below the group that leaves somebody joins in the very round.
      const both = [difference('A', '', 'B'), difference('C', 'x')];
      expect(await ledger.memberships.apply(round('AC', both))).toMatchObject({ affected: 3, nested: 0 });
      expect(await drain(ledger)).toEqual(['b', 'c', 'x']);
      expect(await groupsOf(ledger, 'x')).toBe('BC');
    });

    test('track a nested group that is new, and announce it', async () => {
      const ledger = await tracking({ A: 'a' });
      expect(await ledger.memberships.apply(round('A', [difference('A', 'Nb')]))).toMatchObject({
        affected: 1,
        nested: 1,
      });
      expect(await drain(ledger)).toEqual(['N', 'b']);
      expect(await ledger.memberships.tracked(TENANT)).toEqual([
        { group: 'A', bundle: 'b1' },
        { group: 'N', bundle: null },
      ]);
      const first = round('N', [difference('N', 'n')], { full: true, bundle: 'b2' });
      expect(await ledger.memberships.apply(first)).toMatchObject({ affected: 1, nested: 0 });
      expect(await groupsOf(ledger, 'n')).toBe('AN');
      expect(await drain(ledger)).toEqual(['n']);
    });

    test('that are told again are no change; the last word of a round counts', async () => {
      const ledger = await tracking({ A: 'ab' });
      const again = round('A', [difference('A', 'ab', 'x')]);
      expect(await ledger.memberships.apply(again)).toMatchObject({ affected: 0, nested: 0 });
      const pages = [
        difference('A', 'cd'),
        difference('A', 'e', 'c'),
        difference('A', '', 'a'),
        difference('A', 'a'),
      ];
      expect(await ledger.memberships.apply(round('A', pages))).toMatchObject({ affected: 2, nested: 0 });
      expect(await drain(ledger)).toEqual(['d', 'e']);
      expect(await groupsOf(ledger, 'c')).toBe('');
    });

    test('in a full round replace the members of its groups, and of no others', async () => {
      const ledger = await tracking({ A: 'abB', B: 'b', C: 'c' });
      const full = round('AB', [difference('A', 'a'), difference('A', 'x')], { full: true });
      expect(await ledger.memberships.apply(full)).toMatchObject({ affected: 2, nested: 0 });
      expect(await drain(ledger)).toEqual(['b', 'x']);
      expect([await groupsOf(ledger, 'a'), await groupsOf(ledger, 'b'), await groupsOf(ledger, 'c')]).toEqual(
        ['A', '', 'C'],
      );
    });

    test('of a deleted group end; what it says after coming back holds', async () => {
      const ledger = await tracking({ A: 'aB', B: 'bc' });
      await ledger.memberships.apply(round('B', [deleted('B')]));
      expect(await drain(ledger)).toEqual(['b', 'c']);
      expect(await groupsOf(ledger, 'b')).toBe('');
      await ledger.memberships.apply(round('B', [deleted('B'), difference('B', 'b')]));
      expect(await drain(ledger)).toEqual(['b']);
      expect(await groupsOf(ledger, 'b')).toBe('AB');
    });

    test('of groups that are not tracked are passed over, and tenants are apart', async () => {
      const ledger = await tracking({ A: 'a' });
      expect(await ledger.memberships.apply(round('Z', [difference('Z', 'z')]))).toMatchObject({
        affected: 0,
        nested: 0,
      });
      expect(await groupsOf(ledger, 'z')).toBe('');
      await ledger.memberships.track('fabrikam', ['A']);
      await ledger.memberships.apply({ ...round('A', [difference('A', 'f')]), tenant: 'fabrikam' });
      expect(await groupsOf(ledger, 'f')).toBe('');
      expect(await ledger.memberships.groupsOf('fabrikam', ['f', 'a'])).toEqual(
        new Map([
          ['f', new Set(['A'])],
          ['a', new Set()],
        ]),
      );
    });

    test('store the token of the round under its bundle, and keep groups that are tracked already', async () => {
      const ledger = await tracking({ A: 'a' });
      await ledger.memberships.apply(round('A', [], { token: 'next', at: 9 }));
      expect(await ledger.tokens.read(TENANT, 'b1')).toEqual({ current: 'next', previous: 't', at: 9 });
      await ledger.memberships.track(TENANT, ['A', 'B', 'B']);
      expect(await ledger.memberships.tracked(TENANT)).toEqual([
        { group: 'A', bundle: 'b1' },
        { group: 'B', bundle: null },
      ]);
    });

    test('of groups out of reach are forgotten, with the token of a bundle that is empty', async () => {
      const ledger = await tracking({ A: 'B', B: 'b' });
      await ledger.memberships.track(TENANT, ['C', 'D']);
      await ledger.memberships.apply(round('C', [difference('C', 'cD')], { full: true, bundle: 'b2' }));
      await ledger.memberships.track('fabrikam', ['C']);
      await ledger.memberships.prune(TENANT, ['A']);
      expect((await ledger.memberships.tracked(TENANT)).map((one) => one.group)).toEqual(['A', 'B']);
      expect(await ledger.memberships.tracked('fabrikam')).toHaveLength(1);
      expect([await groupsOf(ledger, 'b'), await groupsOf(ledger, 'c')]).toEqual(['AB', '']);
      expect(await ledger.tokens.read(TENANT, 'b1')).not.toBeNull();
      expect(await ledger.tokens.read(TENANT, 'b2')).toBeNull();
    });
  });
}
