import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { deleted, difference, drain, groupsOf, round, tracking } from './ledger-groups.ts';
import { TENANT } from './ledger-setup.ts';

export function membershipsContract(fresh: () => Promise<Ledger>): void {
  describe('memberships', () => {
    test('are known at any depth, for everybody who is asked about', async () => {
      const ledger = await tracking(await fresh(), { A: 'aB', B: 'bC', C: 'cab', D: 'd' });
      const groups = await ledger.memberships.groupsOf(TENANT, ['a', 'b', 'c', 'd', 'x']);
      const shown = Object.fromEntries(Array.from(groups, ([id, set]) => [id, [...set].toSorted().join('')]));
      expect(shown).toEqual({ a: 'ABC', b: 'ABC', c: 'ABC', d: 'D', x: '' });
      expect(await ledger.memberships.groupsOf('fabrikam', ['a'])).toEqual(new Map([['a', new Set()]]));
    });

    test('end in cycles, also when a group contains itself', async () => {
      const ledger = await tracking(await fresh(), { A: 'aBA', B: 'bC', C: 'cA' });
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
      const ledger = await tracking(await fresh(), { A: 'BC', B: 'D', C: 'D', D: 'd' });
      expect(await groupsOf(ledger, 'd')).toBe('ABCD');
      await ledger.memberships.apply(round('A', [difference('A', '', 'B')]));
      expect(await groupsOf(ledger, 'd')).toBe('ABCD');
      expect(await drain(ledger)).toEqual([]);
      await ledger.memberships.apply(round('A', [difference('A', '', 'C')]));
      expect(await groupsOf(ledger, 'd')).toBe('BCD');
      expect(await drain(ledger)).toEqual(['d']);
    });

    test('affect everybody below a nested group that joins or leaves', async () => {
      const ledger = await tracking(await fresh(), { A: 'a', B: 'bC', C: 'c' });
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
      const ledger = await tracking(await fresh(), { A: 'a' });
      expect(await ledger.memberships.apply(round('A', [difference('A', 'Nb')]))).toMatchObject({
        affected: 1,
        nested: 1,
      });
      expect(await drain(ledger)).toEqual(['N', 'b']);
      expect(await ledger.memberships.tracked(TENANT)).toEqual([
        { group: 'A', kind: 'group', bundle: 'b1' },
        { group: 'N', kind: 'group', bundle: null },
      ]);
      const first = round('N', [difference('N', 'n')], { full: true, bundle: 'b2' });
      expect(await ledger.memberships.apply(first)).toMatchObject({ affected: 1, nested: 0 });
      expect(await groupsOf(ledger, 'n')).toBe('AN');
      expect(await drain(ledger)).toEqual(['n']);
    });

    test('that are told again are no change; the last word of a round counts', async () => {
      const ledger = await tracking(await fresh(), { A: 'ab' });
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
      const ledger = await tracking(await fresh(), { A: 'abB', B: 'b', C: 'c' });
      const full = round('AB', [difference('A', 'a'), difference('A', 'x')], { full: true });
      expect(await ledger.memberships.apply(full)).toMatchObject({ affected: 2, nested: 0 });
      expect(await drain(ledger)).toEqual(['b', 'x']);
      expect([await groupsOf(ledger, 'a'), await groupsOf(ledger, 'b'), await groupsOf(ledger, 'c')]).toEqual(
        ['A', '', 'C'],
      );
    });

    test('of a deleted group end; what it says after coming back holds', async () => {
      const ledger = await tracking(await fresh(), { A: 'aB', B: 'bc' });
      await ledger.memberships.apply(round('B', [deleted('B')]));
      expect(await drain(ledger)).toEqual(['b', 'c']);
      expect(await groupsOf(ledger, 'b')).toBe('');
      await ledger.memberships.apply(round('B', [deleted('B'), difference('B', 'b')]));
      expect(await drain(ledger)).toEqual(['b']);
      expect(await groupsOf(ledger, 'b')).toBe('AB');
    });

    test('of groups that are not tracked are passed over, and tenants are apart', async () => {
      const ledger = await tracking(await fresh(), { A: 'a' });
      expect(await ledger.memberships.apply(round('Z', [difference('Z', 'z')]))).toMatchObject({
        affected: 0,
        nested: 0,
      });
      expect(await groupsOf(ledger, 'z')).toBe('');
      await ledger.memberships.track('fabrikam', ['A'], 'group');
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
      const ledger = await tracking(await fresh(), { A: 'a' });
      await ledger.memberships.apply(round('A', [], { token: 'next', at: 9 }));
      expect(await ledger.tokens.read(TENANT, 'b1')).toEqual({ current: 'next', previous: 't', at: 9 });
      await ledger.memberships.track(TENANT, ['A', 'B', 'B'], 'group');
      expect(await ledger.memberships.tracked(TENANT)).toEqual([
        { group: 'A', kind: 'group', bundle: 'b1' },
        { group: 'B', kind: 'group', bundle: null },
      ]);
    });

    test('of contacts are kept at any depth, and announced where contacts are shown', async () => {
      const ledger = await tracking(await fresh(), { A: 'aN', N: 'n' });
      const joined = [{ id: 'c', kind: 'contact' }] as const;
      const join = { ...difference('N', ''), joined };
      expect(await ledger.memberships.apply(round('N', [join]))).toMatchObject({ affected: 0 });
      expect([await drain(ledger), await groupsOf(ledger, 'c')]).toEqual([[], 'AN']);
      // What lies above them is theirs as much as anybody's.
      const part = round('A', [difference('A', '', 'N')], { contacts: true });
      expect(await ledger.memberships.apply(part)).toMatchObject({ affected: 2 });
      expect([await drain(ledger), await groupsOf(ledger, 'c')]).toEqual([['c', 'n'], 'N']);
      const leave = round('N', [difference('N', '', 'c')], { contacts: true });
      expect(await ledger.memberships.apply(leave)).toMatchObject({ affected: 1 });
      expect([await drain(ledger), await groupsOf(ledger, 'c')]).toEqual([['c'], '']);
    });

    test('of units are told from those of groups; what was taken for another kind is read anew', async () => {
      const ledger = await tracking(await fresh(), { A: 'a' });
      await ledger.memberships.track(TENANT, ['U'], 'unit');
      await ledger.memberships.apply(round('U', [difference('U', 'u')], { full: true, bundle: 'b2' }));
      expect(await ledger.memberships.tracked(TENANT)).toEqual([
        { group: 'A', kind: 'group', bundle: 'b1' },
        { group: 'U', kind: 'unit', bundle: 'b2' },
      ]);
      await ledger.memberships.track(TENANT, ['A', 'U'], 'unit');
      expect(await ledger.memberships.tracked(TENANT)).toEqual([
        { group: 'A', kind: 'unit', bundle: null },
        { group: 'U', kind: 'unit', bundle: 'b2' },
      ]);
      expect([await groupsOf(ledger, 'a'), await groupsOf(ledger, 'u')]).toEqual(['A', 'U']);
    });

    test('of groups out of reach are forgotten, with the token of a bundle that is empty', async () => {
      const ledger = await tracking(await fresh(), { A: 'B', B: 'b' });
      await ledger.memberships.track(TENANT, ['C', 'D'], 'group');
      await ledger.memberships.apply(round('C', [difference('C', 'cD')], { full: true, bundle: 'b2' }));
      await ledger.memberships.track('fabrikam', ['C'], 'group');
      await ledger.memberships.prune(TENANT, ['A']);
      expect((await ledger.memberships.tracked(TENANT)).map((one) => one.group)).toEqual(['A', 'B']);
      expect(await ledger.memberships.tracked('fabrikam')).toHaveLength(1);
      expect([await groupsOf(ledger, 'b'), await groupsOf(ledger, 'c')]).toEqual(['AB', '']);
      expect(await ledger.tokens.read(TENANT, 'b1')).not.toBeNull();
      expect(await ledger.tokens.read(TENANT, 'b2')).toBeNull();
    });
  });
}
