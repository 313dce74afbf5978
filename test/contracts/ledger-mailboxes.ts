import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Parking } from '../../src/engine/mailbox-port.ts';
import { change, existing, join, placeOf, saveRoute, TENANT } from './ledger-setup.ts';

const parking = (until: number): Parking => ({ reason: 'MailboxNotFound', until, probes: 1, since: 0 });

export function mailboxesContract(fresh: () => Promise<Ledger>): void {
  describe('mailboxes', () => {
    test('are seated 200 to a slab, per tenant, in the order of joining', async () => {
      const ledger = await fresh();
      const [here, there] = [
        await saveRoute(ledger),
        await saveRoute(ledger, 'there', { targetTenant: 'fabrikam' }),
      ];
      const slabs: number[] = [];
      for (let seat = 0; seat < 201; seat++) {
        slabs.push((await ledger.mailboxes.join(TENANT, `owner-${seat}`, here.key)).slab);
      }
      expect(slabs.slice(0, 200).every((slab) => slab === 0)).toBe(true);
      expect(slabs[200]).toBe(1);
      expect(await ledger.mailboxes.join('fabrikam', 'owner-0', there.key)).toEqual({
        slab: 0,
        joined: true,
      });
      // The seat of a mailbox that left is not given out again.
      const place = existing((await ledger.places.ofSlab(TENANT, 0)).find((one) => one.owner === 'owner-7'));
      await ledger.mailboxes.leave(TENANT, 'owner-7', here.key);
      await ledger.places.forget([place.place]);
      expect(await ledger.mailboxes.join(TENANT, 'owner-7', here.key)).toEqual({ slab: 1, joined: true });
    });

    test('join once', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const other = await saveRoute(ledger, 'other');
      expect(await ledger.mailboxes.join(TENANT, 'ann', route.key)).toEqual({ slab: 0, joined: true });
      expect(await ledger.mailboxes.join(TENANT, 'ann', route.key)).toEqual({ slab: 0, joined: false });
      expect(await ledger.mailboxes.join(TENANT, 'ann', other.key)).toEqual({ slab: 0, joined: true });
      expect(await ledger.mailboxes.of(TENANT, ['ann', 'bob'])).toMatchObject([
        { owner: 'ann', slab: 0, state: 'ready', reason: null, notBefore: 0, routes: [route.key, other.key] },
      ]);
      expect(await ledger.mailboxes.of('fabrikam', ['ann'])).toEqual([]);
    });

    test('that are new have a place nobody trusts, fills or names yet', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      expect(await join(ledger, route, 'ann')).toMatchObject({
        route: route.key,
        routeId: 'staff',
        routeFolder: 'Company Directory',
        owner: 'ann',
        folder: null,
        name: null,
        state: 'active',
        trusted: false,
        filled: false,
        cursor: 0,
        dirty: false,
        adopted: false,
        attempted: null,
        mailboxState: 'ready',
        notBefore: 0,
      });
    });

    test('join while there is room, and those that joined last are beyond', async () => {
      const ledger = await fresh();
      const [route, other] = [await saveRoute(ledger), await saveRoute(ledger, 'other')];
      const joinFirst = (owner: string, first: number): Promise<unknown> =>
        ledger.mailboxes.joinFirst(TENANT, owner, { route: route.key, first });
      await join(ledger, other, 'cem');
      for (const owner of ['cem', 'ann']) expect(await joinFirst(owner, 2)).toMatchObject({ joined: true });
      expect(await joinFirst('bob', 2)).toBeNull();
      expect(await ledger.mailboxes.of(TENANT, ['bob'])).toEqual([]);
      // Whoever has a place is not in their own way.
      expect(await joinFirst('ann', 2)).toMatchObject({ joined: false });
      expect(await joinFirst('bob', 3)).toMatchObject({ joined: true });
      expect(await ledger.places.beyond(route.key, 3)).toEqual([]);
      expect(await ledger.places.beyond(route.key, 1)).toEqual(['ann', 'bob']);
      await ledger.mailboxes.leave(TENANT, 'ann', route.key);
      expect(await ledger.places.beyond(route.key, 1)).toEqual(['bob']);
      expect(await joinFirst('dan', 2)).toBeNull();
      expect(await joinFirst('ann', 3)).toMatchObject({ joined: true });
    });

    test('that are parked are tried again when somebody asks, all of them or one', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      for (const owner of ['ann', 'bob', 'cem']) await join(ledger, route, owner);
      for (const owner of ['ann', 'bob']) await ledger.mailboxes.park(TENANT, owner, parking(9_000));
      await ledger.mailboxes.wait(TENANT, [{ owner: 'cem', until: 9_000 }]);
      expect(await ledger.mailboxes.unpark(TENANT, 1)).toEqual([]);
      expect(await ledger.mailboxes.retry('cem')).toBe(0);
      expect(await ledger.mailboxes.retry('ann')).toBe(1);
      expect(await ledger.mailboxes.unpark(TENANT, 1)).toEqual([0]);
      expect(await ledger.mailboxes.of(TENANT, ['ann', 'bob', 'cem'])).toMatchObject([
        { state: 'ready', probes: 1 },
        { state: 'parked', notBefore: 9_000 },
        { state: 'ready', notBefore: 9_000 },
      ]);
      expect(await ledger.mailboxes.retry(null)).toBe(1);
      expect(await ledger.mailboxes.unpark(TENANT, 1)).toEqual([0]);
    });

    test('leave by a place that leaves, and come back as new work', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const place = await join(ledger, route, 'ann');
      await change(ledger, place, { filled: true, cursor: 9, trusted: true, dirty: true, folder: 'f' });
      expect(await ledger.mailboxes.leave(TENANT, 'ann', route.key)).toBe(0);
      expect(await ledger.mailboxes.of(TENANT, ['ann'])).toMatchObject([{ owner: 'ann', routes: [] }]);
      expect(await placeOf(ledger, place)).toMatchObject({
        state: 'leaving',
        filled: false,
        cursor: 0,
        folder: 'f',
      });
      // Asked again, it does not start over.
      await change(ledger, place, { cursor: 5 });
      expect(await ledger.mailboxes.leave(TENANT, 'ann', route.key)).toBe(0);
      expect(await placeOf(ledger, place)).toMatchObject({ state: 'leaving', cursor: 5 });
      expect(await ledger.mailboxes.join(TENANT, 'ann', route.key)).toEqual({ slab: 0, joined: true });
      const back = {
        place: place.place,
        state: 'active',
        filled: false,
        cursor: 0,
        folder: 'f',
        trusted: true,
      };
      expect(await placeOf(ledger, place)).toMatchObject(back);
    });

    test('tell of their active places in some routes, all of them or some', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger, 'one'), await saveRoute(ledger, 'two')];
      const there = await saveRoute(ledger, 'there', { targetTenant: 'fabrikam' });
      const ann = await join(ledger, one, 'ann');
      for (const [route, owner] of [
        [one, 'bob'],
        [two, 'ann'],
        [two, 'cem'],
        [there, 'dan'],
      ] as const)
        await join(ledger, route, owner);
      await change(ledger, ann, { folder: 'standing:f' });
      const told = async (routes: readonly number[], owners?: readonly string[]): Promise<string[]> => {
        const places = await ledger.mailboxes.sharing(TENANT, routes, owners);
        return places.map(({ route, owner, folder }) => `${owner} ${route - one.key} ${folder}`);
      };
      const routes = [one.key, two.key, there.key];
      expect(await told(routes)).toEqual(['ann 0 standing:f', 'bob 0 null', 'ann 1 null', 'cem 1 null']);
      expect(await told([one.key], ['ann', 'cem', 'ann'])).toEqual(['ann 0 standing:f']);
      expect([await told([]), await told(routes, [])]).toEqual([[], []]);
      expect((await ledger.mailboxes.sharing(TENANT, routes))[0]?.place).toBe(ann.place);
      await ledger.mailboxes.leave(TENANT, 'ann', one.key);
      expect(await told(routes, ['ann'])).toEqual(['ann 1 null']);
    });

    test('that have no place in the route have nothing to leave', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger, 'one'), await saveRoute(ledger, 'two')];
      const place = await join(ledger, one, 'ann');
      expect(await ledger.mailboxes.leave(TENANT, 'ann', two.key)).toBeNull();
      expect(await ledger.mailboxes.leave(TENANT, 'bob', one.key)).toBeNull();
      expect(await placeOf(ledger, place)).toMatchObject({ state: 'active' });
    });

    test('wait until the latest time they were given', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      await join(ledger, route, 'ann');
      const notBefore = async () => existing((await ledger.mailboxes.of(TENANT, ['ann']))[0]).notBefore;
      await ledger.mailboxes.wait(TENANT, [
        { owner: 'ann', until: 5_000 },
        { owner: 'nobody', until: 5_000 },
        { owner: 'ann', until: 3_000 },
      ]);
      expect(await notBefore()).toBe(5_000);
      await ledger.mailboxes.wait(TENANT, [{ owner: 'ann', until: 4_999 }]);
      expect(await notBefore()).toBe(5_000);
      await ledger.mailboxes.park(TENANT, 'ann', parking(4_000));
      expect(await notBefore()).toBe(5_000);
      await ledger.mailboxes.wait('fabrikam', [{ owner: 'ann', until: 9_000 }]);
      expect(await notBefore()).toBe(5_000);
    });

    test('are parked with a reason until their time has passed', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      for (const owner of ['ann', 'bob', 'cem']) await join(ledger, route, owner);
      await ledger.mailboxes.park(TENANT, 'ann', parking(1_000));
      await ledger.mailboxes.park(TENANT, 'bob', parking(1_001));
      expect(await ledger.mailboxes.parked()).toMatchObject([
        { owner: 'ann', state: 'parked', reason: 'MailboxNotFound', notBefore: 1_000 },
        { owner: 'bob', state: 'parked' },
      ]);
      expect(await ledger.mailboxes.unpark('fabrikam', 9_999)).toEqual([]);
      expect(await ledger.mailboxes.unpark(TENANT, 1_000)).toEqual([0]);
      expect(await ledger.mailboxes.of(TENANT, ['ann'])).toMatchObject([{ state: 'ready', reason: null }]);
      expect((await ledger.mailboxes.parked()).map((mailbox) => mailbox.owner)).toEqual(['bob']);
      expect(await ledger.mailboxes.unpark(TENANT, 1_000)).toEqual([]);
    });

    test('remember how often they were parked, until they work again', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const place = await join(ledger, route, 'ann');
      const told = async () => {
        const { probes, troubledSince } = existing((await ledger.mailboxes.of(TENANT, ['ann']))[0]);
        return { probes, troubledSince, seen: existing(await placeOf(ledger, place)).troubledSince };
      };
      expect(await told()).toEqual({ probes: 0, troubledSince: null, seen: null });
      await ledger.mailboxes.park(TENANT, 'ann', { ...parking(1_000), probes: 3, since: 7 });
      await ledger.mailboxes.unpark(TENANT, 1_000);
      expect(await told()).toEqual({ probes: 3, troubledSince: 7, seen: 7 });
      await ledger.mailboxes.recovered(TENANT, 'ann');
      expect(await told()).toEqual({ probes: 0, troubledSince: null, seen: null });
    });

    test('that come back are filled anew in every route, since changes passed them by', async () => {
      const ledger = await fresh();
      const places = [
        await join(ledger, await saveRoute(ledger, 'one'), 'ann'),
        await join(ledger, await saveRoute(ledger, 'two'), 'ann'),
      ];
      for (const place of places) await change(ledger, place, { filled: true, cursor: 7 });
      await ledger.mailboxes.park(TENANT, 'ann', parking(1_000));
      await ledger.mailboxes.unpark(TENANT, 1_000);
      expect(await ledger.places.ofSlab(TENANT, 0)).toMatchObject([
        { filled: false, cursor: 0 },
        { filled: false, cursor: 0 },
      ]);
    });
  });
}
