import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { createBell, type Bell } from '../bell.ts';
import { fairShare, spreadOrder, type Share } from './buckets.ts';
import { codeOf, isHeldElsewhere } from './faults.ts';
import type { BusConnection } from './connection.ts';
import type { BusHold } from './hold.ts';

export interface HoldingsOptions {
  readonly connection: Pick<BusConnection, 'succeeded' | 'failed'>;
  readonly queue: string;
  readonly buckets: number;
  /** How many workers there are now, and which this one is. */
  readonly share: () => Promise<Share>;
  readonly clock: Clock;
  readonly log: Log;
  readonly accept: (bucket: number, onLost: (hold: BusHold) => void) => Promise<BusHold>;
  /** A bucket is about to be given back: resolves when nothing of it is in hand any more. */
  readonly letGo: (hold: BusHold) => Promise<void>;
}

/** How often shares are compared and buckets that another held are asked for again: what a newcomer waits for at most. */
const TURN_MS = 5_000;
/** After a bucket was lost. */
const SOON_MS = 250;
/** The client negotiates claims one after the other; more at a time only wait. */
const ACCEPTED_AT_A_TIME = 4;

/**
 * The buckets that this worker holds. They are handed over by giving them back: whoever holds more than its share gives
 * back what it reaches for last, and whoever holds less takes what it finds free. The bus sees to it that nobody holds what
 * another does, so a wrong count of workers costs time and never the order of a key.
 */
export class Holdings {
  readonly #options: HoldingsOptions;
  readonly #held = new Map<number, BusHold>();
  readonly #bell: Bell;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  #share: Share = { workers: 1, index: 0 };
  #accepting = 0;

  constructor(options: HoldingsOptions) {
    this.#options = options;
    this.#bell = createBell(options.clock);
    this.#running = this.#run();
  }

  all(): readonly BusHold[] {
    return [...this.#held.values()];
  }

  /** Gives every bucket back. Not settled, so not done: what is in hand still is delivered to whoever takes the bucket. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#running;
    await Promise.all(this.all().map((hold) => hold.stopReceiving()));
    await Promise.all(this.all().map((hold) => hold.leave()));
    this.#held.clear();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#over.signal.aborted) {
      this.#bell.silence();
      await this.#turn();
      this.#bell.ring(clock.now() + TURN_MS);
      await this.#bell.heard(this.#over.signal).catch(() => {});
    }
  }

  async #turn(): Promise<void> {
    const { buckets, log, queue } = this.#options;
    this.#share = await this.#currentShare();
    for (const hold of this.all()) hold.check();
    const order = spreadOrder(this.#share, buckets);
    const serving = order.flatMap((bucket) => {
      const hold = this.#held.get(bucket);
      return hold === undefined || hold.isLeaving ? [] : hold;
    });
    const wanted = fairShare(this.#share, buckets);
    const surplus = serving.slice(wanted);
    if (surplus.length > 0) log.tell('buckets-returned', { queue, count: surplus.length, ...this.#share });
    // Not waited for: what is in hand may take minutes.
    for (const hold of surplus) this.#release(hold).catch((error: unknown) => hold.lose(error));
    await this.#acceptUpTo(
      wanted,
      order.filter((bucket) => !this.#held.has(bucket)),
    );
  }

  async #currentShare(): Promise<Share> {
    const { share, log, queue } = this.#options;
    try {
      return await share();
    } catch (error) {
      log.tell('workers-unknown', { queue, code: codeOf(error) });
      return this.#share;
    }
  }

  async #release(hold: BusHold): Promise<void> {
    await hold.stopReceiving();
    await this.#options.letGo(hold);
    await hold.leave();
    this.#forget(hold);
  }

  async #acceptUpTo(wanted: number, free: readonly number[]): Promise<void> {
    const { log, queue } = this.#options;
    const left = [...free];
    const failures: unknown[] = [];
    const some = async (): Promise<void> => {
      while (this.#held.size + this.#accepting < wanted && failures.length === 0) {
        const bucket = this.#over.signal.aborted ? undefined : left.shift();
        if (bucket === undefined) return;
        await this.#accept(bucket).catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: ACCEPTED_AT_A_TIME }, some));
    if (failures.length === 0) return;
    const code = codeOf(failures[0]);
    log.tell('bucket-refused', { queue, code, held: this.#held.size });
  }

  async #accept(bucket: number): Promise<void> {
    const { accept, connection } = this.#options;
    this.#accepting += 1;
    try {
      const hold = await accept(bucket, (lost) => this.#lost(lost));
      connection.succeeded();
      if (this.#over.signal.aborted) await hold.leave();
      else if (hold.isOurs) this.#held.set(bucket, hold);
    } catch (error) {
      if (isHeldElsewhere(error)) return;
      connection.failed(error);
      throw error;
    } finally {
      this.#accepting -= 1;
    }
  }

  #lost(hold: BusHold): void {
    this.#forget(hold);
    this.#bell.ring(this.#options.clock.now() + SOON_MS);
  }

  #forget(hold: BusHold): void {
    if (this.#held.get(hold.bucket) === hold) this.#held.delete(hold.bucket);
  }
}
