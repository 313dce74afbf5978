import { expect, test } from 'vitest';
import { createCounts } from '../../src/run/dashboard-counts.ts';
import { Fault } from '../../src/model/fault.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const SLOW_MS = 2_000;
const REST_MS = 100 * SLOW_MS;
const SOME = { contacts: 24_950, behind: 3 };

function slowly() {
  const clock = new VirtualClock();
  const counts = createCounts({ clock, said: (error) => (error instanceof Error ? error.message : '') });
  const seen = { counted: [] as string[], fault: null as Error | null };
  const take = (...jobs: string[]) =>
    clock.through(
      counts.take(jobs, async (job) => {
        seen.counted.push(job);
        await clock.sleep(SLOW_MS);
        if (seen.fault) throw seen.fault;
        return SOME;
      }),
    );
  const pass = (ms: number) => clock.run(clock.now() + ms);
  return { clock, seen, take, pass };
}

test('contacts are counted a hundredth of the time at most, and it is told when', async () => {
  const { clock, seen, take, pass } = slowly();
  const first = await take('staff');
  expect(first).toEqual({
    countedAt: new Date(clock.now()).toISOString(),
    contacts: new Map([['staff', SOME]]),
    concerns: [],
  });
  await pass(REST_MS - 1);
  expect(await take('staff', 'new')).toBe(first);
  await pass(1);
  expect((await take('staff', 'new')).contacts.get('new')).toEqual(SOME);
  expect(seen.counted).toEqual(['staff', 'staff', 'new']);
});

test('a count that fails leaves the one before, is told, and rests as long', async () => {
  const { seen, take, pass } = slowly();
  seen.fault = new Fault('unavailable', 'the statement took too long');
  const what = 'The contacts cannot be counted: the statement took too long';
  expect(await take('staff')).toMatchObject({ countedAt: null, contacts: new Map(), concerns: [{ what }] });
  await take('staff');
  expect(seen.counted).toEqual(['staff']);
  seen.fault = null;
  await pass(REST_MS);
  const { countedAt, concerns } = await take('staff');
  expect(concerns).toEqual([]);
  seen.fault = new Fault('unavailable', 'the statement took too long');
  await pass(REST_MS);
  expect(await take('staff')).toMatchObject({
    countedAt,
    contacts: new Map([['staff', SOME]]),
    concerns: [{ what }],
  });
});
