import { beforeEach, describe, expect, test } from 'vitest';
import { fillMessage } from '../../src/engine/send.ts';
import { TENANT } from './bench-top.ts';
import { openSlabBench, type SlabBench } from './slab-bench.ts';

const OWNER = 'owner';
const LATE_MS = 120_000;
let on: SlabBench;

beforeEach(async () => {
  on = await openSlabBench([OWNER]);
  await on.show('ann');
  await on.work();
  expect(on.shown(OWNER)).toEqual(['ann']);
  on.target.asked.length = 0;
});

const pass = (ms: number): Promise<void> => on.top.clock.run(on.top.clock.now() + ms);

/** As a backup from before the latest sending would be: the queue knows of one more than the ledger, or of many less. */
async function move(by: number): Promise<void> {
  const { needs, clock } = on.top;
  await needs.writes.send([fillMessage({ tenant: TENANT, slab: 0 }, clock.now())]);
  const [delivery] = await needs.writes.take({ keys: 1, messages: 10 });
  if (!delivery) throw new Error('a fill was sent');
  await needs.writes.setState(delivery, delivery.state + by);
  await needs.writes.settle(delivery, new Map(delivery.messages.map(({ id }) => [id, { kind: 'done' }])));
}

describe('a ledger that is behind the queue', () => {
  test('is noticed in the next turn, and its places are read only when nothing can arrive any more', async () => {
    await move(1);
    const card = await on.show('bob');
    await on.work();
    expect(on.target.asked).toEqual([]);
    // Sent before the backup was restored, and applied by the service only now.
    on.target.folders.get(OWNER)?.items.set('late', { identity: 'bob', card });
    await pass(LATE_MS);
    await on.work();
    expect(on.target.asked[0]).toBe('list');
    expect(on.target.asked).not.toContain('create');
    expect(on.shown(OWNER)).toEqual(['ann', 'bob']);
  });

  test('starts over above every generation that anybody has seen', async () => {
    const { current } = await on.top.needs.ledger.slabs.generation(TENANT, 0);
    await move(1);
    await on.work();
    expect((await on.top.needs.ledger.slabs.generation(TENANT, 0)).current).toBe(current + 1);
  });

  test('asks for a round over everybody', async () => {
    await move(1);
    await on.work();
    expect(await on.top.needs.ledger.counters.read(`round wanted|${TENANT}`)).toBe(1);
  });
});

test('a queue that is behind the ledger has lost work: every place is read, and everybody looked at', async () => {
  await on.show('bob');
  await on.work();
  await move(-2);
  on.target.folders.get(OWNER)?.items.delete('item-2');
  on.target.asked.length = 0;
  await on.work();
  await pass(LATE_MS);
  await on.work();
  expect(on.target.asked).toContain('list');
  expect(on.shown(OWNER)).toEqual(['ann', 'bob']);
  expect(await on.top.needs.ledger.counters.read(`round wanted|${TENANT}`)).toBe(1);
});

describe('a ledger and a queue that are both behind the folders', () => {
  test('are found out by the first turn of a process', async () => {
    const folder = on.target.folders.get(OWNER);
    if (!folder) throw new Error('the folder was made');
    folder.generation += 5;
    on.top.needs.holdings.clear();
    await on.show('bob');
    await on.work();
    expect(on.target.asked).toEqual(['read-generation']);
    await pass(LATE_MS);
    await on.work();
    expect(on.shown(OWNER)).toEqual(['ann', 'bob']);
    expect(folder.generation).toBeGreaterThan(5);
  });

  test('are found out by a folder that nobody knew, and the turn ends there', async () => {
    const { current } = await on.top.needs.ledger.slabs.generation(TENANT, 0);
    await on.join('second');
    const card = await on.show('bob');
    on.target.folders.get(OWNER)?.items.set('lost', { identity: 'bob', card });
    const [place] = await on.top.needs.ledger.places.ofSlab(TENANT, 0);
    await on.top.needs.ledger.places.restart([place?.place ?? 0], 'people');
    on.target.folders.set('second', { generation: current + 5, name: 'Company Directory', items: new Map() });
    await on.turn();
    expect(on.target.asked).not.toContain('create');
    await pass(LATE_MS);
    await on.work();
    expect(on.shown(OWNER)).toEqual(['ann', 'bob']);
    await pass(LATE_MS);
    await on.work();
    expect(on.shown('second').toSorted()).toEqual(['ann', 'bob']);
  });
});
