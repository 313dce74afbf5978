import type { Transport } from '../../src/kit/transport.ts';
import type { LeapingClock } from './leaping-clock.ts';

const STEP_MS = 100;
const LEAP_MS = 5_000;

/** What a service asks, watched, so that time goes by faster while it asks nothing. */
export class Traffic {
  /** Requests that set out so far. */
  #asked = 0;
  /** Of them, those without an answer. */
  #open = 0;

  through(transport: Transport): Transport {
    return async (request) => {
      this.#asked += 1;
      this.#open += 1;
      try {
        return await transport(request);
      } finally {
        this.#open -= 1;
      }
    };
  }

  /**
   * Time goes by faster than life until the signal, so that nobody waits for what the service waits for. Only where
   * nothing was asked for a step: on a slow machine requests would otherwise time out, and a run end before it began.
   */
  async leapBetween(clock: LeapingClock, signal: AbortSignal): Promise<void> {
    for (let asked = -1; !signal.aborted; asked = this.#asked) {
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      if (this.#open === 0 && this.#asked === asked) clock.leap(LEAP_MS);
    }
  }
}
