import { expect, test } from 'vitest';
import type { Ledger, LinkRecord } from '../../src/engine/ledger-port.ts';
import { change, existing, join, linkTo, placeOf, print, setScene, TENANT } from './ledger-setup.ts';

export function referencesContract(fresh: () => Promise<Ledger>): void {
  const scene = async (...identities: string[]) => setScene(await fresh(), identities);

  test('links of whoever names somebody with another item are not right any more, and their place begins anew', async () => {
    const { ledger, route, place } = await scene('boss', 'ann', 'bob', 'cem', 'dan');
    const other = await join(ledger, route, 'second');
    const naming = { route: route.key, state: 'shown' as const, refersTo: 'boss' };
    const named = ['ann', 'bob', 'cem'].map((identity, index) => ({
      ...naming,
      identity,
      fingerprint: print(20 + index),
    }));
    await ledger.cards.record(TENANT, named);
    // Who names nobody any more.
    await ledger.cards.record(TENANT, [
      { ...naming, identity: 'cem', fingerprint: print(30), refersTo: null },
    ]);
    const cards = await ledger.cards.of(TENANT, ['boss', 'ann', 'bob', 'cem', 'dan']);
    const links = cards.flatMap((card) => [linkTo(card, place), linkTo(card, other)]);
    const bob = existing(cards.find(({ identity }) => identity === 'bob'));
    const put = links.map((link) =>
      link.person === bob.person ? { ...link, state: 'refused' as const } : link,
    );
    await ledger.links.save({ put });
    for (const one of [place, other]) await change(ledger, one, { filled: true });
    const boss = { person: existing(cards.find(({ identity }) => identity === 'boss')).person };
    await ledger.links.save({ moved: [{ ...boss, place: place.place }] });
    const doubted = cards.find(({ identity }) => identity === 'ann');
    const found = (
      await ledger.links.inSlab(
        TENANT,
        0,
        cards.map(({ identity }) => identity),
      )
    ).links;
    expect(found.toSorted(byPair)).toEqual(
      put
        .map((link) =>
          link.person === doubted?.person && link.place === place.place
            ? { ...link, revision: 0, fingerprint: null }
            : link,
        )
        .toSorted(byPair),
    );
    expect((await placeOf(ledger, place))?.filled).toBe(false);
    expect((await placeOf(ledger, other))?.filled).toBe(true);
    await change(ledger, place, { filled: true });
    await ledger.links.save({ moved: [{ person: bob.person, place: place.place }] });
    expect((await placeOf(ledger, place))?.filled).toBe(true);
  });
}

function byPair(a: LinkRecord, b: LinkRecord): number {
  return a.person - b.person || a.place - b.place;
}
