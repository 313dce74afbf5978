import type { Clock } from '../kit/clock.ts';

/** How long a group may wait for callers who are about to come back, and on which clock. */
export interface Patience {
  readonly clock: Clock;
  readonly ms: number;
}

/** Decides when a group of callers leaves for the disk. */
export interface Crowd {
  /** One more caller waits: `gathering` in the group that is still here, `onTheirWay` in the one before it. */
  joined(gathering: number, onTheirWay: number): void;
  /** Resolves when the gathering group should leave. */
  gathered(): Promise<void>;
  /** A group of that many callers has left. */
  left(callers: number): void;
  /** Whoever waits now leaves now. */
  hurry(): void;
}

/** Measured with 64 connections: 0.5 costs too many commits, 1 leaves the processor idle during each of them. */
const SHARE = 0.75;

/**
 * Callers come back: a connection that was answered sends its next post. So a group waits until most of those
 * are here who were waiting at one time since the last group left, but never longer than its patience. A single
 * caller is a crowd of one and waits for nobody. Without patience a group leaves at the end of the current turn.
 */
export function createCrowd(patience: Patience | null): Crowd {
  let most = 0;
  let here = 0;
  let hurry: (() => void) | null = null;
  return {
    joined(gathering, onTheirWay) {
      here = gathering;
      most = Math.max(most, gathering + onTheirWay);
      if (here >= SHARE * most) hurry?.();
    },
    async gathered() {
      await Promise.resolve();
      if (patience === null || here >= SHARE * most) return;
      const enough = Promise.withResolvers<void>();
      hurry = enough.resolve;
      await Promise.race([enough.promise, patience.clock.sleep(patience.ms)]);
      hurry = null;
    },
    left(callers) {
      most = callers;
      here = 0;
    },
    hurry: () => hurry?.(),
  };
}
