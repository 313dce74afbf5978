import { expect, test } from 'vitest';
import { createRecent } from '../../src/exchange/recent.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const GUID = '1830f35b-2827-4a31-9d63-d8e34374c541';
const MINUTE_MS = 60_000;

test('one that is missing for a quarter of an hour is not there', async () => {
  const clock = new VirtualClock();
  const recent = createRecent(clock);
  expect(recent.missed(GUID)).toBe(clock.now() + 1_000);
  await clock.run(clock.now() + 10 * MINUTE_MS);
  expect(recent.missed(GUID)).toBe(clock.now() + 2 * MINUTE_MS);
  await clock.run(clock.now() + 5 * MINUTE_MS);
  expect(recent.missed(GUID)).toBeNull();
});

test('one that is referred to meanwhile was there: that it is missed later begins anew', async () => {
  const clock = new VirtualClock();
  const recent = createRecent(clock);
  recent.missed(GUID);
  recent.referredTo(GUID);
  await clock.run(clock.now() + 60 * MINUTE_MS);
  expect(recent.missed(GUID)).toBe(clock.now() + 1_000);
});
