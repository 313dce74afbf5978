import SqliteDatabase from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Crew, CrewRole } from '../../src/engine/crew-port.ts';
import type { Share } from '../../src/graph/throttle.ts';
import { silentLog } from '../../src/kit/log.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { BEAT_MS, watchCrew, type CrewWatch } from '../../src/run/crew-watch.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { StoppableClock } from './stoppable-clock.ts';

let clock: VirtualClock;
let crew: Crew;

beforeEach(async () => {
  clock = new VirtualClock();
  ({ crew } = await openLedger({ database: new SqliteDatabase(':memory:') }));
});

const after = (ms: number): Promise<void> => clock.run(clock.now() + ms);

class Process {
  readonly clock = new StoppableClock(clock);
  readonly watch: CrewWatch;
  share: Share = { concurrency: 0, windows: 0 };
  /** Works since it was started, and not once it has stopped. */
  isAtWork = false;
  #leave: () => Promise<void> = async () => {};

  constructor(id: string, role: CrewRole = 'worker', configuration = 'one') {
    this.watch = watchCrew({
      crew,
      member: { id, role, configuration },
      clock: this.clock,
      log: silentLog,
      onShare: (share) => {
        this.share = share;
      },
    });
  }

  async start(): Promise<this> {
    this.#leave = await clock.through(this.watch.start());
    this.isAtWork = true;
    return this;
  }

  async leave(): Promise<void> {
    this.isAtWork = false;
    await clock.through(this.#leave());
  }
}

const start = (id: string, role?: CrewRole, configuration?: string): Promise<Process> =>
  new Process(id, role, configuration).start();
const total = (all: readonly Process[], of: keyof Share = 'concurrency'): number =>
  all.filter((one) => one.isAtWork).reduce((sum, { share }) => sum + share[of], 0);

describe('the limits of a tenant', () => {
  test('are those of the one who works alone', async () => {
    const from = clock.now();
    const alone = await start('a', 'all');
    // Nobody has to make room.
    expect([alone.share, clock.now()]).toEqual([{ concurrency: 1, windows: 1 }, from]);
    await after(12_000);
    expect(alone.share).toEqual({ concurrency: 1, windows: 1 });
  });

  test('are shared by workers, a tenth of a worker’s part for the keeper, nothing for who stands by', async () => {
    const [one, two] = [await start('a'), await start('b')];
    const [keeper, standby] = [await start('k', 'keeper'), await start('s', 'standby')];
    await after(20_000);
    expect(one.share).toEqual({ concurrency: 9 / 19, windows: 9 / 19 });
    expect(two.share).toEqual(one.share);
    expect(keeper.share.concurrency).toBe(1 / 19);
    expect(standby.share.concurrency).toBe(0);
    expect(total([one, two, keeper, standby])).toBeCloseTo(1);
  });

  test('are never exceeded by a newcomer: all others have made room before it begins', async () => {
    const all = [await start('a'), await start('b')];
    await after(20_000);
    for (const id of ['c', 'd', 'e']) {
      const next = new Process(id);
      all.push(next);
      const starting = next.start();
      while (!next.isAtWork) {
        await clock.step();
        expect(total(all)).toBeLessThanOrEqual(1.000_001);
      }
      await starting;
      // Of windows it takes its part little by little, as what the others spent in them runs out.
      expect(next.share.windows).toBeLessThan(next.share.concurrency);
      expect(next.share.concurrency).toBeCloseTo(1 / all.length);
      await after(20_000);
      expect(total(all, 'windows')).toBeCloseTo(1);
    }
  });

  test('are never exceeded by two that come together, whoever sees the other first', async () => {
    const [one, two] = [new Process('a'), new Process('b')];
    const starting = [one.start(), two.start()];
    for (let steps = 0; steps < 20; steps += 1) {
      await clock.settle();
      expect(total([one, two])).toBeLessThanOrEqual(1.000_001);
      await clock.step();
    }
    await Promise.all(starting);
    expect([one.isAtWork, two.isAtWork, total([one, two])]).toEqual([true, true, 1]);
  });

  test('fall to the others within a beat when one leaves, and within 20 seconds when one dies', async () => {
    const [one, two, three] = [await start('a'), await start('b'), await start('c')];
    await three.leave();
    await after(BEAT_MS);
    expect([one.share.concurrency, two.share.concurrency]).toEqual([0.5, 0.5]);
    two.clock.stop();
    two.isAtWork = false;
    await after(10_000);
    expect(one.share.concurrency).toBe(0.5);
    await after(8_000);
    expect(one.share.concurrency).toBe(1);
    // Rows of the dead are struck out, rows of the living are not.
    await after(90_000);
    expect((await crew.all()).map(({ id }) => id)).toEqual(['a']);
  });

  test('are not taken by one that slept, until the others count it again', async () => {
    const [one, two] = [await start('a'), await start('b')];
    two.clock.stop();
    await after(60_000);
    expect(one.share.concurrency).toBe(1);
    const shares: Share[] = [];
    const taken = two.share;
    two.clock.go();
    await clock.settle();
    shares.push(two.share);
    expect(taken.concurrency).toBe(0.5);
    await after(3 * BEAT_MS);
    expect(total([one, two])).toBeCloseTo(1);
  });
});

describe('workers', () => {
  test('are told how many they are, each in its place', async () => {
    const [b, a] = [await start('b'), await start('a', 'all')];
    await start('k', 'keeper');
    await after(BEAT_MS);
    expect(await a.watch.share()).toEqual({ workers: 2, index: 0 });
    expect(await b.watch.share()).toEqual({ workers: 2, index: 1 });
    await a.leave();
    await after(BEAT_MS);
    expect(await b.watch.share()).toEqual({ workers: 1, index: 0 });
  });

  test('know whether all of them have one configuration', async () => {
    const old = await start('a', 'worker', 'one');
    expect(old.watch.agrees()).toBe(true);
    const next = await start('b', 'worker', 'two');
    await after(BEAT_MS);
    expect([old.watch.agrees(), next.watch.agrees()]).toEqual([false, false]);
    await old.leave();
    await after(BEAT_MS);
    expect(next.watch.agrees()).toBe(true);
  });

  test('a standby that becomes the keeper has its part after the others have made room', async () => {
    const worker = await start('a');
    const standby = await start('s', 'standby');
    await after(BEAT_MS);
    expect(worker.share.concurrency).toBe(1);
    await clock.through(standby.watch.become('keeper'));
    expect([worker.share.concurrency, standby.share.concurrency]).toEqual([0.9, 0.1]);
  });
});
