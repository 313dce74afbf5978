import { beforeEach, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { openSlabBench, type SlabBench } from './slab-bench.ts';

const OWNER = 'owner';
let on: SlabBench;

beforeEach(async () => {
  on = await openSlabBench([OWNER]);
  await on.work();
});

const until = (time: number): Promise<void> => on.top.clock.run(time);
const lost = { kind: 'fault', fault: new Fault('unknown-outcome', 'the connection broke') } as const;

test('a create that left late may be applied late: its time runs from the answer, not from the plan', async () => {
  const card = await on.show('ann');
  const planned = on.top.clock.now();
  on.target.instead = async ({ kind }) => {
    if (kind !== 'create') return undefined;
    await until(planned + 100_000);
    return lost;
  };
  await on.work();
  on.target.instead = async () => undefined;
  await until(planned + 125_000);
  await on.work();
  on.target.folders.get(OWNER)?.items.set('late', { identity: 'ann', card });
  await until(planned + 300_000);
  await on.work();
  expect(on.shown(OWNER)).toEqual(['ann']);
});

test('a look proves what stood there when it was asked, not when all the others were answered', async () => {
  const card = await on.show('ann');
  const planned = on.top.clock.now();
  let looks = 0;
  on.target.instead = async ({ kind }) => {
    if (kind === 'create') return looks === 0 ? lost : undefined;
    if (kind !== 'find') return undefined;
    looks += 1;
    if (looks > 1) return undefined;
    await until(planned + 118_000);
    on.target.folders.get(OWNER)?.items.set('late', { identity: 'ann', card });
    await until(planned + 121_000);
    return { kind: 'items', items: [] };
  };
  await on.work();
  await until(planned + 115_000);
  await on.work();
  await until(planned + 400_000);
  await on.work();
  expect(looks).toBeGreaterThan(1);
  expect(on.shown(OWNER)).toEqual(['ann']);
});
