import type { Clock } from '../kit/clock.ts';

/** How long a group may wait for callers who are about to come back, and on which clock. */
export interface Patience {
  readonly clock: Clock;
  readonly ms: number;
}

/** Decides when a group of senders leaves for the disk. */
export interface Crowd {
  /** One more sender waits: `gathering` in the group that is still here, `onTheirWay` in the one before it. */
  joined(gathering: number, onTheirWay: number): void;
  /** Resolves when the gathering group should leave. */
  gathered(): Promise<void>;
  /** A group with that many senders has left. */
  left(senders: number): void;
  /** The group that is gathering leaves without waiting for anybody. */
  hurry(): void;
}

/** Measured with 64 connections: 0.5 costs too many commits, 1 leaves the processor idle during each of them. */
const SHARE = 0.75;

/**
 * Senders come back: a connection that was answered sends its next post. So a group waits until most of those
 * are here who were waiting at one time since the last group left, but never longer than its patience. A single
 * sender is a crowd of one and waits for nobody; neither do those who take and settle, who work in step with
 * nobody. Without patience a group leaves at the end of the current turn.
 */
export function createCrowd(patience: Patience | null): Crowd {
  let most = 0;
  let here = 0;
  let inHurry = false;
  let leave: (() => void) | null = null;
  return {
    joined(gathering, onTheirWay) {
      here = gathering;
      most = Math.max(most, gathering + onTheirWay);
      if (here >= SHARE * most) leave?.();
    },
    async gathered() {
      await Promise.resolve();
      if (patience === null || inHurry || here >= SHARE * most) return;
      const enough = Promise.withResolvers<void>();
      leave = enough.resolve;
      await Promise.race([enough.promise, patience.clock.sleep(patience.ms)]);
      leave = null;
    },
    left(senders) {
      most = senders;
      here = 0;
      inHurry = false;
    },
    hurry() {
      inHurry = true;
      leave?.();
    },
  };
}
