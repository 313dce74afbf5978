import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { subjectKey, type Failure, type Setback } from '../../src/engine/setback-book.ts';
import { join, saveRoute, TENANT } from './ledger-setup.ts';

const doubling = (times: number): number => 100 * 2 ** (times - 1);
const nowhere = { tenant: TENANT, slab: null, mailbox: null, route: null, at: 10, reason: 'why' } as const;

const look: Failure = { ...nowhere, kind: 'user', object: 'ann', causes: ['missed', 'sweep'], event: 7 };
const write: Failure = { ...nowhere, kind: 'identity', slab: 3, object: 'ann', causes: [], event: 8 };
const fill: Failure = { ...write, kind: 'fill', object: null };
const folder: Failure = { ...fill, kind: 'folder', mailbox: 'owner', route: 'staff', event: 0 };
const contact: Failure = { ...folder, kind: 'contact', object: 'bob' };
const all = [look, write, fill, folder, contact];

const names = (setbacks: readonly Setback[]): string[] => setbacks.map(subjectKey).toSorted();

export function setbacksContract(fresh: () => Promise<Ledger>): void {
  describe('setbacks', () => {
    test('count their times, keep their beginning, and say when they are tried again', async () => {
      const { setbacks } = await fresh();
      const first = { ...look, since: 10, times: 1, retryAt: 110 };
      expect(await setbacks.note([look], doubling)).toEqual([first]);
      const later = { ...look, at: 20, reason: 'another', causes: [] };
      expect(await setbacks.note([later, write], doubling)).toEqual([
        { ...later, since: 10, times: 2, retryAt: 220 },
        { ...write, since: 10, times: 1, retryAt: 110 },
      ]);
      expect(names(await setbacks.latest(1))).toEqual([subjectKey(look)]);
      expect(await setbacks.count()).toEqual(
        new Map([
          ['user', 1],
          ['identity', 1],
        ]),
      );
    });

    test('are crossed out by what they are about', async () => {
      const { setbacks } = await fresh();
      await setbacks.clear([look]);
      await setbacks.note(all, doubling);
      await setbacks.clear([look, fill, { ...contact, object: 'cem' }]);
      expect(names(await setbacks.latest(9))).toEqual([write, folder, contact].map(subjectKey).toSorted());
    });

    test('of folders and contacts are found by slab, and go with their place', async () => {
      const ledger = await fresh();
      const { setbacks, places, mailboxes } = ledger;
      const route = await saveRoute(ledger);
      const { place } = await join(ledger, route, 'owner');
      const here = [folder, contact].map((one) => ({ ...one, slab: 0 }));
      await setbacks.note([...here, { ...folder, slab: 0, mailbox: 'other' }, fill, look], doubling);
      expect(await setbacks.inSlab(TENANT, 0)).toHaveLength(3);
      expect(await setbacks.inSlab('fabrikam', 0)).toEqual([]);
      await mailboxes.leave(TENANT, 'owner', route.key);
      await places.forget([place]);
      expect((await setbacks.inSlab(TENANT, 0)).map(({ mailbox }) => mailbox)).toEqual(['other']);
      expect(await setbacks.latest(9)).toHaveLength(3);
    });

    test('come back when their rest is over: of the tenants that are asked for, and not what rests for good', async () => {
      const { setbacks } = await fresh();
      await setbacks.note([look, folder], doubling);
      await setbacks.note([write], () => 50);
      await setbacks.note([contact], () => null);
      expect(await setbacks.due([TENANT], 59, 9)).toEqual([]);
      expect(await setbacks.due(['fabrikam'], 500, 9)).toEqual([]);
      expect(await setbacks.due([], 500, 9)).toEqual([]);
      // A folder is its fill's business.
      expect((await setbacks.due([TENANT], 500, 9)).map(subjectKey)).toEqual([write, look].map(subjectKey));
      expect(await setbacks.due([TENANT], 500, 1)).toHaveLength(1);
      await setbacks.postpone([look], 501);
      expect((await setbacks.due([TENANT], 500, 9)).map(subjectKey)).toEqual([subjectKey(write)]);
    });

    test('rest no longer when somebody says so', async () => {
      const { setbacks } = await fresh();
      expect(await setbacks.retry()).toBe(0);
      await setbacks.note([look, folder], doubling);
      await setbacks.note([contact], () => null);
      expect(await setbacks.retry()).toBe(2);
      expect((await setbacks.due([TENANT], 1, 9)).map(subjectKey)).toEqual([subjectKey(look)]);
      expect(await setbacks.inSlab(TENANT, 3)).toMatchObject(
        [{ retryAt: null }, { retryAt: 0 }].toReversed(),
      );
    });

    test('rest no longer one by one, and nothing else is stirred', async () => {
      const { setbacks } = await fresh();
      await setbacks.note([look, write, fill], doubling);
      await setbacks.note([contact], () => null);
      expect(await setbacks.retry([])).toBe(0);
      expect(await setbacks.retry([{ ...look, tenant: 'fabrikam' }, contact])).toBe(0);
      expect(await setbacks.due([TENANT], 109, 9)).toEqual([]);
      expect(await setbacks.retry([look, fill])).toBe(2);
      expect(names(await setbacks.due([TENANT], 109, 9))).toEqual([look, fill].map(subjectKey).toSorted());
      expect(await setbacks.latest(9)).toMatchObject(Array.from({ length: 4 }, () => ({ times: 1 })));
    });
  });
}
