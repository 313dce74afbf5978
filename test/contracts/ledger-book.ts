import { expect, test } from 'vitest';
import type { Key, Stranger } from '../../src/engine/book-port.ts';
import type { Ledger, PlaceRecord } from '../../src/engine/ledger-port.ts';
import { existing, join, placeOf, print, saveRoute } from './ledger-setup.ts';

const BOOK = 'contoso/book/shared';

/** Contacts that places share. */
export function bookContract(fresh: () => Promise<Ledger>): void {
  const scene = async () => {
    const ledger = await fresh();
    const route = await saveRoute(ledger, 'shared/out', { job: 'shared', sourceTenant: BOOK });
    const [first, second] = [await join(ledger, route, 'first'), await join(ledger, route, 'second')];
    return { ledger, route, first, second };
  };

  test('a contact that nobody knows is a new one, and the same elsewhere is met: each is linked and looked at', async () => {
    const { ledger, first, second } = await scene();
    expect(await meet(ledger, first, stranger('a', 1, 10))).toEqual(['new']);
    expect(await outbox(ledger)).toEqual([`${BOOK} id-a`]);
    expect(await meet(ledger, second, stranger('b', 1, 20), stranger('c', 2, 20))).toEqual(['known', 'new']);
    expect(await outbox(ledger)).toEqual([`${BOOK} id-a`, `${BOOK} id-c`]);
    expect(await ledger.book.identities(BOOK)).toEqual(['id-a', 'id-c']);
    // The later one is the newest.
    expect(await ledger.book.newest(BOOK, ['id-a', 'id-x'])).toEqual([
      { identity: 'id-a', place: second.place, owner: 'second', folder: null, item: 'item-b', editedAt: 20 },
    ]);
  });

  test('what fits several, or each other, is left alone, and is not to be made beside it until it is told apart', async () => {
    const { ledger, first, second } = await scene();
    await meet(ledger, first, stranger('a', 1, 10), stranger('b', 2, 10));
    const both: Stranger = { ...stranger('c', 1, 20), keys: [keyOf(1), keyOf(2)] };
    expect(await meet(ledger, second, both)).toEqual(['ambiguous']);
    expect(await meet(ledger, second, stranger('d', 3, 20), stranger('e', 3, 20))).toEqual([
      'ambiguous',
      'ambiguous',
    ]);
    // All of the place was seen: the first doubt is none any more.
    const pairs = ['id-a', 'id-b'].map((identity) => ({ place: second.place, identity }));
    expect(await ledger.book.doubtful(BOOK, pairs)).toEqual([]);
    expect(await meet(ledger, second, both)).toEqual(['ambiguous']);
    const doubtful = await ledger.book.doubtful(BOOK, pairs);
    expect(doubtful.map(({ identity }) => identity).toSorted()).toEqual(['id-a', 'id-b']);
    expect([await ledger.book.hasDoubts(second.place), await ledger.book.hasDoubts(first.place)]).toEqual([
      true,
      false,
    ]);
  });

  test('a contact is known by what it is met by, in its own book', async () => {
    const { ledger, first } = await scene();
    await meet(ledger, first, stranger('a', 1, 10), stranger('b', 2, 10));
    const known = (source: string, ...keys: Key[]): Promise<string[]> => ledger.book.knownBy(source, keys);
    expect(await known(BOOK)).toEqual([]);
    expect(await known(BOOK, keyOf(2), keyOf(3))).toEqual(['id-b']);
    expect(await known(BOOK, keyOf(2), keyOf(1))).toEqual(['id-a', 'id-b']);
    expect(await known(BOOK, { ...keyOf(2), kind: 'tag' })).toEqual([]);
    expect(await known('contoso/book/other', keyOf(2))).toEqual([]);
  });

  test('a place that began anew since it was read meets nobody', async () => {
    const { ledger, first } = await scene();
    await ledger.places.restart([first.place], 'people');
    expect(await meet(ledger, first, stranger('a', 1, 10))).toEqual(['later']);
    expect(await ledger.book.identities(BOOK)).toEqual([]);
  });

  test('only a later edit becomes the newest, and is met by what it says now', async () => {
    const { ledger, first, second } = await scene();
    await meet(ledger, first, stranger('a', 1, 10));
    await meet(ledger, second, stranger('b', 1, 10));
    await outbox(ledger);
    const edit = { identity: 'id-a', place: second.place, item: 'item-b', keys: [keyOf(7)] };
    expect(await ledger.book.edited(BOOK, [{ ...edit, editedAt: 10 }])).toEqual(new Set());
    expect(await outbox(ledger)).toEqual([]);
    expect(await ledger.book.edited(BOOK, [{ ...edit, editedAt: 30 }])).toEqual(new Set(['id-a']));
    expect(await outbox(ledger)).toEqual([`${BOOK} id-a`]);
    expect(await ledger.book.newest(BOOK, ['id-a'])).toMatchObject([{ owner: 'second', editedAt: 30 }]);
    const third = await join(ledger, existing((await ledger.routes.all())[0]), 'third');
    expect(await meet(ledger, third, stranger('f', 7, 1), stranger('g', 1, 1))).toEqual(['known', 'new']);
  });

  test('where the newest is gone another copy takes its place; without any, or taken out, there is no such contact', async () => {
    const { ledger, first, second } = await scene();
    await meet(ledger, first, stranger('a', 1, 10), stranger('c', 2, 10));
    await meet(ledger, second, stranger('b', 1, 20));
    const linkAt = async (place: PlaceRecord, item: string) => {
      const person = item === 'item-c' ? 'id-c' : 'id-a';
      await ledger.cards.record(BOOK, [
        { identity: person, route: place.route, fingerprint: print(1), state: 'shown' },
      ]);
      const pairs = await ledger.links.ofPlace(place.place, 0, 10);
      return existing(pairs.find(({ link }) => link?.item === item)?.link ?? undefined);
    };
    const gone = { ...(await linkAt(second, 'item-b')), item: null, state: 'declined' as const };
    await ledger.book.part(BOOK, [{ identity: 'id-a', link: gone, forget: false }]);
    expect(await ledger.book.newest(BOOK, ['id-a'])).toMatchObject([
      { owner: 'first', item: 'item-a', editedAt: 0 },
    ]);
    // Its owner does not want it: nothing is to be done there.
    expect((await ledger.links.pending(second.place, 0, 10)).map(({ card }) => card.identity)).not.toContain(
      'id-a',
    );
    await ledger.book.part(BOOK, [{ identity: 'id-c', link: await linkAt(first, 'item-c'), forget: true }]);
    expect(await ledger.book.newest(BOOK, ['id-c'])).toEqual([]);
    const last = { ...(await linkAt(first, 'item-a')), item: null, state: 'declined' as const };
    await ledger.book.part(BOOK, [{ identity: 'id-a', link: last, forget: false }]);
    expect(await ledger.book.newest(BOOK, ['id-a'])).toEqual([]);
    expect(await ledger.book.identities(BOOK)).toEqual([]);
  });

  test('a copy that is to go hands the newest edit over to one that shows the same, as soon as there is one', async () => {
    const { ledger, route, first, second } = await scene();
    await meet(ledger, first, stranger('a', 1, 10));
    const from = { identity: 'id-a', place: first.place, item: 'item-a', fingerprint: print(1) };
    expect(await ledger.book.handOver(BOOK, from)).toBe('alone');
    await meet(ledger, second, stranger('b', 1, 5));
    expect(await ledger.book.handOver(BOOK, from)).toBe('later');
    await ledger.cards.record(BOOK, [
      { identity: 'id-a', route: route.key, fingerprint: print(1), state: 'shown' },
    ]);
    expect(await ledger.book.handOver(BOOK, from)).toBe('later');
    const [pair] = await ledger.links.ofPlace(second.place, 0, 10);
    const { link, card } = existing(pair);
    await ledger.links.save({
      put: [{ ...existing(link ?? undefined), state: 'known', revision: card.revision }],
    });
    expect(await ledger.book.handOver(BOOK, { ...from, fingerprint: print(2) })).toBe('later');
    expect(await ledger.book.handOver(BOOK, from)).toBe('handed');
    expect(await ledger.book.newest(BOOK, ['id-a'])).toMatchObject([
      { owner: 'second', item: 'item-b', editedAt: 10 },
    ]);
  });

  test('a copy that is found in another folder than copies are made in is still to be moved', async () => {
    const { ledger, route, first } = await scene();
    const shared = { editedAt: 40, isCopy: true, keys: [keyOf(1)], isMisplaced: true };
    const found = {
      item: 'item-a',
      identity: 'id-a',
      origin: 'created' as const,
      fingerprint: print(1),
      shared,
    };
    await ledger.links.rebuild(existing(await placeOf(ledger, first)), [found]);
    await ledger.cards.record(BOOK, [
      { identity: 'id-a', route: route.key, fingerprint: print(1), state: 'shown' },
    ]);
    const [pair] = await ledger.links.pending(first.place, 0, 10);
    expect(pair?.link).toMatchObject({ item: 'item-a', state: 'misplaced' });
  });

  test('is built anew from the marks, with what is met by', async () => {
    const { ledger, first, second } = await scene();
    const shared = { editedAt: 40, isCopy: true, keys: [keyOf(1)], isMisplaced: false };
    const found = {
      item: 'item-a',
      identity: 'id-a',
      origin: 'linked' as const,
      fingerprint: print(1),
      shared,
    };
    expect(await ledger.links.rebuild(existing(await placeOf(ledger, first)), [found])).toBe(true);
    expect(await ledger.book.newest(BOOK, ['id-a'])).toMatchObject([
      { owner: 'first', item: 'item-a', editedAt: 40 },
    ]);
    expect(await meet(ledger, second, stranger('b', 1, 1))).toEqual(['known']);
  });

  test('is built anew with each edit where it was made, however many copies show it', async () => {
    const { ledger, first, second } = await scene();
    const rebuild = async ({ owner }: PlaceRecord, isCopy: boolean): Promise<void> => {
      const [identity, item, fingerprint] = ['id-a', `item-${owner}`, print(1)];
      const found = { item, identity, origin: 'linked' as const, fingerprint };
      const shared = { editedAt: 40, isCopy, keys: [keyOf(1)], isMisplaced: false };
      const place = owner === first.owner ? first : second;
      await ledger.links.rebuild(existing(await placeOf(ledger, place)), [{ ...found, shared }]);
    };
    await rebuild(first, true);
    await rebuild(second, false);
    await rebuild(first, true);
    expect(await ledger.book.newest(BOOK, ['id-a'])).toMatchObject([{ owner: 'second', editedAt: 40 }]);
  });
}

function keyOf(number: number): Key {
  return { kind: 'address', digest: print(number) };
}

function stranger(name: string, key: number, editedAt: number): Stranger {
  return { item: `item-${name}`, fresh: `id-${name}`, editedAt, fingerprint: print(key), keys: [keyOf(key)] };
}

async function meet(ledger: Ledger, place: PlaceRecord, ...strangers: Stranger[]): Promise<string[]> {
  return (await ledger.book.meet(BOOK, place, { strangers, complete: true })).map(({ kind }) => kind);
}

async function outbox(ledger: Ledger): Promise<string[]> {
  const entries = await ledger.outbox.read(100);
  await ledger.outbox.sent(entries.map(({ entry }) => entry));
  return entries.map(({ tenant, id }) => `${tenant} ${id}`).toSorted();
}
