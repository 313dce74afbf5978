/** So often was an operation answered in this way. */
export interface AnswerCount {
  /** A request of its own, or a part of a batch. */
  readonly via: 'request' | 'batch';
  /** What was asked, without anything that names somebody. */
  readonly operation: string;
  /** A status of HTTP, a word of a driver that has none, or `none` where no answer came. */
  readonly status: string;
  readonly count: number;
}

/** How a service answered since this process started; for figures, never for decisions. */
export class Answers {
  readonly #counts = new Map<string, { -readonly [Key in keyof AnswerCount]: AnswerCount[Key] }>();

  note(via: AnswerCount['via'], operation: string, status: number | string = 'none'): void {
    const key = `${via}|${operation}|${status}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else this.#counts.set(key, { via, operation, status: String(status), count: 1 });
  }

  all(): readonly AnswerCount[] {
    return [...this.#counts.values()];
  }
}
