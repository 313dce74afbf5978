import type { Clock } from '../../src/kit/clock.ts';

/** Who left a scope so far: the storm's guard allows only so many a day. */
export class Leavers {
  /** When owners last lost their licence or left (milliseconds since 1970): their mailboxes are emptied whole. */
  readonly owners = new Map<string, number>();
  readonly #clock: Clock;
  readonly #atMost: number;
  #count = 0;

  constructor(clock: Clock, atMost: number) {
    this.#clock = clock;
    this.#atMost = atMost;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether one more may leave. */
  get mayLeave(): boolean {
    return this.#count < this.#atMost;
  }

  leave(id: string): void {
    this.#count += 1;
    this.empty(id);
  }

  /** Only for moments: the mailbox is none the worse for it. */
  blink(): void {
    this.#count += 1;
  }

  /** The owner's mailbox receives no longer. */
  empty(owner: string): void {
    this.owners.set(owner, this.#clock.now());
  }
}
