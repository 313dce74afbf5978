import type { Clock } from '../kit/clock.ts';

/** How often somebody may try to sign in. A code cannot be guessed; this keeps the log and the processor quiet as well. */
export interface Attempts {
  /** Counts one; false when there were too many of late. */
  allows(): boolean;
}

/** Seconds after which a refused one may try again, at the latest. */
export const WINDOW_SECONDS = 60;
const MOST = 10;

/** For all addresses together: over loopback, and behind a proxy, there is only one. `tell` is called once in a window in which some are refused. */
export function createAttempts(clock: Clock, tell: () => void, most = MOST): Attempts {
  let times: number[] = [];
  let told = -Infinity;
  return {
    allows() {
      const now = clock.now();
      times = times.filter((at) => now - at < WINDOW_SECONDS * 1_000);
      if (times.length >= most) {
        if (now - told >= WINDOW_SECONDS * 1_000) {
          told = now;
          tell();
        }
        return false;
      }
      times.push(now);
      return true;
    },
  };
}
