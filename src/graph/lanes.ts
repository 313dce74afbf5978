import { Fault } from '../model/fault.ts';
import type { GraphCall, Priority } from './call.ts';
import type { GraphAnswer } from './faults.ts';
import { MAILBOX_CONCURRENT, type Weight } from './throttle.ts';

/** A call that waits for its batch. */
export interface Waiting {
  readonly call: GraphCall;
  readonly resolve: (answer: GraphAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** How many of the calls of a mailbox that wait, from the first on, may join a batch that holds `joined` of it and has `seats` left. */
export type Room = (
  mailbox: string,
  calls: { readonly waiting: readonly Waiting[]; readonly joined: number; readonly seats: number },
) => number;

/** The calls of no mailbox share this key. */
export function keyOf(call: GraphCall): string {
  return call.mailbox ?? '';
}

/** The fault of a call that cannot be sent before `retryAt` (milliseconds since 1970). */
export function resting(call: GraphCall, retryAt: number): Fault {
  return new Fault('throttled', 'asked to wait', {
    status: 429,
    retryAt,
    ...(call.mailbox === undefined ? {} : { object: call.mailbox }),
  });
}

/** What a batch counts against the limits of its mailboxes and of the tenant. */
export function weigh(batch: readonly Waiting[]): { calls: Map<string, number>; weight: Weight } {
  const calls = new Map<string, number>();
  const uploads = new Map<string, number>();
  let extensions = 0;
  for (const { call } of batch) {
    const key = keyOf(call);
    calls.set(key, (calls.get(key) ?? 0) + 1);
    if (call.extensions === true) extensions += 1;
    if (typeof call.body === 'string') uploads.set(key, (uploads.get(key) ?? 0) + call.body.length);
  }
  return { calls, weight: { extensions, uploads } };
}

/**
 * The calls that wait, live ones before bulk ones. Within a lane the mailboxes take turns, each giving what fits in
 * the batch: one with many calls cannot hold up one with few, and calls of one mailbox stay together, because a
 * batch full of one mailbox costs it no more of its four than a batch with four.
 */
export class Lanes {
  readonly #lanes: Readonly<Record<Priority, Lane>> = { live: new Lane(), bulk: new Lane() };

  /** Calls whose mailbox can take one now, as far as is known. */
  get ready(): number {
    return this.#lanes.live.ready + this.#lanes.bulk.ready;
  }

  /** All that wait, also for a mailbox that cannot take one now. */
  get waiting(): number {
    return this.#lanes.live.waiting + this.#lanes.bulk.waiting;
  }

  /** A live call could be sent now, as far as is known. */
  get hasLive(): boolean {
    return this.#lanes.live.ready > 0;
  }

  add(waiting: Waiting): void {
    this.#lanes[waiting.call.priority ?? 'live'].add(waiting);
  }

  /**
   * Up to `most` calls. `room` says how many more of a mailbox fit, given how many of it wait; what is left of a
   * mailbox is set aside until `wake`, which the end of the batch brings.
   */
  take(most: number, room: Room): Waiting[] {
    const batch: Waiting[] = [];
    const joined = new Map<string, number>();
    const fits = (mailbox: string, waiting: readonly Waiting[]): number => {
      const seats = most - batch.length;
      return Math.min(seats, room(mailbox, { waiting, joined: joined.get(mailbox) ?? 0, seats }));
    };
    for (const lane of [this.#lanes.live, this.#lanes.bulk]) {
      for (let turns = lane.turns; turns > 0 && batch.length < most; turns -= 1) {
        const { mailbox, calls } = lane.next(fits);
        batch.push(...calls);
        joined.set(mailbox, (joined.get(mailbox) ?? 0) + calls.length);
      }
    }
    return batch;
  }

  /** Undoes a `take` whose batch is not to leave yet. */
  putBack(batch: readonly Waiting[]): void {
    for (const waiting of batch.toReversed()) {
      this.#lanes[waiting.call.priority ?? 'live'].putBack(waiting);
      this.wake(keyOf(waiting.call));
    }
  }

  /** The mailbox may have room again. */
  wake(mailbox: string): void {
    this.#lanes.live.wake(mailbox);
    this.#lanes.bulk.wake(mailbox);
  }

  /** Takes out everything that waits for one mailbox. */
  drain(mailbox: string): Waiting[] {
    return [...this.#lanes.live.drain(mailbox), ...this.#lanes.bulk.drain(mailbox)];
  }

  drainAll(): Waiting[] {
    return [...this.#lanes.live.drainAll(), ...this.#lanes.bulk.drainAll()];
  }
}

class Lane {
  readonly #calls = new Map<string, Waiting[]>();
  /** Mailboxes in the order of their turns; those without room are not in it. */
  readonly #turns = new Set<string>();
  ready = 0;
  waiting = 0;

  get turns(): number {
    return this.#turns.size;
  }

  add(waiting: Waiting): void {
    this.waiting += 1;
    const mailbox = keyOf(waiting.call);
    const calls = this.#calls.get(mailbox);
    if (calls === undefined) {
      this.#calls.set(mailbox, [waiting]);
      this.#turns.add(mailbox);
    } else calls.push(waiting);
    if (this.#turns.has(mailbox)) this.ready += 1;
  }

  /** The mailbox whose turn it is gives what fits; the rest goes to the end, or is set aside when it is a backlog. */
  next(fits: (mailbox: string, waiting: readonly Waiting[]) => number): {
    mailbox: string;
    calls: Waiting[];
  } {
    const [mailbox = ''] = this.#turns;
    const waiting = this.#calls.get(mailbox) ?? [];
    this.#turns.delete(mailbox);
    this.ready -= waiting.length;
    const calls = waiting.splice(0, fits(mailbox, waiting));
    this.waiting -= calls.length;
    if (waiting.length === 0) this.#calls.delete(mailbox);
    else if (calls.length > 0 && calls.length + waiting.length <= MAILBOX_CONCURRENT) {
      // Few enough to be at work all together, in this batch and the next.
      this.#turns.add(mailbox);
      this.ready += waiting.length;
    }
    return { mailbox, calls };
  }

  putBack(waiting: Waiting): void {
    this.waiting += 1;
    const mailbox = keyOf(waiting.call);
    const calls = this.#calls.get(mailbox);
    if (calls === undefined) this.#calls.set(mailbox, [waiting]);
    else calls.unshift(waiting);
    if (this.#turns.has(mailbox)) this.ready += 1;
  }

  wake(mailbox: string): void {
    const waiting = this.#calls.get(mailbox);
    if (waiting === undefined || this.#turns.has(mailbox)) return;
    this.#turns.add(mailbox);
    this.ready += waiting.length;
  }

  drain(mailbox: string): Waiting[] {
    const waiting = this.#calls.get(mailbox) ?? [];
    if (this.#turns.delete(mailbox)) this.ready -= waiting.length;
    this.waiting -= waiting.length;
    this.#calls.delete(mailbox);
    return waiting;
  }

  drainAll(): Waiting[] {
    return [...this.#calls.keys()].flatMap((mailbox) => this.drain(mailbox));
  }
}
