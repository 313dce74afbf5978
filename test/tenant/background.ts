import { setMaxListeners } from 'node:events';
import type { Clock } from '../../src/kit/clock.ts';

/** Sleeps on the tenant's clock; rejects when the tenant is closed. */
export type Sleep = (ms: number) => Promise<void>;

/** Work that nobody waits for, such as a delivery or a late write. Closing the tenant ends it, so that a process can end. */
export class Background {
  readonly #clock: Clock;
  readonly #life = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
    // Every sleeper listens; their number is no leak.
    setMaxListeners(0, this.#life.signal);
  }

  /** A failure for any other reason than closing is a bug, and becomes an unhandled rejection. */
  start(work: (sleep: Sleep) => Promise<void>): void {
    const { signal } = this.#life;
    const sleep: Sleep = (ms) => this.#clock.sleep(ms, signal);
    void work(sleep).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  close(): void {
    this.#life.abort(new Error('The tenant is closed'));
  }
}
