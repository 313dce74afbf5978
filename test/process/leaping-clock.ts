import { systemClock, type Clock } from '../../src/kit/clock.ts';

/** Real time that can leap ahead, so that a story need not wait for an hour to pass. */
export class LeapingClock implements Clock {
  #ahead = 0;
  readonly #sleepers = new Set<() => void>();

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + Math.max(0, ms);
    do {
      signal?.throwIfAborted();
      await this.#nap(until - this.now(), signal);
    } while (this.now() < until);
  }

  /** Everything that falls due within these milliseconds is due at once. */
  leap(ms: number): void {
    this.#ahead += ms;
    for (const wake of this.#sleepers) wake();
  }

  /** Ends with its time, with a leap, or with the signal. */
  async #nap(ms: number, signal?: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#sleepers.add(wake);
    try {
      await systemClock.sleep(ms, signal ? AbortSignal.any([signal, woken.signal]) : woken.signal);
    } catch {
      signal?.throwIfAborted();
    } finally {
      this.#sleepers.delete(wake);
    }
  }
}
