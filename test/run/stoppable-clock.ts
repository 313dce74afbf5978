import type { Clock } from '../../src/kit/clock.ts';

/** The clock of one process among several: while the process is stopped, as by SIGSTOP, nobody of it is woken. */
export class StoppableClock implements Clock {
  readonly #clock: Clock;
  #going: Promise<void> = Promise.resolve();
  #go: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal);
    await this.#going;
  }

  stop(): void {
    this.#going = new Promise((resolve) => {
      this.#go = resolve;
    });
  }

  go(): void {
    this.#go?.();
  }
}
