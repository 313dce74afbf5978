import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { join, saveRoute, TENANT } from './ledger-setup.ts';

export function waitsContract(fresh: () => Promise<Ledger>): void {
  describe('what a mailbox asked for', () => {
    test('is known also before it joins, and after it was forgotten', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const resting = async (now: number): Promise<unknown> => [
        ...(await ledger.mailboxes.resting(TENANT, ['ann', 'bob', 'cem'], now)),
      ];
      await join(ledger, route, 'bob');
      for (const until of [5_000, 4_000, 0])
        await ledger.mailboxes.wait(TENANT, [
          { owner: 'ann', until },
          { owner: 'bob', until },
        ]);
      await ledger.mailboxes.wait('fabrikam', [{ owner: 'cem', until: 9_000 }]);
      const both = [
        ['bob', 5_000],
        ['ann', 5_000],
      ];
      expect(await resting(4_999)).toEqual(both);
      expect(await resting(5_000)).toEqual([]);
      const place = await join(ledger, route, 'ann');
      expect(await ledger.mailboxes.of(TENANT, ['ann'])).toMatchObject([{ notBefore: 5_000 }]);
      expect(await resting(4_999)).toEqual(both);
      await ledger.mailboxes.wait(TENANT, [{ owner: 'ann', until: 6_000 }]);
      await ledger.mailboxes.leave(TENANT, 'ann', route.key);
      await ledger.places.forget([place.place]);
      expect(await ledger.mailboxes.of(TENANT, ['ann'])).toEqual([]);
      expect(await resting(5_999)).toEqual([['ann', 6_000]]);
      await join(ledger, route, 'ann');
      expect(await ledger.mailboxes.of(TENANT, ['ann'])).toMatchObject([{ notBefore: 6_000 }]);
    });
  });
}
