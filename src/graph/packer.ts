import { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';
import type { Health } from '../kit/adaptive-concurrency.ts';
import { exchangeBatch, type PackerCounters } from './batch-exchange.ts';
import { assertBatchable } from './batch.ts';
import type { GraphCall } from './call.ts';
import type { GraphAnswer } from './faults.ts';
import { batchSize, keptForLive } from './batch-size.ts';
import { keyOf, Lanes, resting, weigh, type Waiting } from './lanes.ts';
import type { PackerOptions } from './packer-options.ts';
import { createPoolGate } from './pool-gate.ts';
import { spareOf, type Spare } from './spare.ts';
import { ThrottleJournal } from './throttle-journal.ts';
import { BATCH_LARGEST, createThrottle, type Throttle } from './throttle.ts';

/** One per tenant and process: fills batches with the calls of everybody. */
export interface Packer {
  /**
   * Resolves with a success; rejects with a `Fault` for anything else. A mailbox that asked to wait rejects at
   * once with `throttled` and its `retryAt`, without any request, until then: one slow mailbox never holds up another.
   * One that may not leave when its turn comes rejects with `paused`.
   */
  call(call: GraphCall): Promise<GraphAnswer>;
  /** What there is room for beside what waits and is under way. */
  spare(): Spare;
  counters(): Readonly<PackerCounters>;
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
  readonly #journal: ThrottleJournal;
  readonly #answers: Answers;
  readonly #lanes = new Lanes();
  readonly #counters: PackerCounters = {
    httpRequests: 0,
    subRequests: 0,
    throttles: { mailbox: 0, directory: 0, tenant: 0 },
  };
  /** From when on a batch may leave that is not full. */
  #partialFrom = 0;
  #alarmAt = Infinity;
  #pumping = false;
  /** Mailboxes set aside because the pool of extensions is used up. */
  readonly #atPool = new Set<string>();

  constructor(options: PackerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#fullSize = Math.max(1, Math.min(options.batchSize ?? BATCH_LARGEST, BATCH_LARGEST));
    this.#throttle = options.throttle ?? createThrottle(options);
    this.#journal = options.journal ?? new ThrottleJournal(options.clock);
    this.#answers = options.answers ?? new Answers();
  }

  async call(call: GraphCall): Promise<GraphAnswer> {
    assertBatchable(call);
    const retryAt = this.#refusedUntil(call);
    if (retryAt > 0) throw resting(call, retryAt);
    const { promise, resolve, reject } = Promise.withResolvers<GraphAnswer>();
    this.#expectCompany();
    this.#lanes.add({ call, resolve, reject });
    void this.#pumpSoon();
    return promise;
  }

  counters(): Readonly<PackerCounters> {
    return this.#counters;
  }

  spare(): Spare {
    return spareOf(this.#throttle, {
      now: this.#clock.now(),
      waiting: this.#lanes.waiting,
      full: this.#fullSize,
    });
  }

  /** When everything that is handed over together is there: a mailbox's calls are to stay together. */
  async #pumpSoon(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    await Promise.resolve();
    this.#pumping = false;
    this.#pump();
  }

  /** Sends what may be sent now, and sees to it that somebody looks again when the rest may be. */
  #pump(): void {
    while (this.#lanes.ready > 0) {
      const now = this.#clock.now();
      const waits = { ready: this.#lanes.ready, slots: this.#throttle.spareBatches() };
      if (!this.#lanes.hasLive && waits.slots <= keptForLive(this.#throttle.window())) return;
      const { size, enough } = batchSize(this.#options.policy, waits, this.#fullSize);
      if (waits.ready < enough && now < this.#partialFrom) return this.#wakeAt(this.#partialFrom);
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
    this.#leavePool();
    this.#pump();
  }

  #leavePool(): void {
    for (const mailbox of this.#atPool) this.#lanes.wake(mailbox);
    this.#atPool.clear();
  }

  #take(size: number): Waiting[] {
    const setAside: string[] = [];
    const split: string[] = [];
    const sendsAll = this.#lanes.ready <= size * this.#throttle.spareBatches();
    const now = this.#clock.now();
    const { extensions } = this.#throttle;
    const pool = createPoolGate(extensions, Math.min(size, this.#lanes.ready), now);
    const batch = this.#lanes.take(size, (mailbox, { waiting, joined, seats }) => {
      const room = this.#throttle.room(mailbox, joined);
      if (room === 0) setAside.push(mailbox);
      // Fed one or two at a time, a backlog would cost a request for each: it waits until its mailbox is idle.
      if (room < waiting.length && this.#throttle.isAtWork(mailbox)) return 0;
      // What is split over two batches waits for the first. That is worth a seat only while other calls wait, too.
      if (sendsAll && seats < size && waiting.length > seats && waiting.length <= size) {
        split.push(mailbox);
        return 0;
      }
      const wanted = waiting.slice(0, Math.min(room, size));
      const fitting = pool.fits(wanted);
      if (fitting < wanted.length) this.#atPool.add(mailbox);
      return fitting;
    });
    if (this.#atPool.size > 0) this.#wakeAt(Math.max(now + 1, pool.opensAt));
    for (const mailbox of split) this.#lanes.wake(mailbox);
    // Set aside for its ten minutes' worth of calls: no batch that ends will wake it.
    for (const mailbox of setAside) this.#giveBackIfResting(mailbox);
    return batch.filter((waiting) => this.#leaves(waiting));
  }

  /** Was not stopped while it waited. What waits behind it for the same mailbox has its turn at once: no batch will wake it. */
  #leaves({ call, reject }: Waiting): boolean {
    if (call.mayLeave?.() ?? true) return true;
    reject(new Fault('paused', 'stopped before it was sent', call.mailbox ? { object: call.mailbox } : {}));
    this.#lanes.wake(keyOf(call));
    return false;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const { calls, weight } = weigh(batch);
    const { client, log } = this.#options;
    const throttle = this.#throttle;
    const startedAt = this.#clock.now();
    const ticket = throttle.begin(calls, weight);
    let health: Health = 'silent';
    try {
      health = await exchangeBatch(batch, {
        client,
        throttle,
        clock: this.#clock,
        counters: this.#counters,
        ticket,
        journal: this.#journal,
        answers: this.#answers,
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
