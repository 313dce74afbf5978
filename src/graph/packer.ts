import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { Fault } from '../model/fault.ts';
import type { Health } from './adaptive-concurrency.ts';
import { exchangeBatch, type PackerCounters } from './batch-exchange.ts';
import { assertBatchable } from './batch.ts';
import type { GraphCall } from './call.ts';
import type { GraphClient } from './client.ts';
import type { GraphAnswer } from './faults.ts';
import { keyOf, Lanes, type Waiting } from './lanes.ts';
import {
  BATCH_LARGEST,
  BATCH_PARALLEL,
  createThrottle,
  type GraphLimits,
  type Throttle,
} from './throttle.ts';

/** One per tenant and process: fills batches with the calls of everybody. */
export interface Packer {
  /**
   * Resolves with a success; rejects with a `Fault` for anything else. A mailbox that asked to wait rejects at
   * once with `throttled` and its `retryAt`, without any request, until then: one slow mailbox never holds up another.
   * One that may not leave when its turn comes rejects with `paused`.
   */
  call(call: GraphCall): Promise<GraphAnswer>;
  /** Until when a mailbox asked not to be called, in milliseconds since 1970; `undefined` when it did not. */
  notBefore(mailbox: string): number | undefined;
  /** Brings back a not-before that was kept over a restart. */
  restore(mailbox: string, retryAt: number): void;
  counters(): Readonly<PackerCounters>;
}

export interface PackerOptions {
  readonly client: GraphClient;
  readonly limits: GraphLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * `economy` (unless given): batches of 20, the fewest requests. `swift`: batches of 4, which Graph runs all at
   * once, while so few calls wait that all of them can be sent now; then as `economy`.
   */
  readonly policy?: 'economy' | 'swift';
  /** Calls in a full batch; 20 unless given. */
  readonly batchSize?: number;
  /** How long a call waits for company, in milliseconds; 3 unless given. */
  readonly patienceMs?: number;
}

/** When the whole tenant asks to wait longer than this, the waiting calls are given back: a holder's lease is not for waiting. */
const HOLD_LONGEST_MS = 10_000;
const PATIENCE_MS = 3;

export function createPacker(options: PackerOptions): Packer {
  return new BatchPacker(options);
}

