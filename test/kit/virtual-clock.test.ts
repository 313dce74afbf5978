import { describe, expect, it } from 'vitest';
import { chance, seededRandom, shuffle } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('virtual clock', () => {
  it('rings alarms by time, then by the order of setting, and settles what they cause in between', async () => {
    const clock = new VirtualClock({ now: 0 });
    const seen: string[] = [];
    const random = seededRandom(1);
    const delays = Array.from({ length: 500 }, () => Math.floor(random.float() * 50));
    const expected = delays
      .map((ms, order) => ({ ms, order }))
      .toSorted((a, b) => a.ms - b.ms || a.order - b.order);
    for (const [order, ms] of delays.entries()) {
      void (async () => {
        await clock.sleep(ms);
        await Promise.resolve();
        seen.push(`${ms}/${order} at ${clock.now()}`);
      })();
    }
    await clock.run();
    expect(seen).toEqual(expected.map(({ ms, order }) => `${ms}/${order} at ${ms}`));
    expect(clock.pending).toBe(0);
  });

  it('stops at the given time and keeps later alarms', async () => {
    const clock = new VirtualClock({ now: 0 });
    let rang = false;
    void clock.sleep(100).then(() => (rang = true));
    await clock.run(99);
    expect([clock.now(), rang, clock.pending]).toEqual([99, false, 1]);
    await clock.run(100);
    expect([clock.now(), rang, clock.pending]).toEqual([100, true, 0]);
  });

  it('rejects an aborted sleep with the reason and never rings it', async () => {
    const clock = new VirtualClock({ now: 0 });
    const stop = new AbortController();
    const nap = clock.sleep(10, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(nap).rejects.toThrow('stopped');
    expect(clock.pending).toBe(0);
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('stopped');
    expect(await clock.step()).toBe(false);
  });

  it('passes time until a promise is settled, and no longer', async () => {
    const clock = new VirtualClock({ now: 0 });
    void clock.sleep(500);
    expect(await clock.through(clock.sleep(100).then(() => clock.now()))).toBe(100);
    const failing = clock.sleep(50).then(() => Promise.reject(new Error('broken')));
    await expect(clock.through(failing)).rejects.toThrow('broken');
    expect([clock.now(), clock.pending]).toEqual([150, 1]);
  });

  it('says so when an awaited state never comes', async () => {
    const clock = new VirtualClock({ now: 0 });
    await expect(clock.runUntil(() => false, 1_000)).rejects.toThrow('1000 ms');
  });
});

function draw(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 20 }, () => random.float());
}

describe('seeded random', () => {
  it('replays from its seed, and differs between seeds', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(Buffer.from(seededRandom(3).bytes(21))).toEqual(Buffer.from(seededRandom(3).bytes(21)));
  });

  it('is roughly uniform, and draws nothing for a certain outcome', () => {
    const random = seededRandom(11);
    const hits = Array.from({ length: 20_000 }, () => chance(random, 0.3)).filter(Boolean).length;
    expect(Math.abs(hits - 6_000)).toBeLessThan(300);
    const [left, right] = [seededRandom(5), seededRandom(5)];
    chance(left, 0);
    chance(left, 1);
    expect(left.float()).toBe(right.float());
    expect(shuffle(random, [1, 2, 3, 4]).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });
});
