import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adaptiveConcurrency } from '../../src/kit/adaptive-concurrency.ts';
import { SlidingBudget } from '../../src/graph/sliding-budget.ts';
import { createThrottle } from '../../src/graph/throttle.ts';
import { backoffMs } from '../../src/kit/backoff.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const NOW = Date.parse('2026-01-05T08:00:00Z');

function full(concurrency: ReturnType<typeof adaptiveConcurrency>): number[] {
  return Array.from({ length: concurrency.spare() }, () => concurrency.begin());
}

function newThrottle() {
  const clock = new VirtualClock();
  const limits = { concurrency: 64, requestsPer10s: 8000 };
  return { clock, throttle: createThrottle({ limits, clock, random: seededRandom(1) }) };
}

describe('backoff', () => {
  test('doubles up to its longest, and never less than half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (attempt, drawn) => {
          const waitMs = backoffMs(
            attempt,
            { firstMs: 100, longestMs: 10_000 },
            { float: () => drawn, bytes: () => new Uint8Array() },
          );
          const ceiling = Math.min(10_000, 100 * 2 ** (attempt - 1));
          expect(waitMs).toBeGreaterThanOrEqual(ceiling / 2);
          expect(waitMs).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });
});

describe('adaptive concurrency', () => {
  test('under load doubles each round trip until the first congestion, then adds one', () => {
    const concurrency = adaptiveConcurrency(1_000);
    let inFlight = full(concurrency);
    const roundTrip = (health: 'healthy' | 'congested'): number => {
      const sent: number[] = [];
      for (const ticket of inFlight) {
        concurrency.end(ticket, health);
        sent.push(...full(concurrency));
      }
      inFlight = sent;
      return Math.floor(concurrency.window());
    };
    expect([roundTrip('healthy'), roundTrip('healthy'), roundTrip('healthy')]).toEqual([128, 256, 512]);
    expect(roundTrip('congested')).toBe(256);
    expect([roundTrip('healthy'), roundTrip('healthy')]).toEqual([256, 257]);
  });

  test('halves at most once per round trip', () => {
    const concurrency = adaptiveConcurrency(8);
    const tickets = full(concurrency);
    expect(tickets).toHaveLength(8);
    for (const ticket of tickets) concurrency.end(ticket, 'congested');
    expect(concurrency.window()).toBe(4);
    for (const ticket of full(concurrency)) concurrency.end(ticket, 'congested');
    expect(concurrency.window()).toBe(2);
  });

  test('an idle tenant does not widen its window', () => {
    const concurrency = adaptiveConcurrency(100);
    for (let batch = 0; batch < 100; batch += 1) concurrency.end(concurrency.begin(), 'healthy');
    expect(concurrency.window()).toBe(64);
  });

  test('stays between 1 and the limit whatever happens', () => {
    const health = fc.constantFrom('healthy', 'congested', 'silent');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(health, { maxLength: 200 }), (most, trips) => {
        const concurrency = adaptiveConcurrency(most);
        for (const trip of trips) {
          const tickets = full(concurrency);
          expect(tickets.length).toBeGreaterThanOrEqual(1);
          for (const ticket of tickets) concurrency.end(ticket, trip);
          expect(concurrency.window()).toBeGreaterThanOrEqual(1);
          expect(concurrency.window()).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});

describe('sliding budget', () => {
  test('never more than the limit in any window, and room when it says so', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 1, max: 20 })), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(steps, (steps) => {
        const budget = new SlidingBudget(50, 10_000);
        const spent: { at: number; count: number }[] = [];
        let now = NOW;
        for (const [pause, count] of steps) {
          now = budget.roomAt(count, now + pause);
          expect(budget.room(now)).toBeGreaterThanOrEqual(count);
          budget.spend(count, now);
          spent.push({ at: now, count });
          const inWindow = spent
            .filter(({ at }) => at > now - 10_000)
            .reduce((sum, { count }) => sum + count, 0);
          expect(inWindow).toBeLessThanOrEqual(50);
        }
      }),
    );
  });

  test('is empty again a window and a slice later, and not before', () => {
    const budget = new SlidingBudget(50, 10_000);
    budget.spend(50, NOW);
    expect(budget.roomAt(1, NOW)).toBe(NOW + 10_250);
    expect(budget.room(NOW + 10_000)).toBe(0);
    expect(budget.room(NOW + 10_250)).toBe(50);
    expect(budget.idle(NOW + 10_250)).toBe(true);
  });

  test('more than the limit is as much as the limit, and a clock set back opens no second window', () => {
    const budget = new SlidingBudget(50, 10_000);
    expect(budget.roomAt(80, NOW)).toBe(NOW);
    budget.spend(50, NOW);
    budget.spend(1, NOW - 60_000);
    expect(budget.room(NOW)).toBe(-1);
  });
});

