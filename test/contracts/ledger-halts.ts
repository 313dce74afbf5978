import { describe, expect, test } from 'vitest';
import type { HaltMode, HaltRecord, HaltScope } from '../../src/engine/ledger-books.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { roundWanted } from '../../src/engine/turn.ts';
import { change, join, placeOf, saveRoute, TENANT } from './ledger-setup.ts';

const ALL: HaltScope = { kind: 'all' };
const JOB: HaltScope = { kind: 'job', name: 'staff' };
const halt = (scope: HaltScope, mode: HaltMode = 'paused', since = 5): HaltRecord => ({ scope, mode, since });
const stopped = async (ledger: Ledger) => Object.fromEntries(await ledger.halts.ofRoutes());

export function haltsContract(fresh: () => Promise<Ledger>): void {
  describe('halts', () => {
    test('of all, of a tenant on either side, or of a job, stop the routes that they name', async () => {
      const ledger = await fresh();
      const { halts } = ledger;
      await saveRoute(ledger, 'staff');
      await saveRoute(ledger, 'sales', { job: 'sales', targetTenant: 'fabrikam' });
      const scopes: [HaltScope, readonly string[]][] = [
        [ALL, ['sales', 'staff']],
        [{ kind: 'tenant', name: TENANT }, ['sales', 'staff']],
        [{ kind: 'tenant', name: 'fabrikam' }, ['sales']],
        [JOB, ['staff']],
        [{ kind: 'job', name: 'unknown' }, []],
      ];
      for (const [scope, routes] of scopes) {
        await halts.set(halt(scope));
        expect([...(await halts.ofRoutes()).keys()].toSorted(), JSON.stringify(scope)).toEqual(routes);
        expect(await halts.all()).toEqual([halt(scope)]);
        expect(await halts.lift(scope)).toBe(true);
        expect(await halts.lift(scope)).toBe(false);
      }
    });

    test('keep their time, and one scope says nothing about another', async () => {
      const ledger = await fresh();
      await saveRoute(ledger);
      await ledger.halts.set(halt(ALL));
      await ledger.halts.set(halt(ALL, 'paused', 9));
      await ledger.halts.set(halt(JOB, 'paused', 7));
      expect(await ledger.halts.all()).toEqual([halt(ALL), halt(JOB, 'paused', 7)]);
      await ledger.halts.lift(JOB);
      expect(await stopped(ledger)).toEqual({ staff: 'paused' });
      await ledger.halts.set(halt(JOB));
      await ledger.halts.lift(ALL);
      expect(await ledger.halts.all()).toEqual([]);
    });

    test('a revert goes on through a pause of its job, stops at the next one, and no lifting of all ends it', async () => {
      const ledger = await fresh();
      await saveRoute(ledger);
      await ledger.halts.set(halt(JOB));
      await ledger.halts.set(halt(JOB, 'reverting'));
      expect(await stopped(ledger)).toEqual({ staff: 'reverting' });
      await ledger.halts.set(halt(JOB));
      expect(await stopped(ledger)).toEqual({ staff: 'paused' });
      await ledger.halts.lift(ALL);
      expect(await stopped(ledger)).toEqual({ staff: 'reverting' });
    });

    test('a job that is taken up again keeps its places, and asks for a round over everybody', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger), await saveRoute(ledger, 'two', { job: 'two' })];
      const [place, other] = [await join(ledger, one, 'ann'), await join(ledger, two, 'ann')];
      for (const { key } of [one, two]) await ledger.places.leaveAll(key);
      await change(ledger, place, { filled: true, cursor: 7, adopted: true });
      await ledger.halts.set(halt(JOB));
      await ledger.halts.lift(JOB);
      expect(await placeOf(ledger, place)).toMatchObject({ state: 'leaving' });
      await ledger.halts.set(halt(JOB, 'reverting'));
      expect(await ledger.counters.read(roundWanted(TENANT))).toBe(0);
      await ledger.halts.lift(JOB);
      expect(await ledger.counters.read(roundWanted(TENANT))).toBeGreaterThan(0);
      // What was adopted is released by now: it is looked for once more.
      const anew = { state: 'active', filled: false, cursor: 0, adopted: false };
      expect(await placeOf(ledger, place)).toMatchObject(anew);
      expect(await placeOf(ledger, other)).toMatchObject({ state: 'leaving' });
      expect(await ledger.places.count(one.key)).toBe(1);
    });

    test('a job that is taken up again adds to what asks for a round, so that none under way answers for it', async () => {
      const ledger = await fresh();
      await saveRoute(ledger, 'there', { targetTenant: 'fabrikam' });
      const wanted = async (): Promise<number[]> =>
        Promise.all([TENANT, 'fabrikam'].map((tenant) => ledger.counters.read(roundWanted(tenant))));
      const asks = async (): Promise<void> => {
        await ledger.halts.set(halt(JOB, 'reverting'));
        await ledger.halts.lift(JOB);
      };
      await asks();
      expect(await wanted()).toEqual([1, 1]);
      await ledger.counters.add(roundWanted(TENANT), 1);
      await asks();
      expect(await wanted()).toEqual([3, 2]);
    });
  });
}
