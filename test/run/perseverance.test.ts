import { expect, test } from 'vitest';
import { noteFailure, noteHindrance } from '../../src/run/perseverance.ts';
import { hinderedSince } from '../../src/run/tenant-notes.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const TENANT = 'contoso';

function book() {
  const counters = new Map<string, number>();
  const clock = new VirtualClock();
  const needs = {
    clock,
    ledger: {
      counters: {
        read: (name: string) => Promise.resolve(counters.get(name) ?? 0),
        set: (name: string, value: number) => Promise.resolve(void counters.set(name, value)),
      },
    },
  } as unknown as Parameters<typeof noteHindrance>[0];
  return { needs, clock, since: () => counters.get(hinderedSince(TENANT)) ?? 0 };
}

const fails = () => Promise.reject(new Error('no answer'));
const succeeds = () => Promise.resolve('done');

test('since when nothing succeeds is the first failure, until something was asked and answered', async () => {
  const { needs, clock, since } = book();
  await clock.run(clock.now() + 1_000);
  await expect(noteHindrance(needs, TENANT, fails)).rejects.toThrow('no answer');
  const first = since();
  expect(first).toBe(clock.now());
  await clock.run(clock.now() + 60_000);
  await expect(noteFailure(needs, TENANT, fails)).rejects.toThrow('no answer');
  expect(since()).toBe(first);
  expect(await noteHindrance(needs, TENANT, succeeds)).toBe('done');
  expect(since()).toBe(0);
});

test('work that found nothing to ask does not end it: else an alarm that waits a quarter of an hour never comes', async () => {
  const { needs, clock, since } = book();
  await clock.run(clock.now() + 1_000);
  await expect(noteFailure(needs, TENANT, fails)).rejects.toThrow('no answer');
  const first = since();
  for (let minute = 0; minute < 20; minute += 1) {
    await clock.run(clock.now() + 60_000);
    await noteFailure(needs, TENANT, succeeds);
  }
  expect(since()).toBe(first);
});