describe('throttle', () => {
  test('a batch with k calls to a mailbox takes min(4, k) of its four', () => {
    const { throttle: state } = newThrottle();
    expect(state.room('m', 0)).toBeGreaterThan(20);
    expect(state.room('m', 19)).toBeGreaterThan(0);
    const one = state.begin(new Map([['m', 1]]));
    expect([state.room('m', 0), state.room('m', 2), state.room('m', 3)]).toEqual([3, 1, 0]);
    const three = state.begin(new Map([['m', 3]]));
    expect(state.room('m', 0)).toBe(0);
    state.end(one, 'healthy');
    expect(state.room('m', 0)).toBe(1);
    state.end(three, 'healthy');
    const many = state.begin(new Map([['m', 20]]));
    expect(state.room('m', 0)).toBe(0);
    state.end(many, 'healthy');
    expect(state.room('m', 0)).toBeGreaterThan(4);
    // The directory has units, and no four at a time.
    expect(state.room('', 1000)).toBe(7_000);
  });

  test('what joins a batch counts before it is sent', () => {
    const { throttle: state } = newThrottle();
    state.end(state.begin(new Map([['m', 9_995]])), 'healthy');
    expect([state.room('m', 0), state.room('m', 3), state.room('m', 9)]).toEqual([5, 2, 0]);
  });

  test('what was asked of a process before is kept to, and a shorter wait changes nothing', () => {
    const { clock, throttle: state } = newThrottle();
    const until = clock.now() + 60_000;
    state.restore('source', until);
    expect([state.restsUntil(''), state.tenantRestsUntil()]).toEqual([until, 0]);
    state.restore('tenant', until);
    state.restore('tenant', until - 1);
    expect([state.tenantRestsUntil(), state.sendableAt(1), state.restsUntil('m')]).toEqual([until, until, 0]);
  });

  test('what need not be remembered is forgotten, what must be is not', async () => {
    const { clock, throttle: state } = newThrottle();
    const refused = state.begin(new Map([['resting', 1]]));
    state.end(refused, 'healthy');
    state.mailboxRefused('resting', refused, clock.now() + 3_600_000);
    state.end(state.begin(new Map([['m', 1]])), 'healthy');
    await clock.run(clock.now() + 1_300_000);
    state.end(state.begin(new Map([['n', 1]])), 'healthy');
    expect(state.restsUntil('resting')).toBeGreaterThan(clock.now());
    expect(state.restsUntil('m')).toBe(0);
    expect(state.room('m', 0)).toBe(10_000);
  });

  test('a share of the limits is a share of batches and windows, and nothing of a mailbox', () => {
    const { throttle: state } = newThrottle();
    state.take({ concurrency: 0.25, windows: 0.5 });
    expect([state.window(), state.spareBatches()]).toEqual([16, 16]);
    expect(state.room('', 0)).toBe(4_000);
    expect(state.room('m', 0)).toBe(10_000);
    const now = state.sendableAt(1);
    state.end(state.begin(new Map([['m', 4_000]])), 'healthy');
    expect(state.sendableAt(1)).toBeGreaterThan(now);
    state.take({ concurrency: 1, windows: 1 });
    expect([state.window(), state.sendableAt(4_000)]).toEqual([64, now]);
  });

  test('what was under way when the share shrank ends as it would, and counts', () => {
    const { throttle: state } = newThrottle();
    const tickets = Array.from({ length: 20 }, () => state.begin(new Map([['m', 1]])));
    state.take({ concurrency: 0.25, windows: 1 });
    expect(state.spareBatches()).toBe(-4);
    for (const ticket of tickets.slice(0, 5)) state.end(ticket, 'healthy');
    expect(state.spareBatches()).toBe(1);
  });

  test('the smallest share still lets one full batch out', () => {
    const { clock, throttle: state } = newThrottle();
    state.take({ concurrency: 0.000_1, windows: 0.000_1 });
    expect(state.spareBatches()).toBe(1);
    expect(state.sendableAt(20)).toBe(clock.now());
    expect(state.room('', 0)).toBe(20);
  });

  test('what the directory told of its pool outlives a share that stays the same', () => {
    const { throttle: state } = newThrottle();
    state.end(state.begin(new Map([['', 800]])), 'healthy');
    state.directoryShare(0.8);
    expect(state.room('', 0)).toBe(200);
    state.take({ concurrency: 1, windows: 1 });
    expect(state.room('', 0)).toBe(200);
  });
});
