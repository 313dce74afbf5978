import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from '@azure/service-bus';
import type { Fault } from '../../model/fault.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { slept } from '../../kit/loop.ts';
import type { BusConnection } from './connection.ts';
import { burial } from './dead-letters.ts';
import { busFault, codeOf, isLockLost } from './faults.ts';
import { decodeState, encodeState, type SessionState } from './session-state.ts';
import type { Stand } from './shelf.ts';
import { within } from './within.ts';

/** A message of the bus, locked for us until it is settled. */
export interface Part {
  readonly message: ServiceBusReceivedMessage;
  /** It is settled, or no longer ours: room for another. */
  readonly gone: () => void;
}

export interface HoldOptions {
  readonly connection: BusConnection;
  readonly queue: string;
  readonly bucket: number;
  readonly clock: Clock;
  readonly limits: Clock;
  readonly log: Log;
  readonly onMessage: (hold: BusHold, part: Part) => void;
  readonly onLost: (hold: BusHold) => void;
}

/**
 * So many unsettled messages of one bucket are here at most: what is merged and sorted out of, and what bounds memory
 * (64 buckets of 256 messages of less than 2 KB). The client's ring takes 2,048 deliveries of a session.
 */
const WINDOW = 256;
/** Of anything that is asked of a session. The client's own limits are a minute. */
export const ANSWER_MS = 10_000;
const RENEW_RETRY_MS = 1_000;
/** A third of what is left of the lock, a minute as `queue create` makes it, within these bounds. */
const RENEW_MS = { least: 250, most: 20_000 };
/** How long a lock is believed to last at least and at most, where the clocks of bus and worker disagree (5 minutes: the service's longest). */
const BELIEVED_MS = { least: 2_000, most: 300_000 };

/** A bucket that is ours: its session's lock, renewed until it is given back, however long the work takes. */
export class BusHold implements Stand {
  readonly bucket: number;
  readonly #options: HoldOptions;
  readonly #receiver: ServiceBusSessionReceiver;
  readonly #subscription: { close(): Promise<void> };
  readonly #found: unknown;
  readonly #over = new AbortController();
  readonly #parts = new Set<Part>();
  /** Rejects when the session is not ours any more: nobody answers what was asked of it. */
  readonly #gone = Promise.withResolvers<never>();
  #phase: 'held' | 'leaving' | 'gone' = 'held';
  #lockedUntil: number;
  #state: SessionState;
  #storing: Promise<void> = Promise.resolve();
  #nextStore: Promise<void> | null = null;

  constructor(receiver: ServiceBusSessionReceiver, found: unknown, options: HoldOptions) {
    this.bucket = options.bucket;
    this.#options = options;
    this.#receiver = receiver;
    this.#found = found;
    this.#state = decodeState(found);
    this.#lockedUntil = this.#believed(receiver.sessionLockedUntilUtc);
    this.#subscription = receiver.subscribe(
      {
        processMessage: (message) => this.#receive(message),
        processError: ({ error, errorSource }) => {
          // A session's link is not mended by the client: it is accepted anew.
          if (errorSource === 'receive') this.lose(error);
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: WINDOW },
    );
    this.#gone.promise.catch(() => {});
    this.#renew().catch((error: unknown) => this.lose(error));
  }

  /** Its lock is ours for all we know, and nobody asked to give it back. */
  serves = (): boolean => this.#phase === 'held' && this.#isLocked();
  stateOf = (key: string): number => this.#state.states[key] ?? 0;

  get state(): SessionState {
    return this.#state;
  }

  get isOurs(): boolean {
    return this.#phase !== 'gone' && this.#isLocked();
  }

  get isLeaving(): boolean {
    return this.#phase === 'leaving';
  }

  /** As many of its messages are here as may be; the others wait at the bus. */
  get isFull(): boolean {
    return this.#parts.size >= WINDOW;
  }

  get parts(): Iterable<Part> {
    return this.#parts;
  }

  /** Together, since a limit of its own for each costs as much as settling it. */
  complete(parts: readonly Part[]): Promise<void> {
    return this.#settle(parts, ({ message }) => this.#receiver.completeMessage(message));
  }

