/** The window is kept in slices, and one slice longer than the span, so that the bound is strict at any instant. */
const SLICES = 40;

interface Slice {
  readonly index: number;
  count: number;
}

/** Requests in a window that slides: never more than `limit` in any `spanMs` milliseconds. */
export class SlidingBudget {
  #limit: number;
  readonly #sliceMs: number;
  readonly #slices: Slice[] = [];
  #spent = 0;

  constructor(limit: number, spanMs: number) {
    this.#limit = limit;
    this.#sliceMs = spanMs / SLICES;
  }

  get limit(): number {
    return this.#limit;
  }

  /** From now on so many fit; what was spent stays spent. */
  limitTo(limit: number): void {
    this.#limit = limit;
  }

  /** What was spent and still counts. */
  spent(now: number): number {
    this.#forget(now);
    return this.#spent;
  }

  /** How many fit now. */
  room(now: number): number {
    this.#forget(now);
    return this.#limit - this.#spent;
  }

  spend(count: number, now: number): void {
    const index = Math.floor(now / this.#sliceMs);
    const last = this.#slices.at(-1);
    // A clock set back must not open a second window: the spend joins the newest slice.
    if (last !== undefined && last.index >= index) last.count += count;
    else this.#slices.push({ index, count });
    this.#spent += count;
  }

  /** The first instant at which `count` fit, in milliseconds since 1970; `now` when they fit already. More than the limit counts as the limit. */
  roomAt(count: number, now: number): number {
    const wanted = Math.min(count, this.#limit);
    let room = this.room(now);
    let freeAt = now;
    for (const slice of this.#slices) {
      if (room >= wanted) break;
      room += slice.count;
      freeAt = Math.ceil((slice.index + SLICES + 1) * this.#sliceMs);
    }
    return freeAt;
  }

  /** Nothing spent still counts. */
  idle(now: number): boolean {
    this.#forget(now);
    return this.#slices.length === 0;
  }

  #forget(now: number): void {
    const oldest = Math.floor(now / this.#sliceMs) - SLICES;
    while (this.#slices[0] !== undefined && this.#slices[0].index < oldest) {
      this.#spent -= this.#slices.shift()?.count ?? 0;
    }
  }
}
