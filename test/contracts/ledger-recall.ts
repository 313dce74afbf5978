import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { saveRoute, TENANT } from './ledger-setup.ts';

export function recallContract(fresh: () => Promise<Ledger>): void {
  describe('mailboxes', () => {
    test('that hold a folder of ours get a place and a look, once', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const folder = { route: 'staff', at: 5_000 };
      expect(await ledger.mailboxes.recall(TENANT, 'ann', folder)).toBe(true);
      expect(await ledger.places.ofSlab(TENANT, 0)).toMatchObject([
        {
          owner: 'ann',
          route: route.key,
          state: 'active',
          trusted: false,
          filled: false,
          folder: null,
          attempted: 5_000,
        },
      ]);
      const look = { kind: 'user', tenant: TENANT, id: 'ann', cause: 'membership' };
      expect(await ledger.outbox.read(10)).toMatchObject([look]);
      expect(await ledger.mailboxes.recall(TENANT, 'ann', folder)).toBe(false);
      await ledger.mailboxes.leave(TENANT, 'ann', route.key);
      expect(await ledger.mailboxes.recall(TENANT, 'ann', folder)).toBe(false);
      expect(await ledger.places.ofSlab(TENANT, 0)).toMatchObject([{ owner: 'ann', state: 'leaving' }]);
      expect(await ledger.outbox.read(10)).toMatchObject([look]);
    });

    test('that hold a folder of a job nobody knows make it known as a withdrawn one', async () => {
      const ledger = await fresh();
      await saveRoute(ledger, 'there', { targetTenant: 'fabrikam' });
      expect(await ledger.mailboxes.recall(TENANT, 'ann', { route: 'phones', at: 5_000 })).toBe(true);
      const tenants = { sourceTenant: TENANT, targetTenant: TENANT };
      expect(await ledger.routes.all()).toMatchObject([
        { id: 'there', state: 'active' },
        { id: 'phones', job: 'phones', folder: 'phones', state: 'withdrawn', definition: '', ...tenants },
      ]);
      // A mark of a route into another tenant's mailboxes is no business of its own here.
      expect(await ledger.mailboxes.recall(TENANT, 'ann', { route: 'there', at: 5_000 })).toBe(false);
    });
  });
}
