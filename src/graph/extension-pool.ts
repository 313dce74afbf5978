import { SlidingBudget } from './sliding-budget.ts';

/** Once the service has shown that it counts, it is believed for so long; then one more try shows whether it still does. */
const BELIEVED_MS = 24 * 3_600_000;
/**
 * So many batches in a row, mostly refused, show a pool. A mailbox of its own refuses, too, and then all that a batch holds of
 * it: where one call in twenty fails, every third batch looks like that; sixteen in a row come once in forty million.
 */
const TELLING_BATCHES = 16;

/**
 * The pool of calls that carry an open extension. Whether an extension inside a create counts against it, nobody has
 * said: assumed always, every fill would be forty times slower than the mailboxes are; assumed never, a service that
 * counts would refuse most of it. So it is found out, unless the configuration says: when batch after batch is refused,
 * while more was sent than the pool holds, they count, and from then on no more are sent than it holds.
 */
export class ExtensionPool {
  readonly #budget: SlidingBudget;
  #limit: number;
  readonly #learns: boolean;
  #countedUntil: number;
  /** Batches in a row of whose extension calls most were refused. */
  #refusedInARow = 0;

  constructor(pool: { count: number; spanMs: number }, inline: 'counted' | 'uncounted' | 'unknown') {
    this.#budget = new SlidingBudget(pool.count, pool.spanMs);
    this.#limit = pool.count;
    this.#learns = inline === 'unknown';
    this.#countedUntil = inline === 'counted' ? Infinity : 0;
  }

  /** From now on so many; what was spent stays spent. */
  limitTo(limit: number): void {
    this.#limit = limit;
    this.#budget.limitTo(limit);
  }

  isCounted(now: number): boolean {
    return now < this.#countedUntil;
  }

  /** How many calls may be sent now; `Infinity` while they are not known to count. */
  room(now: number): number {
    return this.isCounted(now) ? Math.max(0, this.#budget.room(now)) : Infinity;
  }

  /** The first instant at which `calls` may be sent, in milliseconds since 1970. */
  roomAt(calls: number, now: number): number {
    return this.isCounted(now) ? this.#budget.roomAt(calls, now) : now;
  }

  spend(calls: number, now: number): void {
    if (calls > 0) this.#budget.spend(calls, now);
  }

  /** What became of the extension calls of one batch: how many there were, and how many were refused with 429. */
  answered({ calls, refused }: { calls: number; refused: number }, now: number): void {
    if (calls === 0) return;
    this.#refusedInARow = refused * 2 >= calls ? this.#refusedInARow + 1 : 0;
    const beyond = this.#budget.spent(now) > this.#limit;
    if (this.#learns && beyond && this.#refusedInARow >= TELLING_BATCHES)
      this.#countedUntil = now + BELIEVED_MS;
  }
}
