import { expect, test } from 'vitest';
import { createWatch } from '../../src/dashboard/watch.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { fakeHouse, JOB } from './fake-house.ts';

const SLOW_MS = 5_000;
const REST_MS = 10 * SLOW_MS;
const DAY_MS = 86_400_000;

/** A house that takes five seconds to say how it stands. */
function slowly() {
  const clock = new VirtualClock();
  const house = fakeHouse();
  const seen = { begun: 0 };
  const watch = createWatch({
    clock,
    house: {
      look: async () => {
        seen.begun += 1;
        const look = await house.look();
        await clock.sleep(SLOW_MS);
        return look;
      },
    },
  });
  const looked = async () => {
    const look = watch.look();
    await clock.run(clock.now() + SLOW_MS);
    return look;
  };
  return { clock, house, watch, seen, looked };
}

test('who looks while reading rests sees what was read last', async () => {
  const { clock, seen, watch, looked } = slowly();
  const first = await looked();
  await clock.run(clock.now() + REST_MS - 1);
  expect(await watch.look()).toBe(first);
  expect(seen.begun).toBe(1);
  await clock.run(clock.now() + 1);
  expect(await looked()).not.toBe(first);
  expect(seen.begun).toBe(2);
});

test('nothing is read while nobody follows, and following cuts no rest short', async () => {
  const { clock, seen, watch, looked } = slowly();
  const over = new AbortController();
  const running = watch.run(over.signal);
  await clock.run(clock.now() + 10 * REST_MS);
  expect(seen.begun).toBe(0);
  await looked();
  for (let times = 0; times < 5; times += 1) watch.follow(() => undefined)();
  const unfollow = watch.follow(() => undefined);
  await clock.run(clock.now() + REST_MS - 1);
  expect(seen.begun).toBe(1);
  await clock.run(clock.now() + REST_MS);
  expect(seen.begun).toBe(2);
  unfollow();
  await clock.run(clock.now() + 10 * REST_MS);
  expect(seen.begun).toBe(2);
  over.abort();
  await running;
});

test('after a change the next look was read afterwards, also where one was under way', async () => {
  const { clock, house, seen, watch } = slowly();
  const before = watch.look();
  await clock.run(clock.now() + 1);
  house.jobs = [{ ...JOB, halt: 'paused' }];
  watch.outdate();
  const after = watch.look();
  await clock.run(clock.now() + 2 * SLOW_MS);
  expect((await before).status?.jobs).toMatchObject([{ halt: null }]);
  expect((await after).status?.jobs).toMatchObject([{ halt: 'paused' }]);
  expect(seen.begun).toBe(2);
});

test('what was measured is forgotten after a day, however little it is', async () => {
  const { clock, watch, looked } = slowly();
  await looked();
  await clock.run(clock.now() + DAY_MS + REST_MS);
  await looked();
  expect(watch.measured()).toHaveLength(1);
});
