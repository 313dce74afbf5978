/**
 * Ids of messages that were sent within the window, whatever became of the messages. The oldest stand first, so that
 * forgetting them costs nothing.
 */
export class Duplicates {
  readonly #windowMs: number;
  readonly #seen: Map<string, number>;

  constructor(windowMs: number, seen: ReadonlyMap<string, number>) {
    this.#windowMs = windowMs;
    this.#seen = new Map(seen);
  }

  /** True when the id is new, which it is not any more afterwards. */
  note(messageId: string, now: number): boolean {
    for (const [id, at] of this.#seen) {
      if (at + this.#windowMs > now) break;
      this.#seen.delete(id);
    }
    if (this.#seen.has(messageId)) return false;
    this.#seen.set(messageId, now);
    return true;
  }
}
