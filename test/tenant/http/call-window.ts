import type { Ceiling } from './ceilings.ts';

const SLOTS = 10;

/** At most so many calls in a sliding window, counted in tenths of it: a little stricter than the exact limit. */
export class CallWindow {
  readonly #limit: number;
  readonly #slotMs: number;
  readonly #slots: { at: number; used: number }[] = [];
  #used = 0;

  constructor({ count, spanMs }: Ceiling) {
    this.#limit = count;
    this.#slotMs = spanMs / SLOTS;
  }

  /** 0 when the cost was taken, else the milliseconds until the oldest of it is given back. */
  take(now: number, cost: number = 1): number {
    const slot = Math.floor(now / this.#slotMs);
    for (
      let first = this.#slots[0];
      first !== undefined && first.at <= slot - SLOTS;
      first = this.#slots[0]
    ) {
      this.#used -= first.used;
      this.#slots.shift();
    }
    if (this.#used + cost > this.#limit) return ((this.#slots[0]?.at ?? slot) + SLOTS) * this.#slotMs - now;
    this.#used += cost;
    const last = this.#slots.at(-1);
    if (last?.at === slot) last.used += cost;
    else this.#slots.push({ at: slot, used: cost });
    return 0;
  }

  /** Share of the limit that is used, as of the last call. */
  get share(): number {
    return this.#used / this.#limit;
  }
}
