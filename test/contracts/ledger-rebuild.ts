import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { existing, join, linkTo, placeOf, print, saveRoute, setScene, show, TENANT } from './ledger-setup.ts';

export function rebuildContract(fresh: () => Promise<Ledger>): void {
  const scene = async (...identities: string[]) => setScene(await fresh(), identities);

  describe('rebuild', () => {
    test('drops, adds and replaces by what the folder shows', async () => {
      const { ledger, route, place, cards } = await scene('same', 'other', 'vanished', 'unlinked');
      const second = await join(ledger, route, 'second');
      await ledger.places.update([
        { place: place.place, trusted: false, filled: true, cursor: 3, folder: 'f' },
      ]);
      await ledger.links.save({
        put: [
          ...cards.slice(0, 3).map((card) => linkTo(card, place, { item: 'old' })),
          ...cards.map((card) => linkTo(card, second)),
        ],
      });
      const [same, other, , unlinked] = cards.map(existing);
      await ledger.links.rebuild(place.place, [
        { identity: 'same', item: 'new-1', origin: 'created', fingerprint: existing(same).fingerprint },
        { identity: 'other', item: 'new-2', origin: 'created', fingerprint: print(99) },
        {
          identity: 'unlinked',
          item: 'new-3',
          origin: 'created',
          fingerprint: existing(unlinked).fingerprint,
        },
      ]);
      const pairs = await ledger.links.ofPlace(place.place, 0, 10);
      expect(pairs.map((pair) => pair.link)).toEqual([
        linkTo(existing(same), place, { item: 'new-1' }),
        linkTo(existing(other), place, {
          item: 'new-2',
          origin: 'created',
          fingerprint: print(99),
          revision: 0,
        }),
        linkTo(existing(unlinked), place, { item: 'new-3' }),
      ]);
      expect(await placeOf(ledger, place)).toMatchObject({
        trusted: true,
        filled: false,
        cursor: 0,
        folder: 'f',
      });
      expect(await ledger.links.ofPlace(second.place, 0, 10)).toHaveLength(4);
      expect(await ledger.outbox.read(10)).toEqual([]);
    });

    test('holds people that only the folder knows, and asks for a look at them', async () => {
      const { ledger, route, place } = await scene('ann');
      const other = await saveRoute(ledger, 'other');
      await show(ledger, other, ['met']);
      await ledger.links.rebuild(place.place, [
        { identity: 'stranger', item: 'a', origin: 'created', fingerprint: print(1) },
        { identity: 'met', item: 'b', origin: 'created', fingerprint: print(2) },
      ]);
      const found = await ledger.cards.of(TENANT, ['stranger', 'met']);
      const inRoute = found.filter((card) => card.route === route.key);
      expect(inRoute).toHaveLength(2);
      for (const card of inRoute)
        expect(card).toMatchObject({ state: 'held', fingerprint: '', revision: 1, fannedOut: 1 });
      const looks = await ledger.outbox.read(10);
      expect(looks.map(({ kind, tenant, cause, id }) => ({ kind, tenant, cause, id }))).toEqual(
        ['met', 'stranger'].map((id) => ({ kind: 'user', tenant: TENANT, cause: 'membership', id })),
      );
      expect((await ledger.links.pending(place.place, 0, 10)).map((pair) => pair.card.identity)).toEqual([
        'ann',
      ]);
      expect(
        (await ledger.links.ofPlace(place.place, 0, 10)).map((pair) => existing(pair.link?.item)).toSorted(),
      ).toEqual(['a', 'b']);
    });

    test('links the first of several items of one person, and an empty folder has none', async () => {
      const { ledger, place, cards } = await scene('ann');
      const twice = ['first', 'second'].map((item) => ({
        identity: 'ann',
        item,
        origin: 'created' as const,
        fingerprint: print(5),
      }));
      await ledger.links.rebuild(place.place, twice);
      const [pair] = await ledger.links.ofPlace(place.place, 0, 10);
      expect(existing(pair).link?.item).toBe('first');
      await ledger.links.rebuild(place.place, []);
      expect(await ledger.links.ofPlace(place.place, 0, 10)).toEqual([]);
      expect(await ledger.links.pending(place.place, 0, 10)).toEqual([{ card: cards[0], link: null }]);
      await expect(ledger.links.rebuild(999, [])).rejects.toThrow(/not known/);
    });
  });
}
