import SqliteDatabase from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Leases } from '../../src/engine/crew-port.ts';
import { HeldByAnother } from '../../src/kit/held-by-another.ts';
import { silentLog } from '../../src/kit/log.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { Fault } from '../../src/model/fault.ts';
import { fenced } from '../../src/run/fence.ts';
import { createKeeperLease, type KeeperLease } from '../../src/run/keeper-lease.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { StoppableClock } from './stoppable-clock.ts';

let clock: VirtualClock;
let leases: Leases;

beforeEach(async () => {
  clock = new VirtualClock();
  ({ leases } = await openLedger({ database: new SqliteDatabase(':memory:') }));
});

/** A process that wants to be the keeper, and when it was. */
class Contender {
  readonly clock: StoppableClock;
  readonly lease: KeeperLease;
  readonly stop = new AbortController();
  readonly terms: { from: number; to: number | null }[] = [];
  readonly over: Promise<void>;

  constructor(holder: string, over: Partial<Leases> = {}) {
    this.clock = new StoppableClock(clock);
    const own: Leases = {
      read: (name) => leases.read(name),
      take: (name, wanted) => leases.take(name, wanted),
      renew: (...given) => leases.renew(...given),
      release: (name, token) => leases.release(name, token),
      ...over,
    };
    this.lease = createKeeperLease({ leases: own, holder, clock: this.clock, log: silentLog });
    this.over = this.lease.run(this.stop.signal, async (signal) => {
      const term: { from: number; to: number | null } = { from: clock.now(), to: null };
      this.terms.push(term);
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      term.to = clock.now();
    });
  }

  get isKeeper(): boolean {
    return this.terms.at(-1)?.to === null;
  }
}

const after = (ms: number): Promise<void> => clock.run(clock.now() + ms);

describe('the keeper', () => {
  test('is one of several, as long as it lives', async () => {
    const three = ['a', 'b', 'c'].map((holder) => new Contender(holder));
    await after(600_000);
    expect(three.flatMap((one) => one.terms)).toHaveLength(1);
    expect(three.filter((one) => one.isKeeper && one.lease.isHeld())).toHaveLength(1);
  });

  test('that dies is followed within 20 seconds', async () => {
    const dying = new Contender('a');
    await after(60_000);
    const next = new Contender('b');
    await after(60_000);
    expect([dying.isKeeper, next.isKeeper]).toEqual([true, false]);
    dying.clock.stop();
    const diedAt = clock.now();
    await clock.runUntil(() => next.isKeeper);
    expect(clock.now() - diedAt).toBeLessThanOrEqual(20_000);
    expect(clock.now() - diedAt).toBeGreaterThan(9_000);
  });

  test('that stops gives way at once', async () => {
    const [one, two] = [new Contender('a'), new Contender('b')];
    await after(10_000);
    one.stop.abort();
    await clock.through(one.over);
    await after(2_000);
    expect([one.isKeeper, two.isKeeper]).toEqual([false, true]);
  });

  test('that was asleep for longer than its lease knows before it does anything else', async () => {
    const asleep = new Contender('a');
    await after(10_000);
    const next = new Contender('b');
    asleep.clock.stop();
    await clock.runUntil(() => next.isKeeper);
    const port = fenced({ book: { write: async () => 'written' } }, () => asleep.lease.demand());
    expect(asleep.lease.isHeld()).toBe(false);
    expect(() => port.book.write()).toThrow(Fault);
    asleep.clock.go();
    await after(10_000);
    expect([asleep.isKeeper, next.isKeeper]).toEqual([false, true]);
    const free = fenced({ book: { write: async () => 'written' } }, () => next.lease.demand());
    expect(await free.book.write()).toBe('written');
  });

  test.each([
    ['answers with an error', () => Promise.reject(new Fault('unavailable', 'away'))],
    ['does not answer', () => new Promise<boolean>(() => {})],
  ])('whose ledger %s stops when its lease ends, and not before', async (_what, renew) => {
    let away = false;
    const one = new Contender('a', {
      renew: (...given) => (away ? renew() : leases.renew(...given)),
      read: (name) => (away ? Promise.reject(new Fault('unavailable', 'away')) : leases.read(name)),
    });
    await after(10_000);
    away = true;
    await after(9_000);
    expect(one.isKeeper).toBe(true);
    await after(6_500);
    expect(one.isKeeper).toBe(false);
    away = false;
    await after(20_000);
    expect(one.isKeeper).toBe(true);
    expect(one.terms).toHaveLength(2);
  });

  test('never overlaps with another, whoever is stopped for however long', async () => {
    const all = ['a', 'b', 'c'].map((holder) => new Contender(holder));
    for (const [index, pause] of [3_000, 14_000, 16_000, 40_000, 5_000, 31_000].entries()) {
      const one = all[index % 3];
      one?.clock.stop();
      for (let time = 0; time < pause; time += 500) {
        await after(500);
        expect(all.filter(({ lease }) => lease.isHeld()).length).toBeLessThanOrEqual(1);
      }
      one?.clock.go();
      await after(20_000);
      expect(all.filter(({ lease }) => lease.isHeld())).toHaveLength(1);
    }
  });
});

const once = (holder: string): Promise<string> =>
  createKeeperLease({ leases, holder, clock, log: silentLog }).once(
    new AbortController().signal,
    async () => `${holder} worked`,
  );

describe('a command', () => {
  test('works when there is no keeper, one after the other', async () => {
    expect(await clock.through(once('a'))).toBe('a worked');
    expect(await clock.through(once('b'))).toBe('b worked');
  });

  test('is refused soon when there is one, and named', async () => {
    const keeper = new Contender('a');
    await after(10_000);
    const startedAt = clock.now();
    const refused = once('b').catch((error: unknown) => error);
    const fault = await clock.through(refused);
    expect(fault).toBeInstanceOf(HeldByAnother);
    expect(String(fault)).toContain('the process a is the keeper');
    expect(clock.now() - startedAt).toBeLessThan(10_000);
    expect(keeper.isKeeper).toBe(true);
  });

  test('waits for the lease of a keeper that died', async () => {
    const keeper = new Contender('a');
    await after(10_000);
    keeper.clock.stop();
    expect(await clock.through(once('b'))).toBe('b worked');
  });
});
