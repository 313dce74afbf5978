import type { Alarm, Alarms } from './alarms.ts';
import type { Change, Remains } from './changes.ts';
import type { Kept } from './message.ts';
import { Refusal } from './refusal.ts';

export interface StockParts {
  readonly alarms: Alarms;
  readonly timeToLiveMs: number;
  readonly remains: Remains | null;
  readonly record: (change: Change) => void;
  /** A scheduled message's time has come; it has been given its new number. */
  readonly onDue: (message: Kept) => void;
  readonly onExpired: (message: Kept) => void;
}

export type New = Omit<Kept, 'sequence' | 'enqueuedAt' | 'expiresAt' | 'state'>;

export interface Counts {
  readonly active: number;
  readonly deferred: number;
  readonly scheduled: number;
  readonly bytes: number;
}

/** The messages of a queue by number, with their time limits; who may have which is not decided here. */
export class Stock {
  readonly #parts: StockParts;
  /** In the order of the numbers, which only grow. */
  readonly #messages = new Map<number, Kept>();
  readonly #limits = new Map<Kept, Alarm>();
  readonly #counts = { active: 0, deferred: 0, scheduled: 0, bytes: 0 };
  #sequence = 0;

  constructor(parts: StockParts) {
    this.#parts = parts;
    this.#sequence = parts.remains?.sequence ?? 0;
    for (const message of parts.remains?.messages ?? []) this.#put(message);
  }

  get counts(): Counts {
    return this.#counts;
  }

  active(): Kept[] {
    return [...this.#messages.values()].filter(({ state }) => state === 'active');
  }

  keep(message: New): Kept {
    const now = this.#parts.alarms.now();
    const lives = Math.min(message.timeToLiveMs ?? Infinity, this.#parts.timeToLiveMs);
    const scheduled = message.notBefore !== null && message.notBefore > now;
    const begins = scheduled ? (message.notBefore ?? now) : now;
    const kept: Kept = {
      ...message,
      sequence: (this.#sequence += 1),
      enqueuedAt: begins,
      expiresAt: begins + lives,
      state: scheduled ? 'scheduled' : 'active',
    };
    this.#put(kept);
    this.#parts.record({ kind: 'kept', message: kept });
    return kept;
  }

  drop(message: Kept): void {
    this.#out(message);
    this.#parts.record({ kind: 'dropped', sequence: message.sequence });
  }

  /** Changes its count, its state or its properties. */
  mark(message: Kept, change: Partial<Pick<Kept, 'deliveryCount' | 'state' | 'properties'>>): void {
    this.#counts[message.state] -= 1;
    Object.assign(message, change);
    this.#counts[message.state] += 1;
    this.#parts.record({ kind: 'marked', message });
  }

  /** Throws `no-such-message` when there is none in that state. */
  require(sequence: number, state: Kept['state']): Kept {
    const message = this.#messages.get(sequence);
    if (message?.state !== state)
      throw new Refusal('no-such-message', `There is no ${state} message with sequence number ${sequence}.`);
    return message;
  }

  /** Up to `max` messages from a number on; null: of all sessions. */
  peek(from: number, max: number, sessionId: string | null): Kept[] {
    const [oldest = this.#sequence + 1] = this.#messages.keys();
    const found: Kept[] = [];
    for (let at = Math.max(from, oldest); at <= this.#sequence && found.length < max; at += 1) {
      const message = this.#messages.get(at);
      if (message !== undefined && (sessionId === null || message.sessionId === sessionId))
        found.push(message);
    }
    return found;
  }

  #put(message: Kept): void {
    this.#messages.set(message.sequence, message);
    this.#counts[message.state] += 1;
    this.#counts.bytes += message.body.length;
    this.#limit(message);
  }

  #out(message: Kept): void {
    if (!this.#messages.delete(message.sequence)) return;
    this.#counts[message.state] -= 1;
    this.#counts.bytes -= message.body.length;
    const limit = this.#limits.get(message);
    if (limit === undefined) return;
    this.#parts.alarms.cancel(limit);
    this.#limits.delete(message);
  }

  #limit(message: Kept): void {
    const { alarms, onExpired } = this.#parts;
    const at = message.state === 'scheduled' ? message.enqueuedAt : message.expiresAt;
    if (at === Infinity) return;
    const ring = message.state === 'scheduled' ? () => this.#enqueue(message) : () => onExpired(message);
    this.#limits.set(message, alarms.set(at, ring));
  }

  /** Written down as kept before it is as dropped: whoever dies in between has it twice, not never. */
  #enqueue(message: Kept): void {
    const { sequence } = message;
    this.#out(message);
    message.sequence = this.#sequence += 1;
    message.state = 'active';
    this.#put(message);
    this.#parts.record({ kind: 'kept', message });
    this.#parts.record({ kind: 'dropped', sequence });
    this.#parts.onDue(message);
  }
}
