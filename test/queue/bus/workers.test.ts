import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Delivery } from '../../../src/engine/queue-port.ts';
import type { Change } from '../../../src/model/change.ts';
import { POISON } from '../../../src/queue/bus/suspects.ts';
import { done, idsOf, only, separate, verdicts, wide } from '../../contracts/queue-contract.ts';
import { openShift, type Shift, type Worker } from './shift.ts';

const BUCKETS = 6;
const LOCK_MS = 60_000;
const TURN_MS = 5_000;
const LEASE_MS = 90_000;

const lost = expect.objectContaining({ name: 'Fault', kind: 'lease-lost' }) as unknown;

let shift: Shift;
beforeEach(async () => {
  shift = await openShift({ buckets: BUCKETS, lockMs: LOCK_MS, leaseMs: LEASE_MS });
});
afterEach(() => shift.close());

/** Enough keys to have some in every bucket. */
const many = Array.from({ length: 120 }, (_, index) => separate(`k${index}`, `m${index}`));

async function finish({ queue }: Worker, deliveries: readonly Delivery<Change>[]): Promise<string[]> {
  for (const delivery of deliveries) await queue.settle(delivery, verdicts(delivery, done));
  return deliveries.flatMap(idsOf);
}

it('shares the buckets with a worker that comes, and takes them back from one that goes', async () => {
  const first = shift.begin({ workers: 1, index: 0 });
  expect(await first.queue.take(wide)).toEqual([]);
  expect(shift.held()).toHaveLength(BUCKETS);

  const second = shift.begin({ workers: 2, index: 1 });
  first.share = { workers: 2, index: 0 };
  await shift.advance(TURN_MS);
  expect(await second.queue.take(wide)).toEqual([]);
  await shift.advance(2 * TURN_MS);
  await first.queue.send(many);
  const [left, right] = [await first.queue.take(wide), await second.queue.take(wide)];
  expect(left.length).toBeGreaterThan(20);
  expect(right.length).toBeGreaterThan(20);
  const seen = [...(await finish(first, left)), ...(await finish(second, right))];
  expect(seen.toSorted()).toEqual(many.map(({ body }) => body.id).toSorted());

  // Politely: what it did not hand out goes to the other at once, and was never tried.
  await first.queue.send(many);
  const hers = await second.queue.take({ keys: 1, messages: 1 });
  await finish(second, hers);
  await second.queue.close();
  first.share = { workers: 1, index: 0 };
  await shift.advance(TURN_MS);
  const rest = await first.queue.take({ keys: 1_000, messages: 1_000 });
  expect(rest.flatMap(idsOf).length).toBe(many.length - 1);
  expect(new Set(rest.flatMap(({ messages }) => messages.map(({ attempts }) => attempts)))).toEqual(
    new Set([1]),
  );
});

it('gives a bucket back only when nothing of it is in hand', async () => {
  const first = shift.begin();
  await first.queue.send(many);
  const inHand = await first.queue.take({ keys: 1_000, messages: 1_000 });
  expect(inHand).toHaveLength(many.length);
  first.share = { workers: 3, index: 0 };
  const second = shift.begin({ workers: 3, index: 2 });
  expect(await second.queue.take(wide)).toEqual([]);
  await shift.advance(3 * TURN_MS);
  await first.queue.send(many);
  expect(await second.queue.take(wide)).toEqual([]);
  await finish(first, inHand);
  await shift.advance(3 * TURN_MS);
  expect((await second.queue.take(wide)).length).toBeGreaterThan(10);
});

it('takes over the buckets of a worker that was killed, when their locks have run out', async () => {
  const killed = shift.begin();
  await killed.queue.send(many);
  const inHand = (await killed.queue.take({ keys: 10, messages: 10 })).flatMap(idsOf);
  killed.kill();
  const next = shift.begin();
  await shift.advance(LOCK_MS - TURN_MS);
  expect(await next.queue.take(wide)).toEqual([]);
  await shift.advance(2 * TURN_MS);
  const all = await next.queue.take({ keys: 1_000, messages: 1_000 });
  expect(all.flatMap(idsOf).toSorted()).toEqual(many.map(({ body }) => body.id).toSorted());
  expect(all.find((delivery) => idsOf(delivery).includes(inHand[0] ?? ''))?.messages[0]?.attempts).toBe(2);
});

it('loses its leases with a stolen session: nothing late is kept', async () => {
  const worker = shift.begin();
  await worker.queue.send([separate('k', 'a')]);
  const late = only(await worker.queue.take(wide));
  await worker.queue.setState(late, 7);
  expect(shift.bus.stealSessions('changes')).toBe(BUCKETS);
  await expect(worker.queue.settle(late, verdicts(late, done))).rejects.toEqual(lost);
  await expect(worker.queue.renew(late)).rejects.toEqual(lost);
  await expect(worker.queue.setState(late, 8)).rejects.toEqual(lost);
  await shift.advance(TURN_MS);
  const again = only(await worker.queue.take(wide));
  expect([idsOf(again), again.state, again.messages[0]?.attempts]).toEqual([['a'], 7, 2]);
  await worker.queue.settle(again, verdicts(again, done));
  expect(shift.bus.depth('changes')).toMatchObject({ active: 0, dead: 0 });
});

it('keeps a bucket for as long as a batch takes, on locks of a minute', async () => {
  const worker = shift.begin();
  const other = shift.begin();
  await worker.queue.send([separate('k', 'long')]);
  const batch = only(await worker.queue.take(wide));
  for (let minute = 0; minute < 7; minute += 1) {
    await shift.advance(60_000);
    await worker.queue.renew(batch);
  }
  expect(await other.queue.take(wide)).toEqual([]);
  await worker.queue.settle(batch, verdicts(batch, done));
  expect(shift.bus.depth('changes')).toMatchObject({ active: 0, dead: 0 });
});

it('buries a message that ends whoever handles it, and nothing that was only there', async () => {
  const worker = shift.begin();
  const good = ['a', 'b', 'c'];
  await worker.queue.send(['poison', ...good].map((id) => separate(`k-${id}`, id)));
  const handled: string[] = [];
  let deaths = 0;
  for (let round = 0; round < 20 && shift.bus.depth('changes').active > 0; round += 1) {
    const taken = await worker.queue.take(wide);
    if (taken.flatMap(idsOf).includes('poison')) {
      // What ends a process loses everything that was in its hands.
      deaths += 1;
      shift.bus.stealSessions('changes');
    } else handled.push(...(await finish(worker, taken)));
    await shift.advance(TURN_MS);
  }
  expect(deaths).toBeLessThanOrEqual(10);
  expect(handled.toSorted()).toEqual(good);
  expect(only(await worker.queue.deadLetters())).toMatchObject({ body: { id: 'poison' }, reason: POISON });
});
