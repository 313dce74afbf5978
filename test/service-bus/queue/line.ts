import type { Kept } from './message.ts';

/**
 * Messages that wait for a receiver, smallest sequence number first. New ones come in their order and cost nothing to
 * sort; those that came back are few and are sorted in. What left it otherwise (expired) is passed over.
 */
export class Line {
  #fresh: Kept[] = [];
  #head = 0;
  readonly #returned: Kept[] = [];
  readonly #waiting = new Set<Kept>();

  get length(): number {
    return this.#waiting.size;
  }

  add(message: Kept): void {
    this.#waiting.add(message);
    const last = this.#fresh.at(-1);
    if (last === undefined || last.sequence < message.sequence) this.#fresh.push(message);
    else this.#sortIn(message);
  }

  remove(message: Kept): void {
    this.#waiting.delete(message);
  }

  take(): Kept | undefined {
    for (;;) {
      const fresh = this.#fresh[this.#head];
      const returned = this.#returned[0];
      const fromReturned =
        returned !== undefined && (fresh === undefined || returned.sequence <= fresh.sequence);
      const next = fromReturned ? this.#returned.shift() : this.#shiftFresh();
      if (next === undefined) return undefined;
      if (this.#waiting.delete(next)) return next;
    }
  }

  #shiftFresh(): Kept | undefined {
    const next = this.#fresh[this.#head];
    if (next === undefined) return undefined;
    this.#head += 1;
    if (this.#head * 2 > this.#fresh.length && (this.#head > 1_024 || this.#head === this.#fresh.length)) {
      this.#fresh = this.#fresh.slice(this.#head);
      this.#head = 0;
    }
    return next;
  }

  #sortIn(message: Kept): void {
    let low = 0;
    let high = this.#returned.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#returned[middle] as Kept).sequence < message.sequence) low = middle + 1;
      else high = middle;
    }
    this.#returned.splice(low, 0, message);
  }
}