  bury(part: Part, reason: string): Promise<void> {
    const details = burial(reason, this.#options.clock.now());
    return this.#settle([part], ({ message }) => this.#receiver.deadLetterMessage(message, details));
  }

  /** Stores what the change makes of the session's state, together with others that come meanwhile. */
  keep(change: (state: SessionState) => SessionState): Promise<void> {
    this.#state = change(this.#state);
    this.#nextStore ??= this.#storing
      .catch(() => {})
      .then(() => {
        this.#nextStore = null;
        this.#storing = this.#ask(() =>
          this.#receiver.setSessionState(encodeState(this.#state, this.#found)),
        );
        return this.#storing;
      });
    return this.#nextStore;
  }

  /** Takes no more messages in: the bucket is about to be given back. */
  async stopReceiving(): Promise<void> {
    if (this.#phase !== 'held') return;
    this.#phase = 'leaving';
    await within({ ...this.#options, ms: ANSWER_MS }, this.#subscription.close()).catch(() => {});
  }

  /** Gives the session back; what is unsettled goes to its next holder, uncounted. */
  async leave(): Promise<void> {
    if (this.#phase === 'gone') return;
    this.#forget();
    await within({ ...this.#options, ms: ANSWER_MS }, this.#receiver.close()).catch(() => {});
  }

  /** Forgets the session: its lock is gone, or cannot be trusted any more. */
  lose(error: unknown): void {
    if (this.#phase === 'gone') return;
    const { connection, queue, log, onLost } = this.#options;
    log.tell('bucket-lost', { queue, bucket: this.bucket, code: codeOf(error) });
    this.#forget();
    if (!isLockLost(error)) connection.failed(error);
    closeQuietly(this.#receiver);
    onLost(this);
  }

  /** Looks whether the client closed it without a word. */
  check(): void {
    if (this.#phase !== 'gone' && !this.#isLocked()) this.lose({ code: 'SessionLockLost' });
  }

  #receive(message: ServiceBusReceivedMessage): Promise<void> {
    if (this.#phase !== 'held') return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const part: Part = { message, gone: resolve };
    this.#parts.add(part);
    this.#options.onMessage(this, part);
    return promise;
  }

  #isLocked(): boolean {
    return this.#options.clock.now() < this.#lockedUntil && !this.#receiver.isClosed;
  }

  #believed(until: Date): number {
    const now = this.#options.clock.now();
    return Math.min(Math.max(until.getTime(), now + BELIEVED_MS.least), now + BELIEVED_MS.most);
  }

  #forget(): void {
    this.#phase = 'gone';
    this.#gone.reject(lost(this.#options.queue));
    this.#over.abort();
    for (const { gone } of this.#parts) gone();
    this.#parts.clear();
  }

  async #settle(parts: readonly Part[], how: (part: Part) => Promise<void>): Promise<void> {
    if (parts.length === 0) return;
    if (!parts.every((part) => this.#parts.has(part))) throw lost(this.#options.queue);
    await this.#ask(() => Promise.all(parts.map(how)));
    for (const part of parts) {
      this.#parts.delete(part);
      part.gone();
    }
  }

  /** Whatever goes wrong with a session, what is locked in it is not to be trusted any more: it comes again. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    const { limits, connection, queue } = this.#options;
    this.check();
    if (this.#phase === 'gone') throw lost(queue);
    try {
      const outcome = await within({ limits, ms: ANSWER_MS }, Promise.race([work(), this.#gone.promise]));
      connection.succeeded();
      return outcome;
    } catch (error) {
      this.lose(error);
      throw busFault(error, queue);
    }
  }

  async #renew(): Promise<void> {
    const { clock, limits, connection, log, queue } = this.#options;
    while (this.#phase !== 'gone') {
      const third = (this.#lockedUntil - clock.now()) / 3;
      const wait = Math.min(RENEW_MS.most, Math.max(RENEW_MS.least, third));
      if (!(await slept(clock, wait, this.#over.signal))) return;
      try {
        const until = await within({ limits, ms: ANSWER_MS }, this.#receiver.renewSessionLock());
        this.#lockedUntil = this.#believed(until);
        connection.succeeded();
      } catch (error) {
        if (isLockLost(error) || !this.#isLocked()) return this.lose(error);
        connection.failed(error);
        log.tell('bucket-lock-unrenewed', {
          queue,
          bucket: this.bucket,
          code: codeOf(error),
        });
        await slept(clock, RENEW_RETRY_MS, this.#over.signal);
      }
    }
  }
}

function lost(queue: string): Fault {
  return busFault({ code: 'SessionLockLost' }, queue);
}

/** What it says no longer matters: the session is not ours. */
export function closeQuietly(receiver: ServiceBusSessionReceiver): void {
  receiver.close().catch(() => {});
}
