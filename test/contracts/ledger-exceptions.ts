import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { deleted, difference, drain, groupsOf, round, tracking } from './ledger-groups.ts';
import { TENANT } from './ledger-setup.ts';

export function exceptionsContract(fresh: () => Promise<Ledger>): void {
  describe('groups that keep something back', () => {
    test('keep their members when they are gone, until every job lets go', async () => {
      const ledger = await tracking(await fresh(), { A: 'aB', B: 'b', C: 'c', D: 'd' });
      const { memberships, guard } = ledger;
      await memberships.setExceptions(TENANT, new Map([['A', ['one', 'two']]]));
      const applied = await memberships.apply(
        round('ABCD', [deleted('A'), deleted('C'), difference('D', 'd')], { full: true, at: 5 }),
      );
      const [A, B, C] = [
        { group: 'A', since: 5, keptFor: ['one', 'two'] },
        { group: 'B', since: 5, keptFor: ['one', 'two'] },
        { group: 'C', since: 5, keptFor: [] },
      ];
      // Not named by a full round is as good as deleted.
      expect(applied).toMatchObject({ affected: 1, missing: [A, B, C] });
      expect(await drain(ledger)).toEqual(['c']);
      const letGo = (): Promise<number> => memberships.letGo(TENANT, { contacts: false, at: 5 });
      await guard.approve('one', 5);
      expect([await letGo(), await memberships.missing(TENANT)]).toEqual([
        0,
        [{ ...A, keptFor: ['two'] }, { ...B, keptFor: ['two'] }, C],
      ]);
      // It is said once, and what was approved is not forgotten by another round.
      expect(await memberships.apply(round('AB', [], { full: true, at: 6 }))).toMatchObject({
        affected: 0,
        missing: [],
      });
      expect([await groupsOf(ledger, 'a'), await groupsOf(ledger, 'b')]).toEqual(['A', 'AB']);
      await guard.approve(null, 5);
      expect([await letGo(), await letGo()]).toEqual([2, 0]);
      expect(await drain(ledger)).toEqual(['a', 'b']);
      expect([await groupsOf(ledger, 'a'), await groupsOf(ledger, 'b')]).toEqual(['', '']);
    });

    test('have the members that they name when they are there again, and keep nothing for jobs that do without them', async () => {
      const ledger = await tracking(await fresh(), { A: 'ab' });
      const { memberships } = ledger;
      const lose = async (): Promise<void> => {
        await memberships.setExceptions(TENANT, new Map([['A', ['one']]]));
        await memberships.apply(round('A', [deleted('A')]));
        expect(await memberships.missing(TENANT)).toMatchObject([{ group: 'A', keptFor: ['one'] }]);
      };
      await lose();
      await memberships.apply(round('A', [difference('A', 'a')], { full: true }));
      expect(await memberships.missing(TENANT)).toEqual([]);
      expect([await groupsOf(ledger, 'a'), await groupsOf(ledger, 'b')]).toEqual(['A', '']);
      await lose();
      await memberships.setExceptions(TENANT, new Map());
      expect(await memberships.letGo(TENANT, { contacts: false, at: 5 })).toBe(1);
    });
  });
}
