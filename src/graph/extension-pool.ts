import { SlidingBudget } from './sliding-budget.ts';

/** Once the service has shown that it counts, it is believed for so long; then one more try shows whether it still does. */
const BELIEVED_MS = 24 * 3_600_000;
/** Fewer refusals than these in one batch may have any reason. */
const TELLING_REFUSALS = 4;

/**
 * The pool of calls that carry an open extension. Whether an extension inside a create counts against it, nobody has
 * said: assumed always, every fill would be forty times slower than the mailboxes are; assumed never, a service that
 * counts would refuse most of it. So it is found out, unless the configuration says: the first batch of which most
 * extension calls are refused, while more were sent than the pool holds, shows that they count, and from then on no
 * more are sent than it holds.
 */
export class ExtensionPool {
  readonly #budget: SlidingBudget;
  readonly #limit: number;
  readonly #learns: boolean;
  #countedUntil: number;

  constructor(pool: { count: number; spanMs: number }, inline: 'counted' | 'uncounted' | 'unknown') {
    this.#budget = new SlidingBudget(pool.count, pool.spanMs);
    this.#limit = pool.count;
    this.#learns = inline === 'unknown';
    this.#countedUntil = inline === 'counted' ? Infinity : 0;
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
    const most = refused >= TELLING_REFUSALS && refused * 2 >= calls;
    const beyond = this.#budget.spent(now) > this.#limit;
    if (this.#learns && most && beyond) this.#countedUntil = now + BELIEVED_MS;
  }
}
