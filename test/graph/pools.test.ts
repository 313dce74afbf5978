import { describe, expect, test } from 'vitest';
import { batchSize, keptForLive } from '../../src/graph/batch-size.ts';
import { ExtensionPool } from '../../src/graph/extension-pool.ts';
import { isTenantWide, throttleHeaders } from '../../src/graph/throttle-headers.ts';
import { ThrottleJournal } from '../../src/graph/throttle-journal.ts';
import { createThrottle } from '../../src/graph/throttle.ts';
import { Ring } from '../../src/kit/ring.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const POOL = { count: 455, spanMs: 10_000 };
const NOW = Date.parse('2026-01-05T08:00:00Z');

function refusedInARow(pool: ExtensionPool, batches: number): void {
  for (let batch = 0; batch < batches; batch += 1) pool.answered({ calls: 20, refused: 20 }, NOW);
}

describe('the pool of extensions', () => {
  test('counted from the start: room for 455, then none for ten seconds', () => {
    const pool = new ExtensionPool(POOL, 'counted');
    expect(pool.room(NOW)).toBe(455);
    pool.spend(455, NOW);
    expect(pool.room(NOW + 9_999)).toBe(0);
    expect(pool.room(pool.roomAt(455, NOW))).toBe(455);
  });

  test('uncounted: whatever is refused, there is room', () => {
    const pool = new ExtensionPool(POOL, 'uncounted');
    pool.spend(10_000, NOW);
    refusedInARow(pool, 100);
    expect(pool.room(NOW)).toBe(Infinity);
  });

  test('unknown: batch after batch refused beyond the limit shows that it counts, for a day', () => {
    const pool = new ExtensionPool(POOL, 'unknown');
    pool.spend(600, NOW);
    refusedInARow(pool, 15);
    expect(pool.isCounted(NOW)).toBe(false);
    refusedInARow(pool, 1);
    expect(pool.isCounted(NOW)).toBe(true);
    expect(pool.room(NOW)).toBe(0);
    expect(pool.isCounted(NOW + 86_400_000)).toBe(false);
  });

  test('unknown: refusals below the limit, or with successes between them, have another reason', () => {
    const below = new ExtensionPool(POOL, 'unknown');
    below.spend(455, NOW);
    refusedInARow(below, 40);
    expect(below.isCounted(NOW)).toBe(false);
    const mixed = new ExtensionPool(POOL, 'unknown');
    mixed.spend(600, NOW);
    for (let round = 0; round < 10; round += 1) {
      refusedInARow(mixed, 10);
      mixed.answered({ calls: 20, refused: 9 }, NOW);
    }
    expect(mixed.isCounted(NOW)).toBe(false);
  });
});

describe('what answers say about pools', () => {
  test('scope, limit and share are read, ids are dropped', () => {
    const told = throttleHeaders({
      headers: {
        'x-ms-throttle-limit-percentage': '0.85',
        'x-ms-throttle-scope': 'Tenant_Application/ReadWrite/22222222-app/11111111-tenant',
        'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
      },
    });
    expect(told).toEqual({
      share: 0.85,
      scope: 'Tenant_Application/ReadWrite',
      pool: 'ResourceUnitLimitExceeded',
    });
    expect(isTenantWide(told)).toBe(true);
    expect(throttleHeaders({ headers: {} })).toEqual({ share: undefined, scope: undefined, pool: undefined });
    expect(isTenantWide(throttleHeaders({ headers: {} }))).toBe(false);
  });

  test('the directory is read as fast as its share allows, and faster again when it says nothing', () => {
    const clock = new VirtualClock();
    const limits = { concurrency: 64, requestsPer10s: 20_000 };
    const throttle = createThrottle({ limits, clock, random: seededRandom(1) });
    throttle.end(throttle.begin(new Map([['', 900]])), 'healthy');
    expect(throttle.room('', 0)).toBe(7_100);
    throttle.directoryShare(0.9);
    expect(throttle.room('', 0)).toBe(100);
    throttle.end(throttle.begin(new Map([['', 100]])), 'healthy');
    expect(throttle.room('', 0)).toBe(0);
    throttle.directoryShare(undefined);
    expect(throttle.room('', 0)).toBe(250);
  });

  test('a mailbox that was sent 150 MB in five minutes is left alone until some of it is forgotten', () => {
    const clock = new VirtualClock();
    const limits = { concurrency: 64, requestsPer10s: 20_000 };
    const throttle = createThrottle({ limits, clock, random: seededRandom(1) });
    const uploads = new Map([['m', 147 * 1024 * 1024]]);
    throttle.end(throttle.begin(new Map([['m', 1]]), { extensions: 0, uploads }), 'healthy');
    expect(throttle.restsUntil('m')).toBeGreaterThanOrEqual(clock.now() + 300_000);
    expect(throttle.restsUntil('n')).toBe(0);
  });
});

describe('the journal of refusals', () => {
  test('keeps what asked to wait, with the decimal wait and the best name it has', () => {
    const clock = new VirtualClock();
    const journal = new ThrottleJournal(clock);
    const error = { error: { code: 'ApplicationThrottled' } };
    journal.note('mailbox', { status: 429, headers: { 'retry-after': '2.128' }, body: error });
    journal.note('mailbox', { status: 404, headers: {}, body: error });
    journal.note('tenant', { status: 503, headers: {}, body: undefined });
    expect(journal.count).toBe(2);
    expect(journal.after(0)).toEqual([
      { at: clock.now(), scope: 'mailbox', pool: 'ApplicationThrottled', status: 429, waitMs: 2_128 },
      { at: clock.now(), scope: 'tenant', pool: 'not named', status: 503, waitMs: null },
    ]);
    expect(journal.after(1)).toHaveLength(1);
  });

  test('a ring forgets the oldest and still knows how many there were', () => {
    const ring = new Ring<number>(3);
    for (let number = 1; number <= 5; number += 1) ring.add(number);
    expect(ring.count).toBe(5);
    expect(ring.after(0)).toEqual([3, 4, 5]);
    expect(ring.after(4)).toEqual([5]);
    expect(ring.after(5)).toEqual([]);
  });
});

describe('batch sizes', () => {
  test.each([
    ['economy', 3, 64, 20],
    ['swift', 3, 64, 4],
    ['swift', 200, 64, 4],
    ['swift', 300, 64, 8],
    ['swift', 10_000, 64, 20],
    ['swift', 5, 0, 8],
  ] as const)('%s, %i waiting, %i slots: %i', (...row) => {
    const [policy, ready, slots, size] = row;
    expect(batchSize(policy, { ready, slots }, 20).size).toBe(size);
  });

  test('few slots are all for everybody', () => {
    expect([1, 15, 16, 32, 64, 1_000].map(keptForLive)).toEqual([0, 0, 1, 2, 2, 2]);
  });
});
