import { expect, it } from 'vitest';
import type { Verdict } from '../../../src/engine/queue-port.ts';
import type { Change } from '../../../src/model/change.ts';
import { bucketOf, fairShare, spreadOrder } from '../../../src/queue/bus/buckets.ts';
import { closeEnvelope, forward, openEnvelope } from '../../../src/queue/bus/envelope.ts';
import { decodeState, encodeState } from '../../../src/queue/bus/session-state.ts';
import { BusShelf, type Item, type Stand } from '../../../src/queue/bus/shelf.ts';
import { changeMessages } from '../../../src/queue/messages.ts';
import { change } from '../../contracts/queue-contract.ts';

interface Bucket extends Stand {
  serving: boolean;
}

function makeBucket(): Bucket {
  const bucket: Bucket = { serving: true, serves: () => bucket.serving, stateOf: () => 0 };
  return bucket;
}

const shelfOf = () => new BusShelf<Change, number, Bucket>({ kind: changeMessages, leaseMs: 1_000 });

function item(
  bucket: Bucket,
  order: number,
  {
    tenant = 'contoso',
    id = `u${order}`,
    ...more
  }: Partial<Item<Change, number, Bucket>> & { tenant?: string; id?: string } = {},
): Item<Change, number, Bucket> {
  const body = change(id, { tenant });
  return {
    bucket,
    key: `user|${tenant}|${id}`,
    mergeKey: null,
    body,
    attempts: 0,
    enqueuedAt: order,
    due: order,
    order,
    suspect: false,
    parts: [order],
    ...more,
  };
}

it('reaches the keys of a tenant behind thousands of another that is passed over', () => {
  const [shelf, bucket] = [shelfOf(), makeBucket()];
  for (let order = 0; order < 3_000; order += 1) shelf.put(item(bucket, order));
  shelf.put(item(bucket, 9_999, { tenant: 'fabrikam' }));
  const taken = shelf.take({ keys: 5, messages: 5, without: ['contoso'] }, 10_000);
  expect(taken.map(({ delivery }) => delivery.key)).toEqual(['user|fabrikam|u9999']);
});

it('puts off the youngest half of what crowds a bucket, and nothing that could be taken', () => {
  const [shelf, bucket, other] = [shelfOf(), makeBucket(), makeBucket()];
  for (let order = 0; order < 10; order += 1) shelf.put(item(bucket, order));
  shelf.put(item(bucket, 10, { tenant: 'fabrikam' }));
  shelf.put(item(other, 11));
  const without = new Set(['contoso']);
  expect(shelf.hasTakeable(bucket, without)).toBe(true);
  expect(shelf.hasTakeable(bucket, new Set(['contoso', 'fabrikam']))).toBe(false);
  expect(shelf.spill(bucket, without).map(({ order }) => order)).toEqual([5, 6, 7, 8, 9]);
  expect(shelf.counts(20).due).toBe(7);
});

it('hands out no key of a bucket that is about to be given back, and forgets what is dropped', () => {
  const [shelf, bucket] = [shelfOf(), makeBucket()];
  shelf.put(item(bucket, 1, { id: 'k' }));
  shelf.put(item(bucket, 2, { id: 'l' }));
  const [held] = shelf.take({ keys: 1, messages: 1 }, 5);
  if (!held) throw new Error('one was to be taken');
  bucket.serving = false;
  expect(shelf.take({ keys: 9, messages: 9 }, 5)).toEqual([]);
  expect(shelf.nextAt(5)).toBe(1_005);
  expect(shelf.drop(bucket).map(({ order }) => order)).toEqual([1, 2]);
  expect(shelf.handOf(held.delivery)).toBeUndefined();
  expect([shelf.counts(5).due, shelf.counts(5).held, shelf.nextAt(5)]).toEqual([0, 0, null]);
});

it('hands out one suspect at a time, by itself, and others beside it', () => {
  const [shelf, bucket] = [shelfOf(), makeBucket()];
  shelf.put(item(bucket, 1, { id: 'k', suspect: true, mergeKey: 'm' }));
  shelf.put(item(bucket, 2, { id: 'k', mergeKey: 'm' }));
  shelf.put(item(bucket, 3, { id: 'l', suspect: true }));
  shelf.put(item(bucket, 4, { id: 'n' }));
  const orders = (limit = { keys: 9, messages: 9 }) =>
    shelf.take(limit, 10).map(({ hand }) => [...hand.items.values()].map(({ order }) => order));
  const [suspect, ...others] = shelf.take({ keys: 9, messages: 9 }, 10);
  expect(suspect?.delivery.messages).toHaveLength(1);
  expect(others.map(({ delivery }) => delivery.key)).toEqual(['user|contoso|n']);
  expect(orders()).toEqual([]);
  if (suspect) {
    const verdicts = new Map<string, Verdict>([[suspect.delivery.messages[0]?.id ?? '', { kind: 'done' }]]);
    shelf.free(suspect.hand, verdicts);
  }
  expect(orders()).toEqual([[2], [3]]);
});

