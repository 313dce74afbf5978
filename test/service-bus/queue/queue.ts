import type { Alarms } from './alarms.ts';
import type { Change, Remains } from './changes.ts';
import type { Consumer } from './consumers.ts';
import { Duplicates } from './duplicates.ts';
import { HandingOut } from './handing-out.ts';
import { Locks, type Lock } from './locks.ts';
import type { Kept, Sent, Verdict } from './message.ts';
import {
  knowsNoSessions,
  messageLockLost,
  needsSession,
  quotaExceeded,
  Refusal,
  sessionLockLost,
  tooLarge,
} from './refusal.ts';
import { Sessions, type Hold } from './sessions.ts';
import type { QueueSettings } from './settings.ts';
import { Stock, type Counts, type New } from './stock.ts';

export interface QueueParts {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly alarms: Alarms;
  /** Makes a lock token that nothing else has: 32 hexadecimal digits. */
  readonly token: () => string;
  /** Where messages go that are given up; null for a dead-letter queue itself, from which none is. */
  readonly deadLetters: Queue | null;
  readonly remains: Remains | null;
  readonly record: (change: Change) => void;
}

/**
 * One queue as a state machine on a clock: who may have which message, and until when. A message is scheduled, waits in
 * a line (the queue's or its session's), is locked, or is deferred; it leaves by being completed, given up or expired.
 * Nothing here costs more when the queue is long, but for peeking and for the logarithm of the time limits.
 */
export class Queue {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly deadLetters: Queue | null;
  readonly #parts: QueueParts;
  readonly #stock: Stock;
  readonly #locks: Locks;
  readonly #sessions: Sessions;
  readonly #duplicates: Duplicates;
  readonly #handing: HandingOut;