class BatchPacker implements Packer {
  readonly #options: PackerOptions;
  readonly #clock: Clock;
  readonly #fullSize: number;
  readonly #throttle: Throttle;
  readonly #lanes = new Lanes();
  readonly #counters: PackerCounters = {
    httpRequests: 0,
    subRequests: 0,
    throttles: { mailbox: 0, directory: 0, tenant: 0 },
  };
  /** From when on a batch may leave that is not full. */
  #partialFrom = 0;
  #alarmAt = Infinity;

  constructor(options: PackerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#fullSize = Math.max(1, Math.min(options.batchSize ?? BATCH_LARGEST, BATCH_LARGEST));
    this.#throttle = createThrottle(options);
  }

  async call(call: GraphCall): Promise<GraphAnswer> {
    assertBatchable(call);
    const retryAt = this.#refusedUntil(call);
    if (retryAt > 0) throw resting(call, retryAt);
    const { promise, resolve, reject } = Promise.withResolvers<GraphAnswer>();
    this.#expectCompany();
    this.#lanes.add({ call, resolve, reject });
    this.#pump();
    return promise;
  }

  notBefore(mailbox: string): number | undefined {
    return this.#throttle.restsUntil(mailbox) || undefined;
  }

  restore(mailbox: string, retryAt: number): void {
    this.#throttle.restore(mailbox, retryAt);
    this.#giveBackIfResting(mailbox);
  }

  counters(): Readonly<PackerCounters> {
    return this.#counters;
  }

  /** Sends what may be sent now, and sees to it that somebody looks again when the rest may be. */
  #pump(): void {
    while (this.#lanes.ready > 0) {
      const now = this.#clock.now();
      const size = this.#batchSize();
      if (this.#lanes.ready < size && now < this.#partialFrom) return this.#wakeAt(this.#partialFrom);
      const sendableAt = this.#throttle.sendableAt(Math.min(size, this.#lanes.ready));
      // Every slot is taken: the next batch that ends looks again.
      if (sendableAt === Infinity) return;
      if (sendableAt > now) return this.#wakeAt(sendableAt);
      const batch = this.#take(size);
      // What stood in the way of a full batch is set aside now: the others may still get company.
      if (batch.length < size && now < this.#partialFrom) {
        this.#lanes.putBack(batch);
        return this.#wakeAt(this.#partialFrom);
      }
      if (batch.length > 0) void this.#send(batch);
    }
  }

  #wakeAt(at: number): void {
    if (this.#alarmAt <= at) return;
    this.#alarmAt = at;
    void this.#ring(at);
  }

  async #ring(at: number): Promise<void> {
    await this.#clock.sleep(at - this.#clock.now());
    if (this.#alarmAt === at) this.#alarmAt = Infinity;
    this.#pump();
  }

  #batchSize(): number {
    if (this.#options.policy !== 'swift') return this.#fullSize;
    const few = this.#lanes.ready <= BATCH_PARALLEL * this.#throttle.spareBatches();
    return few ? Math.min(BATCH_PARALLEL, this.#fullSize) : this.#fullSize;
  }

  #take(size: number): Waiting[] {
    const setAside: string[] = [];
    const batch = this.#lanes.take(size, (mailbox, { waiting, joined }) => {
      const room = this.#throttle.room(mailbox, joined);
      if (room === 0) setAside.push(mailbox);
      // Fed one or two at a time, a backlog would cost a request for each: it waits until its mailbox is idle.
      return room < waiting && this.#throttle.isAtWork(mailbox) ? 0 : room;
    });
    // Set aside for its ten minutes' worth of calls: no batch that ends will wake it.
    for (const mailbox of setAside) this.#giveBackIfResting(mailbox);
    return batch.filter((waiting) => this.#leaves(waiting));
  }

  /** Was not stopped while it waited. What waits behind it for the same mailbox has its turn at once: no batch will wake it. */
  #leaves({ call, reject }: Waiting): boolean {
    if (call.mayLeave?.() ?? true) return true;
    reject(
      new Fault(
        'paused',
        'stopped before it was sent',
        call.mailbox === undefined ? {} : { object: call.mailbox },
      ),
    );
    this.#lanes.wake(keyOf(call));
    return false;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const calls = new Map<string, number>();
    for (const { call } of batch) calls.set(keyOf(call), (calls.get(keyOf(call)) ?? 0) + 1);
    const { client, log } = this.#options;
    const throttle = this.#throttle;
    const startedAt = this.#clock.now();
    const ticket = throttle.begin(calls);
    let health: Health = 'silent';
    try {
      health = await exchangeBatch(batch, {
        client,
        throttle,
        clock: this.#clock,
        counters: this.#counters,
        ticket,
      });
    } catch (error) {
      // A defect of ours must not leave callers waiting for ever.
      for (const { reject } of batch) reject(error);
    }
    throttle.end(ticket, health);
    log.debug('graph batch', {
      calls: batch.length,
      mailboxes: calls.size,
      health,
      window: throttle.window(),
      ms: this.#clock.now() - startedAt,
    });
    this.#afterBatch([...calls.keys()]);
  }

  #afterBatch(mailboxes: readonly string[]): void {
    if (this.#tenantRestsLong() > 0) {
      for (const { call, reject } of this.#lanes.drainAll()) reject(resting(call, this.#tenantRestsLong()));
    }
    this.#expectCompany();
    for (const mailbox of mailboxes) {
      this.#giveBackIfResting(mailbox);
      this.#lanes.wake(mailbox);
    }
    this.#pump();
  }

  #giveBackIfResting(mailbox: string): void {
    const retryAt = this.#throttle.restsUntil(mailbox);
    if (retryAt === 0) return;
    for (const { call, reject } of this.#lanes.drain(mailbox)) reject(resting(call, retryAt));
  }

  #expectCompany(): void {
    if (this.#lanes.ready === 0)
      this.#partialFrom = this.#clock.now() + (this.#options.patienceMs ?? PATIENCE_MS);
  }

  /** Until when this call cannot be sent and is not worth holding; 0 when it may join the queue. */
  #refusedUntil(call: GraphCall): number {
    return Math.max(this.#throttle.restsUntil(keyOf(call)), this.#tenantRestsLong());
  }

  /** Until when the tenant rests, if that is too long to hold calls; else 0. */
  #tenantRestsLong(): number {
    const until = this.#throttle.tenantRestsUntil();
    return until > this.#clock.now() + HOLD_LONGEST_MS ? until : 0;
  }
}

function resting(call: GraphCall, retryAt: number): Fault {
  return new Fault('throttled', 'asked to wait', {
    status: 429,
    retryAt,
    ...(call.mailbox === undefined ? {} : { object: call.mailbox }),
  });
}
