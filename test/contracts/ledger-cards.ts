import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { existing, join, print, recordAs, saveRoute, show, TENANT } from './ledger-setup.ts';

export function cardsContract(fresh: () => Promise<Ledger>): void {
  describe('routes', () => {
    test('keep their key when they are saved again', async () => {
      const { routes } = await fresh();
      const save = (folder: string, state: 'active' | 'withdrawn') =>
        routes.save({
          id: 'r',
          job: 'j',
          sourceTenant: 'a',
          targetTenant: 'b',
          folder,
          definition: folder,
          state,
        });
      const first = await save('Old', 'active');
      const again = await save('New', 'withdrawn');
      expect(again.key).toBe(first.key);
      expect(await routes.all()).toEqual([again]);
      expect(again).toMatchObject({ folder: 'New', state: 'withdrawn', definition: 'New' });
    });

    test('stay between the tenants that they were made for', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      for (const other of [{ sourceTenant: 'fabrikam' }, { targetTenant: 'fabrikam' }]) {
        await expect(saveRoute(ledger, 'staff', { ...other, folder: 'Other' })).rejects.toThrow(
          /cannot be moved/,
        );
      }
      expect(await ledger.routes.all()).toEqual([route]);
    });

    test('are not forgotten while they have places', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const place = await join(ledger, route, 'owner');
      await expect(ledger.routes.forget(route.key)).rejects.toThrow(/has places/);
      await ledger.places.leaveAll(route.key);
      await ledger.places.forget([place.place]);
      await ledger.routes.forget(route.key);
      expect(await ledger.routes.all()).toEqual([]);
    });

    test('take their cards with them, and leave the people of other routes', async () => {
      const ledger = await fresh();
      const doomed = await saveRoute(ledger, 'one');
      const other = await saveRoute(ledger, 'two', { job: 'other' });
      await show(ledger, doomed, ['ann', 'bob']);
      const [kept] = await show(ledger, other, ['ann']);
      await ledger.routes.forget(doomed.key);
      expect(await ledger.cards.of(TENANT, ['ann', 'bob'])).toEqual([kept]);
      expect(await ledger.cards.unfinished(10)).toEqual([kept]);
      expect(await ledger.cards.identities(TENANT)).toEqual(['ann']);
    });

    test('take held removals with them only when the job has no other route', async () => {
      const ledger = await fresh();
      const [into, out] = [await saveRoute(ledger, 'in'), await saveRoute(ledger, 'out')];
      await ledger.guard.admit({
        job: 'staff',
        kind: 'person',
        tenant: TENANT,
        subjects: ['ann'],
        limits: { count: 0, percent: 0 },
        scope: 1,
        now: 1,
      });
      await ledger.routes.forget(into.key);
      expect(await ledger.guard.held('staff')).toHaveLength(1);
      await ledger.routes.forget(out.key);
      expect(await ledger.guard.held('staff')).toEqual([]);
    });
  });

  describe('cards', () => {
    test('of unknown people are not in the answer', async () => {
      const ledger = await fresh();
      await show(ledger, await saveRoute(ledger), ['ann']);
      const found = await ledger.cards.of(TENANT, ['ann', 'bob', 'ann']);
      expect(found.map((card) => card.identity)).toEqual(['ann']);
      expect(await ledger.cards.of(TENANT, [])).toEqual([]);
    });

    test('of people with the same id in another tenant are others', async () => {
      const ledger = await fresh();
      const [here, there] = [
        await saveRoute(ledger),
        await saveRoute(ledger, 'there', { sourceTenant: 'fabrikam' }),
      ];
      const [mine] = await show(ledger, here, ['ann']);
      const [theirs] = await show(ledger, there, ['ann']);
      expect(existing(theirs).person).not.toBe(existing(mine).person);
      expect(await ledger.cards.of(TENANT, ['ann'])).toEqual([mine]);
    });

    test('are recorded at a revision exactly one higher, with the person created once', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger, 'one'), await saveRoute(ledger, 'two')];
      const [first] = await show(ledger, one, ['ann']);
      expect(first).toMatchObject({
        identity: 'ann',
        revision: 1,
        fannedOut: 0,
        state: 'shown',
        fingerprint: print(1),
      });
      const second = await ledger.cards.record(TENANT, [
        { identity: 'ann', route: one.key, fingerprint: print(7), state: 'gone' },
        { identity: 'ann', route: two.key, fingerprint: print(8), state: 'held' },
      ]);
      expect(second.toSorted((a, b) => a.route - b.route)).toEqual([
        { ...first, revision: 2, state: 'gone', fingerprint: print(7) },
        { ...first, route: two.key, revision: 1, state: 'held', fingerprint: print(8) },
      ]);
      expect((await ledger.cards.of(TENANT, ['ann'])).toSorted((a, b) => a.route - b.route)).toEqual(
        second.toSorted((a, b) => a.route - b.route),
      );
    });

    test('keep the keys of people dense: known people use up none', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      for (let time = 0; time < 20; time++) await show(ledger, route, ['ann', 'bob']);
      const [cem] = await show(ledger, route, ['cem']);
      expect(existing(cem).person).toBe(3);
    });

    test('named twice in one call are raised once, to what was said last', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const finding = { identity: 'ann', route: route.key, state: 'shown' as const };
      const stored = await ledger.cards.record(TENANT, [
        { ...finding, fingerprint: print(1) },
        { ...finding, fingerprint: print(2) },
      ]);
      expect(stored).toMatchObject([{ revision: 1, fingerprint: print(2) }]);
    });

    test('are fanned out up to a revision, which is never lowered', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      for (let time = 0; time < 3; time++) await show(ledger, route, ['ann']);
      const [card] = await ledger.cards.of(TENANT, ['ann']);
      const { person } = existing(card);
      const at = (revision: number) => ledger.cards.fannedOut([{ person, route: route.key, revision }]);
      await at(2);
      expect(await ledger.cards.unfinished(10)).toMatchObject([{ revision: 3, fannedOut: 2 }]);
      await at(1);
      expect(await ledger.cards.unfinished(10)).toMatchObject([{ fannedOut: 2 }]);
      await ledger.cards.fannedOut([
        { person, route: route.key, revision: 3 },
        { person, route: route.key, revision: 1 },
      ]);
      expect(await ledger.cards.unfinished(10)).toEqual([]);
      await show(ledger, route, ['ann']);
      expect(await ledger.cards.unfinished(10)).toMatchObject([{ revision: 4, fannedOut: 3 }]);
    });

    test('that are unfinished come by person, at most as many as asked for', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      await show(ledger, route, ['ann', 'bob', 'cem']);
      await show(ledger, route, ['ann']);
      const found = await ledger.cards.unfinished(2);
      expect(found.map((card) => card.identity)).toEqual(['ann', 'bob']);
    });

    test('count, and name the identities that are shown or held anywhere', async () => {
      const ledger = await fresh();
      const [one, two] = [await saveRoute(ledger, 'one'), await saveRoute(ledger, 'two')];
      await show(ledger, one, ['ann', 'bob']);
      await recordAs(ledger, one, { identities: ['cem'], state: 'held' });
      await recordAs(ledger, one, { identities: ['dan', 'eve'], state: 'gone' });
      await show(ledger, two, ['dan', 'ann']);
      expect(await ledger.cards.count(one.key)).toEqual({ shown: 2, held: 1, gone: 2 });
      expect((await ledger.cards.identities(TENANT)).toSorted()).toEqual(['ann', 'bob', 'cem', 'dan']);
      expect(await ledger.cards.identities('fabrikam')).toEqual([]);
    });
  });
}