  constructor(parts: QueueParts) {
    const { alarms, settings, remains, token } = parts;
    const lockMs = settings.lockDurationMs;
    this.name = parts.name;
    this.settings = settings;
    this.deadLetters = parts.deadLetters;
    this.#parts = parts;
    this.#duplicates = new Duplicates(settings.duplicateWindowMs, remains?.seen ?? new Map());
    this.#locks = new Locks({ alarms, lockMs, token, onExpired: (lock) => this.#giveBack(lock, 1) });
    this.#sessions = new Sessions({ alarms, lockMs, onExpired: (hold) => this.revoke(hold) });
    this.#stock = new Stock({
      alarms,
      remains,
      timeToLiveMs: settings.timeToLiveMs,
      record: parts.record,
      onDue: (message) => this.#handing.wait(message),
      onExpired: (message) => this.#expire(message),
    });
    this.#handing = new HandingOut({
      sessions: settings.requiresSession ? this.#sessions : null,
      lock: (message, hold) => this.#locks.lock(message, hold),
      drop: (message) => this.#stock.drop(message),
    });
    for (const [id, state] of remains?.states ?? []) this.#sessions.get(id).state = state;
    for (const message of this.#stock.active()) this.#handing.wait(message);
  }

  get counts(): Counts {
    return this.#stock.counts;
  }

  /** Throws `not-allowed` when the queue has no sessions. */
  get sessions(): Sessions {
    if (!this.settings.requiresSession) throw knowsNoSessions(this.name);
    return this.#sessions;
  }

  /** Takes all of them or none. Returns their sequence numbers; 0 for one that was sent before and is dropped. */
  send(messages: readonly Sent[]): number[] {
    const { requiresSession, requiresDuplicateDetection, maxMessageBytes, maxSizeBytes } = this.settings;
    let { bytes } = this.counts;
    for (const { sessionId, body } of messages) {
      if (requiresSession && sessionId === null) throw needsSession(this.name);
      if (body.length > maxMessageBytes) throw tooLarge(body.length, maxMessageBytes);
      bytes += body.length;
    }
    if (bytes > maxSizeBytes) throw quotaExceeded(this.name, this.counts.bytes, maxSizeBytes);
    const now = this.#parts.alarms.now();
    return messages.map((message) => {
      if (requiresDuplicateDetection) {
        if (!this.#duplicates.note(message.messageId, now)) return 0;
        this.#parts.record({ kind: 'seen', messageId: message.messageId, at: now });
      }
      return this.take({ ...message, source: null, deliveryCount: 0, properties: {} });
    });
  }

  /** Takes in a message without looking at it, as one that another queue gave up. Returns its number. */
  take(message: New): number {
    const kept = this.#stock.keep(message);
    if (kept.state === 'active') this.#handing.wait(kept);
    return kept.sequence;
  }

  /** Forgets scheduled messages. Throws `no-such-message` when one of them is not scheduled, and forgets none then. */
  cancel(sequences: readonly number[]): void {
    const found = sequences.map((sequence) => this.#stock.require(sequence, 'scheduled'));
    for (const message of found) this.#stock.drop(message);
  }

  /** Up to `max` messages in any state from a sequence number on, untouched; null: of all sessions. */
  peek(from: number, max: number, sessionId: string | null): Kept[] {
    return this.#stock.peek(from, max, sessionId);
  }

  /** Hands waiting messages to the consumer as long as it has room; to be called whenever it has room again. */
  serve(consumer: Consumer): void {
    if (this.settings.requiresSession) throw needsSession(this.name);
    this.#handing.serve(consumer);
  }

  dismiss(consumer: Consumer): void {
    this.#handing.dismiss(consumer);
  }

  /** The same for the holder of a session. */
  serveSession(hold: Hold, consumer: Consumer): void {
    if (hold.session.hold === hold) this.#handing.serveSession(hold, consumer);
  }

  /** The holder closes politely: what it did not settle waits again as it was. */
  release(hold: Hold): void {
    if (hold.session.hold === hold) this.#end(hold, 0);
  }

  /** The lock ran out or was stolen: what was not settled has been tried once more. */
  revoke(hold: Hold): void {
    if (hold.session.hold !== hold) return;
    this.#end(hold, 1);
    hold.onLost();
  }

  setState(hold: Hold, state: Buffer | null): void {
    hold.session.state = state;
    this.#parts.record({ kind: 'state', sessionId: hold.session.id, state });
  }

  /** Throws `message-lock-lost` when the token is not good, or not any more. */
  lockOf(token: string): Lock {
    return this.#locks.get(token);
  }

  /** Prolongs a message's lock; in a session, the session's. Returns the new end. */
  renew(lock: Lock): number {
    return lock.hold === null ? this.#locks.renew(lock) : this.#sessions.renew(lock.hold);
  }

  /** Throws `message-lock-lost` or `session-lock-lost`. */
  settle(lock: Lock, verdict: Verdict): void {
    const { message, hold } = lock;
    if (!this.#locks.holds(lock)) throw hold === null ? messageLockLost() : sessionLockLost(hold.session.id);
    if (verdict.kind === 'complete') {
      this.#locks.free(lock);
      return this.#stock.drop(message);
    }
    const properties = { ...message.properties, ...verdict.properties };
    if (verdict.kind === 'deadLetter') {
      if (this.deadLetters === null)
        throw new Refusal('not-allowed', `Nothing can be dead-lettered from '${this.name}'.`);
      this.#locks.free(lock);
      return this.#giveUp(message, properties);
    }
    this.#stock.mark(message, { properties, ...(verdict.kind === 'defer' ? { state: 'deferred' } : {}) });
    if (verdict.kind === 'defer') this.#locks.free(lock);
    else this.#giveBack(lock, 1);
  }

  /** Takes a lock back uncounted, as when the connection that had it broke. */
  restore(lock: Lock): void {
    if (this.#locks.holds(lock)) this.#giveBack(lock, 0);
  }

  /** Deferred messages by number, locked. Throws `no-such-message` when one of them is not deferred, or is locked. */
  receiveDeferred(sequences: readonly number[], hold: Hold | null): Lock[] {
    const found = sequences.map((sequence) => this.#stock.require(sequence, 'deferred'));
    const taken = found.find((message) => this.#locks.isLocked(message));
    if (taken !== undefined)
      throw new Refusal('no-such-message', `The deferred message ${taken.sequence} is locked by a receiver.`);
    return found.map((message) => this.#locks.lock(message, hold));
  }

  #giveBack(lock: Lock, counted: 0 | 1): void {
    const { message } = lock;
    this.#locks.free(lock);
    const deliveryCount = message.deliveryCount + counted;
    if (counted > 0) this.#stock.mark(message, { deliveryCount });
    if (this.deadLetters !== null && deliveryCount >= this.settings.maxDeliveryCount)
      return this.#giveUp(message, {
        DeadLetterReason: 'MaxDeliveryCountExceeded',
        DeadLetterErrorDescription: `Message could not be consumed after ${this.settings.maxDeliveryCount} delivery attempts.`,
      });
    if (message.state === 'deferred') return;
    if (message.expiresAt <= this.#parts.alarms.now()) this.#expire(message);
    else this.#handing.wait(message);
  }

  #end(hold: Hold, counted: 0 | 1): void {
    const { session } = hold;
    const locks = [...hold.locks];
    hold.consumer = null;
    for (const lock of locks) this.#giveBack(lock, counted);
    this.#sessions.free(hold);
    this.#sessions.consider(session);
  }

  /** A locked or deferred message does not expire; it is looked at again when it comes back. */
  #expire(message: Kept): void {
    if (message.state !== 'active' || this.#locks.isLocked(message)) return;
    if (this.settings.deadLetterExpired && this.deadLetters !== null)
      return this.#giveUp(message, {
        DeadLetterReason: 'TTLExpiredException',
        DeadLetterErrorDescription: 'The message expired and was dead lettered.',
      });
    this.#handing.leave(message);
    this.#stock.drop(message);
  }

  /** Kept there before it is dropped here: whoever dies in between has it twice, not never. */
  #giveUp(message: Kept, properties: Kept['properties']): void {
    this.#handing.leave(message);
    this.deadLetters?.take({
      ...message,
      properties: { ...message.properties, ...properties },
      source: this.name,
      notBefore: null,
      timeToLiveMs: null,
    });
    this.#stock.drop(message);
  }
}