it('spreads slabs evenly, and begins elsewhere for every tenant', () => {
  const [contoso, fabrikam] = ['contoso', 'fabrikam'].map((tenant) =>
    Array.from({ length: 50 }, (_, slab) => bucketOf('writes', `${tenant}|${slab}`, 64)),
  );
  expect(new Set(contoso).size).toBe(50);
  expect(contoso?.[0]).not.toBe(fabrikam?.[0]);
  const changes = Array.from({ length: 6_400 }, (_, id) => bucketOf('changes', `user|contoso|${id}`, 64));
  const fullest = Math.max(
    ...Map.groupBy(changes, (bucket) => bucket)
      .values()
      .map(({ length }) => length),
  );
  expect(fullest).toBeLessThan(150);
  // Written down, since two versions of the program must agree on it.
  expect([bucketOf('writes', 'contoso|7', 64), bucketOf('changes', 'user|contoso|u1', 64)]).toEqual([21, 53]);
});

it.each([1, 2, 3, 7, 64, 100])('gives every bucket to somebody: %i workers', (workers) => {
  const shares = Array.from({ length: workers }, (_, index) => fairShare({ workers, index }, 64));
  expect(shares.reduce((total, share) => total + share, 0)).toBe(64);
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  for (let index = 0; index < workers; index += 1)
    expect(new Set(spreadOrder({ workers, index }, 64)).size).toBe(64);
  // Everybody gets what they reach for first, and ten slabs in a row are shared out as evenly as they can be.
  const firsts = shares.map((share, index) => spreadOrder({ workers, index }, 64).slice(0, share));
  expect(new Set(firsts.flat()).size).toBe(64);
  const slabs = firsts.map((some) => some.filter((bucket) => bucket >= 30 && bucket < 40).length);
  expect(Math.max(...slabs) - Math.min(...slabs)).toBeLessThanOrEqual(1);
});

it('reads what it wrote, leaves what a newer version wrote, and buries nonsense', () => {
  const body = change('u1');
  const sent = closeEnvelope(
    { key: 'k', mergeKey: 'm', body, attempts: 3, enqueuedAt: 5 },
    { bucket: 7, id: 'id', at: null },
  );
  expect(sent).toMatchObject({ sessionId: '007', messageId: 'id' });
  const properties = sent.applicationProperties ?? {};
  const open = (value: unknown, more = {}) =>
    openEnvelope(changeMessages, { body: value, applicationProperties: { ...properties, ...more } });
  expect(open(body)).toEqual({
    kind: 'read',
    envelope: { key: 'k', mergeKey: 'm', body, attempts: 3, enqueuedAt: 5 },
  });
  expect(open({ ...body, v: 2 }).kind).toBe('newer');
  expect(open(body, { v: 2 }).kind).toBe('newer');
  for (const nonsense of [null, 'text', 7, [], {}, { v: 1 }]) expect(open(nonsense).kind).toBe('unreadable');
  for (const more of [{ v: 'x' }, { key: 7 }, { key: '' }]) expect(open(body, more).kind).toBe('unreadable');
  const copy = forward({ ...sent, body: { v: 2 } } as Parameters<typeof forward>[0], { id: 'new', at: 9 });
  expect(copy).toMatchObject({
    messageId: 'new',
    sessionId: '007',
    body: { v: 2 },
    applicationProperties: properties,
  });
});

it('keeps in the state of a session what another version wrote there', () => {
  const found = { v: 2, states: { a: 1, b: 'x' }, theirs: true };
  expect(decodeState(found)).toEqual({ states: { a: 1 }, charges: {} });
  expect(encodeState({ states: { a: 2 }, charges: {} }, found)).toMatchObject({
    theirs: true,
    states: { a: 2 },
  });
  for (const nonsense of [null, undefined, 'x', 7, []]) expect(decodeState(nonsense).states).toEqual({});
});
