import { describe, expect, test } from 'vitest';
import type { CardState, Ledger, LinkRecord, LinkState, PlaceRecord } from '../../src/engine/ledger-port.ts';
import {
  existing,
  join,
  linkTo,
  print,
  recordAs,
  saveRoute,
  setScene,
  show,
  TENANT,
} from './ledger-setup.ts';

export function linksContract(fresh: () => Promise<Ledger>): void {
  const scene = async (...identities: string[]) => setScene(await fresh(), identities);

  describe('links', () => {
    test('come back as they were stored, in every state and with every member', async () => {
      const { ledger, place, cards } = await scene('ann', 'bob', 'cem', 'dan', 'eve', 'fay');
      const more: Partial<LinkRecord>[] = [
        { state: 'known', item: 'AAMkADExMzJmYWE3LTM4ZGItNDg3Ny1iM2JkLTU3ODVhOTViZjU1MQBGAAAAAADX=' },
        {
          state: 'settling',
          item: 'AAMkADExMzJmYWE3LTM4ZGItNDg3Ny1iM2JkLTU3ODVhOTViZjU1MQBGAAAAAADY=',
          attempted: 1_795_000_000_000,
        },
        { state: 'creating', item: null, fingerprint: null, revision: 0, attempted: 1 },
        { state: 'patching', revision: 2_000_000_000, attempted: 2 },
        { state: 'removing', item: 'aamKadeXmZ', attempted: 3 },
        { state: 'refused', item: '', origin: 'linked' },
      ];
      const links = cards.map((card, index) => linkTo(card, place, more[index]));
      expect(await ledger.links.save({ put: links })).toBe(0);
      const view = await ledger.links.inSlab(
        TENANT,
        0,
        cards.map((card) => card.identity),
      );
      expect(view.links.toSorted((a, b) => a.person - b.person)).toEqual(links);
      expect(view.cards.toSorted((a, b) => a.person - b.person)).toEqual(cards);
    });

    test('are replaced and dropped whole', async () => {
      const { ledger, place, cards } = await scene('ann', 'bob');
      const [ann, bob] = [linkTo(existing(cards[0]), place), linkTo(existing(cards[1]), place)];
      await ledger.links.save({ put: [ann, bob] });
      const creating = {
        ...ann,
        item: null,
        fingerprint: null,
        state: 'creating' as const,
        attempted: 9,
        revision: 0,
      };
      await ledger.links.save({ put: [creating], drop: [bob, { person: 99, place: place.place }] });
      expect((await ledger.links.inSlab(TENANT, 0, ['ann', 'bob'])).links).toEqual([creating]);
    });

    test('of one place do not disturb those of another', async () => {
      const { ledger, route, place, cards } = await scene('ann');
      const second = await join(ledger, route, 'second');
      const card = existing(cards[0]);
      await ledger.links.save({ put: [linkTo(card, place), linkTo(card, second, { item: 'other' })] });
      await ledger.links.save({ drop: [{ person: card.person, place: place.place }] });
      expect((await ledger.links.inSlab(TENANT, 0, ['ann'])).links).toEqual([
        linkTo(card, second, { item: 'other' }),
      ]);
    });

    test('are shown for the slab, the identities and the routes that are asked for', async () => {
      const { ledger, place, cards } = await scene('ann', 'bob');
      const elsewhere = await saveRoute(ledger, 'elsewhere', {
        sourceTenant: 'fabrikam',
        targetTenant: 'fabrikam',
      });
      const [stranger] = await show(ledger, elsewhere, ['ann']);
      const far = await join(ledger, elsewhere, 'owner');
      const links = [...cards.map((card) => linkTo(card, place)), linkTo(existing(stranger), far)];
      await ledger.links.save({ put: links });
      expect(await ledger.links.inSlab(TENANT, 0, ['ann', 'nobody'])).toEqual({
        cards: [cards[0]],
        links: [links[0]],
      });
      expect(await ledger.links.inSlab('fabrikam', 0, ['ann'])).toEqual({
        cards: [stranger],
        links: [links[2]],
      });
      expect(await ledger.links.inSlab(TENANT, 1, ['ann'])).toEqual({ cards: [], links: [] });
    });

    test('cannot be stored in a place that is not there, and then nothing of the call is', async () => {
      const { ledger, place, cards } = await scene('ann');
      const card = existing(cards[0]);
      const orphan = { ...linkTo(card, place), place: 999 };
      const bump = { tenant: TENANT, slab: 0 };
      await expect(ledger.links.save({ put: [linkTo(card, place), orphan], bump })).rejects.toThrow(
        /not known/,
      );
      expect((await ledger.links.inSlab(TENANT, 0, ['ann'])).links).toEqual([]);
      expect((await ledger.slabs.generation(TENANT, 0)).current).toBe(0);
    });
  });

  describe('pending', () => {
    const known: LinkState[] = [
      'known',
      'settling',
      'creating',
      'patching',
      'removing',
      'released',
      'refused',
    ];
    const rows: { card: CardState; link: LinkState | null; behind: boolean; pending: boolean }[] = [
      { card: 'shown', link: null, behind: false, pending: true },
      { card: 'gone', link: null, behind: false, pending: false },
      { card: 'held', link: null, behind: false, pending: false },
      ...known.flatMap((link) =>
        [false, true].flatMap((behind) => [
          // Confirmed, or refused for good, at the very revision: nothing to do. Everything else is looked at.
          {
            card: 'shown' as const,
            link,
            behind,
            pending: behind || (link !== 'known' && link !== 'refused'),
          },
          { card: 'gone' as const, link, behind, pending: behind || link !== 'refused' },
          {
            card: 'held' as const,
            link,
            behind,
            pending: behind || (link !== 'known' && link !== 'refused'),
          },
        ]),
      ),
    ];
    test.each(rows)(
      '$card card, $link link, behind: $behind -> $pending',
      async ({ card, link, behind, pending }) => {
        const { ledger, route, place } = await scene();
        await recordAs(ledger, route, { identities: ['ann'], state: card });
        const current = existing((await recordAs(ledger, route, { identities: ['ann'], state: card }))[0]);
        const stored =
          link && linkTo(current, place, { state: link, revision: behind ? 1 : current.revision });
        if (stored) await ledger.links.save({ put: [stored] });
        const expected = pending ? [{ card: current, link: stored }] : [];
        expect(await ledger.links.pending(place.place, 0, 10)).toEqual(expected);
      },
    );

    test('leaves held people alone that cannot be read', async () => {
      const { ledger, route, place, cards } = await scene('ann');
      await ledger.links.save({ put: cards.map((card) => linkTo(card, place, { state: 'patching' })) });
      await ledger.cards.record(TENANT, [
        { identity: 'ann', route: route.key, fingerprint: '', state: 'held' },
      ]);
      expect(await ledger.links.pending(place.place, 0, 10)).toEqual([]);
    });

    test('goes by person, after the cursor, at most as many as asked for, in this place alone', async () => {
      const { ledger, route, place, cards } = await scene('ann', 'bob', 'cem', 'dan');
      const second = await join(ledger, route, 'second');
      await ledger.links.save({
        put: [linkTo(existing(cards[1]), place), linkTo(existing(cards[2]), second)],
      });
      const names = async (at: PlaceRecord, cursor: number, limit: number) =>
        (await ledger.links.pending(at.place, cursor, limit)).map((pair) => pair.card.identity);
      expect(await names(place, 0, 2)).toEqual(['ann', 'cem']);
      expect(await names(place, existing(cards[0]).person, 9)).toEqual(['cem', 'dan']);
      expect(await names(second, 0, 9)).toEqual(['ann', 'bob', 'dan']);
      expect(await ledger.links.pending(999, 0, 9)).toEqual([]);
    });

    test('differs from the links of a place, which come whatever their cards', async () => {
      const { ledger, route, place, cards } = await scene('ann', 'bob', 'cem');
      const links = cards.slice(0, 2).map((card) => linkTo(card, place));
      await ledger.links.save({ put: links });
      const [held] = await recordAs(ledger, route, { identities: ['bob'], state: 'held' });
      const pairs = [
        { card: cards[0], link: links[0] },
        { card: held, link: links[1] },
      ];
      expect(await ledger.links.ofPlace(place.place, 0, 10)).toEqual(pairs);
      expect(await ledger.links.ofPlace(place.place, 0, 1)).toEqual(pairs.slice(0, 1));
      expect(await ledger.links.ofPlace(place.place, existing(cards[0]).person, 10)).toEqual(pairs.slice(1));
    });
  });

  describe('count of links', () => {
    test('tells those that are right from those that are not', async () => {
      const { ledger, route, place, cards } = await scene(
        'right',
        'behind',
        'creating',
        'refused',
        'missing',
      );
      const [right, behind, creating, refused] = cards.map((card) => linkTo(card, place));
      await ledger.links.save({
        put: [
          existing(right),
          { ...existing(behind), revision: 0 },
          { ...existing(creating), state: 'creating', item: null },
          { ...existing(refused), state: 'refused' },
        ],
      });
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 1, behind: 4 });
      expect(await ledger.audits.behind(route.key, false)).toEqual(new Map([[place.place, 4]]));
      expect(await ledger.links.count(999, false)).toEqual({ right: 0, behind: 0 });
    });

    test('knows what was never linked anywhere, and whose own contact that would be', async () => {
      const { ledger, route, place } = await scene('owner', 'ann');
      const other = await join(ledger, route, 'other');
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 0, behind: 3 });
      expect(await ledger.links.count(route.key, true)).toEqual({ right: 0, behind: 4 });
      const [, ann] = await ledger.cards.of(TENANT, ['owner', 'ann']);
      await ledger.links.save({ put: [linkTo(existing(ann), place)] });
      expect(await ledger.audits.behind(route.key, false)).toEqual(new Map([[other.place, 2]]));
      expect(await ledger.audits.behind(route.key, true)).toEqual(
        new Map([
          [place.place, 1],
          [other.place, 2],
        ]),
      );
    });

    test('takes what is held and cannot be read for right, and what should have left for behind', async () => {
      const { ledger, route, place, cards } = await scene('held', 'gone');
      await ledger.links.save({ put: cards.map((card) => linkTo(card, place)) });
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 2, behind: 0 });
      const held = { identity: 'held', route: route.key, state: 'held' as const };
      await ledger.cards.record(TENANT, [{ ...held, fingerprint: print(7) }]);
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 1, behind: 1 });
      await ledger.cards.record(TENANT, [{ ...held, fingerprint: '' }]);
      await recordAs(ledger, route, { identities: ['gone'], state: 'gone' });
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 1, behind: 1 });
      await ledger.places.leaveAll(route.key);
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 0, behind: 2 });
    });
  });
}
