import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { seen } from '../../src/engine/seen.ts';
import { change, existing, join, linkTo, placeOf, saveRoute, show, TENANT } from './ledger-setup.ts';

export function placesContract(fresh: () => Promise<Ledger>): void {
  describe('places', () => {
    test('are updated in the members that are named, and in no other', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const [ann, bob] = [await join(ledger, route, 'ann'), await join(ledger, route, 'bob')];
      await ledger.places.update([
        { ...seen(ann), folder: 'folder-1', name: 'Company Directory', trusted: true, attempted: 77 },
        { ...seen(bob), dirty: true, filled: true, cursor: 12 },
      ]);
      await ledger.places.update([{ ...seen(ann), attempted: null }]);
      const named = { folder: 'folder-1', name: 'Company Directory', trusted: true, attempted: null };
      expect(await ledger.places.ofSlab(TENANT, 0)).toEqual([
        { ...ann, ...named },
        { ...bob, dirty: true, filled: true, cursor: 12 },
      ]);
      expect(await ledger.places.ofSlab(TENANT, 1)).toEqual([]);
    });

    test('are unfinished business until active, filled, trusted and rightly named', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const place = seen(await join(ledger, route, 'ann'));
      const unfinished = [{ tenant: TENANT, slab: 0 }];
      const right = {
        ...place,
        filled: true,
        trusted: true,
        name: 'Company Directory',
        state: 'active' as const,
      };
      expect(await ledger.places.unfilledSlabs()).toEqual(unfinished);
      await ledger.places.update([right]);
      expect(await ledger.places.unfilledSlabs()).toEqual([]);
      const wrongs = [
        { filled: false },
        { trusted: false },
        { name: 'Old' },
        { name: null },
        { state: 'leaving' as const },
      ];
      for (const wrong of wrongs) {
        await ledger.places.update([{ ...right, ...wrong }]);
        expect(await ledger.places.unfilledSlabs(), JSON.stringify(wrong)).toEqual(unfinished);
      }
      await ledger.places.update([right]);
      await saveRoute(ledger, 'staff', { folder: 'Renamed' });
      expect(await ledger.places.unfilledSlabs()).toEqual(unfinished);
    });

    test('are forgotten when they are empty, and the mailbox with the last of them', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger, 'one'), await saveRoute(ledger, 'two')];
      const [first, second] = [await join(ledger, one, 'ann'), await join(ledger, two, 'ann')];
      const [card] = await show(ledger, one, ['bob']);
      await ledger.links.save({ put: [linkTo(existing(card), first)] });
      // One that is wanted, or wanted again, stays.
      expect(await ledger.places.forget([second.place], ['forgotten'])).toBe(0);
      expect(await ledger.places.ofSlab(TENANT, 0)).toEqual([first, second]);
      for (const route of [one, two]) await ledger.places.leaveAll(route.key);
      expect(await ledger.places.count(one.key, 'leaving')).toBe(1);
      expect(await ledger.places.forget([second.place], ['forgotten', 'also'])).toBe(1);
      expect(await ledger.places.ofSlab(TENANT, 0)).toEqual([
        { ...first, state: 'leaving', epoch: first.epoch + 1 },
      ]);
      expect(await ledger.links.ofPlace(first.place, 0, 9)).toHaveLength(1);
      expect(await ledger.places.forget([first.place, second.place], ['gone', 'kept'])).toBe(1);
      expect([await ledger.counters.read('gone'), await ledger.counters.read('kept')]).toEqual([1, 1]);
      expect(await ledger.mailboxes.of(TENANT, ['ann'])).toEqual([]);
      expect(await ledger.places.forget([first.place], ['gone'])).toBe(0);
      expect(await ledger.counters.read('gone')).toBe(1);
      // With all that was known of it: a place that comes later under any key has no links.
      expect(await ledger.links.count(one.key, false)).toEqual({ right: 0, behind: 0 });
      const again = await join(ledger, one, 'ann');
      expect(await ledger.links.ofPlace(again.place, 0, 9)).toEqual([]);
    });

    test('of a route count, and all leave together', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger, 'one'), await saveRoute(ledger, 'two')];
      const places = [await join(ledger, one, 'ann'), await join(ledger, one, 'bob')];
      const other = await join(ledger, two, 'ann');
      expect(await ledger.places.count(one.key)).toBe(2);
      expect(await ledger.slabs.of(one.key)).toEqual([{ tenant: TENANT, slab: 0 }]);
      await ledger.places.update(places.map((place) => ({ ...seen(place), filled: true, cursor: 4 })));
      expect(await ledger.places.leaveAll(one.key)).toEqual([{ tenant: TENANT, slab: 0 }]);
      for (const place of places) {
        expect(await placeOf(ledger, place)).toMatchObject({ state: 'leaving', filled: false, cursor: 0 });
      }
      expect(await placeOf(ledger, other)).toMatchObject({ state: 'active' });
      expect(await ledger.places.count(one.key)).toBe(0);
    });
  });

  describe('slabs', () => {
    test('count the turns that wrote, and what a folder confirmed', async () => {
      const { slabs, links } = await fresh();
      expect(await slabs.generation(TENANT, 0)).toEqual({ current: 0, stamped: 0 });
      const bump = { tenant: TENANT, slab: 0 };
      expect(await links.save({ bump })).toBe(1);
      expect(await links.save({ bump })).toBe(2);
      expect(await links.save({})).toBe(0);
      await slabs.stamped(TENANT, 0, 2);
      await slabs.stamped(TENANT, 0, 1);
      expect(await slabs.generation(TENANT, 0)).toEqual({ current: 2, stamped: 2 });
      expect(await slabs.generation(TENANT, 1)).toEqual({ current: 0, stamped: 0 });
      expect(await slabs.generation('fabrikam', 0)).toEqual({ current: 0, stamped: 0 });
    });

    test('that are distrusted start over at the generation of the folders', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const place = await join(ledger, route, 'ann');
      await change(ledger, place, { trusted: true, filled: true, cursor: 8, folder: 'f' });
      await ledger.slabs.distrust(TENANT, 1, { generation: 3, at: 7 });
      expect(await placeOf(ledger, place)).toMatchObject({ trusted: true });
      await ledger.slabs.distrust(TENANT, 0, { generation: 41, at: 8 });
      expect(await placeOf(ledger, place)).toMatchObject({
        trusted: false,
        filled: false,
        cursor: 0,
        folder: 'f',
        distrusted: 8,
      });
      expect((await ledger.slabs.generation(TENANT, 0)).current).toBe(41);
      expect(await ledger.links.save({ bump: { tenant: TENANT, slab: 0 } })).toBe(42);
    });
  });
}
