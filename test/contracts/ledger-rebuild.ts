import { describe, expect, test } from 'vitest';
import type { Ledger, PlaceRecord } from '../../src/engine/ledger-port.ts';
import {
  change,
  existing,
  join,
  linkTo,
  placeOf,
  print,
  saveRoute,
  setScene,
  show,
  TENANT,
} from './ledger-setup.ts';

/** Alike up to the end, as the ids of one folder are. */
const long = (folder: string, item: string): string => `AAkALgAA${folder.repeat(60)}${item}AAA=`;

/** Rebuilds the place as it is now. */
async function rebuild(
  { places, links }: Ledger,
  { place }: PlaceRecord,
  found: Parameters<typeof links.rebuild>[1],
): Promise<void> {
  const now = (await places.ofSlab(TENANT, 0)).find((one) => one.place === place);
  expect(await links.rebuild(existing(now), found)).toBe(true);
}

export function rebuildContract(fresh: () => Promise<Ledger>): void {
  const scene = async (...identities: string[]) => setScene(await fresh(), identities);

  describe('rebuild', () => {
    test('drops, adds and replaces by what the folder shows', async () => {
      const { ledger, route, place, cards } = await scene('same', 'other', 'vanished', 'unlinked');
      const second = await join(ledger, route, 'second');
      await change(ledger, place, { trusted: false, filled: true, cursor: 3, folder: 'f' });
      await ledger.links.save({
        put: [
          ...cards.slice(0, 3).map((card) => linkTo(card, place, { item: 'old' })),
          ...cards.map((card) => linkTo(card, second)),
        ],
      });
      const [same, other, , unlinked] = cards.map(existing);
      await rebuild(ledger, place, [
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

    test('keeps what was adopted, under its id, and does not believe what it holds', async () => {
      const { ledger, place, cards } = await scene('adopted', 'made', 'met');
      const [adopted, made, met] = cards.map(existing);
      const original = { item: long('x', 'aaaa'), origin: 'linked' as const };
      await ledger.links.save({
        put: [
          linkTo(existing(made), place, { item: long('y', 'bbbb') }),
          linkTo(existing(adopted), place, original),
          linkTo(existing(met), place, { item: long('x', 'cccc'), origin: 'linked' }),
        ],
      });
      const linksNow = async () =>
        (await ledger.links.ofPlace(place.place, 0, 10)).map((pair) => existing(pair.link));
      await rebuild(ledger, place, []);
      const unproven = { revision: 0, fingerprint: null };
      const kept = { ...original, ...unproven };
      expect(await linksNow()).toEqual([
        linkTo(existing(adopted), place, kept),
        linkTo(existing(met), place, { item: long('x', 'cccc'), origin: 'linked', ...unproven }),
      ]);
      const { fingerprint } = existing(met);
      await rebuild(ledger, place, [
        { identity: 'made', item: long('z', 'dddd'), origin: 'created', fingerprint: print(9) },
        { identity: 'met', item: long('x', 'eeee'), origin: 'linked', fingerprint },
      ]);
      expect(await linksNow()).toMatchObject([
        linkTo(existing(adopted), place, kept),
        { item: long('z', 'dddd'), origin: 'created', revision: 0 },
        { item: long('x', 'eeee'), origin: 'linked', fingerprint },
      ]);
    });

    test('holds people that only the folder knows, and asks for a look at them', async () => {
      const { ledger, route, place } = await scene('ann');
      const other = await saveRoute(ledger, 'other');
      await show(ledger, other, ['met']);
      await rebuild(ledger, place, [
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
      await rebuild(ledger, place, twice);
      const [pair] = await ledger.links.ofPlace(place.place, 0, 10);
      expect(existing(pair).link?.item).toBe('first');
      await rebuild(ledger, place, []);
      expect(await ledger.links.ofPlace(place.place, 0, 10)).toEqual([]);
      expect(await ledger.links.pending(place.place, 0, 10)).toEqual([{ card: cards[0], link: null }]);
      await expect(ledger.links.rebuild({ place: 999, epoch: 0 }, [])).rejects.toThrow(/not known/);
    });
  });
}
