import { beforeEach, describe, expect, test } from 'vitest';
import { reconcile } from '../../src/engine/reconcile.ts';
import { fillMessage } from '../../src/engine/send.ts';
import { personToCard } from '../../src/jobs/person-to-card.ts';
import { openBenchTop, present, TENANT, type BenchTop } from './bench-top.ts';
import { createMemoryFolders, type MemoryFolders } from './memory-folders.ts';

const OWNER = 'owner';
const LATE_MS = 120_000;
let top: BenchTop;
let target: MemoryFolders;

beforeEach(async () => {
  target = createMemoryFolders();
  top = await openBenchTop({}, target);
  const [route] = top.needs.routes;
  if (!route) throw new Error('the bench has a route');
  await top.needs.ledger.mailboxes.join(TENANT, OWNER, route.key);
  await show('ann');
  await work();
});

/** The person's card is in the ledger, and its body at hand. */
async function show(identity: string): Promise<void> {
  const sighting = present(identity);
  if (sighting.kind !== 'present') throw new Error('present means present');
  const [route] = top.needs.routes;
  const card = personToCard(sighting.person);
  top.people.set(identity, sighting);
  const fingerprint = top.needs.fingerprint(card);
  await top.needs.ledger.cards.record(TENANT, [
    { identity, route: route?.key ?? 0, fingerprint, state: 'shown' },
  ]);
}

/** Fill turns until nothing is due any more. */
async function work(): Promise<void> {
  const { needs, clock } = top;
  await needs.writes.send([fillMessage({ tenant: TENANT, slab: 0 }, clock.now())]);
  for (let turn = 0; turn < 10; turn += 1) {
    const [delivery] = await needs.writes.take({ keys: 1, messages: 10 });
    if (!delivery) return;
    await reconcile(needs, delivery);
  }
}

/** As a backup from before the latest sending would be: the queue knows of one more than the ledger. */
async function fallBehind(): Promise<void> {
  const { needs, clock } = top;
  await needs.writes.send([fillMessage({ tenant: TENANT, slab: 0 }, clock.now())]);
  const [delivery] = await needs.writes.take({ keys: 1, messages: 10 });
  if (!delivery) throw new Error('a fill was sent');
  await needs.writes.setState(delivery, delivery.state + 1);
  await needs.writes.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, { kind: 'done' }])));
}

const items = (): string[] =>
  [...(target.folders.get(OWNER)?.items.values() ?? [])].map(({ identity }) => identity);

describe('a ledger that is behind the queue', () => {
  test('is noticed in the next turn, and its places are read only when nothing can arrive any more', async () => {
    expect(items()).toEqual(['ann']);
    await fallBehind();
    await show('bob');
    target.asked.length = 0;
    await work();
    expect(target.asked).toEqual([]);
    // Sent before the backup was restored, and applied by the service only now.
    const card = target.folders.get(OWNER)?.items.get('item-1')?.card;
    if (!card) throw new Error('ann is there');
    target.folders.get(OWNER)?.items.set('late', { identity: 'bob', card });
    await top.clock.run(top.clock.now() + LATE_MS);
    await work();
    expect(target.asked[0]).toBe('list');
    expect(target.asked).not.toContain('create');
    expect(items()).toEqual(['ann', 'bob']);
  });

  test('starts over above every generation that anybody has seen', async () => {
    const { current } = await top.needs.ledger.slabs.generation(TENANT, 0);
    await fallBehind();
    await work();
    expect((await top.needs.ledger.slabs.generation(TENANT, 0)).current).toBe(current + 1);
  });
});

describe('a ledger and a queue that are both behind the folders', () => {
  test('are found out by the first turn of a process', async () => {
    const folder = target.folders.get(OWNER);
    if (!folder) throw new Error('the folder was made');
    folder.generation += 5;
    top.needs.proven.clear();
    target.asked.length = 0;
    await show('bob');
    await work();
    expect(target.asked).toEqual(['read-generation']);
    await top.clock.run(top.clock.now() + LATE_MS);
    await work();
    expect(items()).toEqual(['ann', 'bob']);
    expect(folder.generation).toBeGreaterThan(5);
  });
});
