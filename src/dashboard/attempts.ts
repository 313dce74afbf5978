import type { Clock } from '../kit/clock.ts';

/** How often somebody may try to sign in. A code cannot be guessed; this keeps the log and the processor quiet as well. */
export interface Attempts {
  /** Counts one; false when there were too many of late. */
  allows(): boolean;
}

/** Seconds after which a refused one may try again, at the latest. */
export const WINDOW_SECONDS = 60;
const MOST = 10;

/** For all addresses together: over loopback there is only one. */
export function createAttempts(clock: Clock): Attempts {
  let times: number[] = [];
  return {
    allows() {
      const now = clock.now();
      times = times.filter((at) => now - at < WINDOW_SECONDS * 1_000);
      if (times.length >= MOST) return false;
      times.push(now);
      return true;
    },
  };
}
