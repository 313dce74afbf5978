import type { ExtensionPool } from './extension-pool.ts';
import type { Waiting } from './lanes.ts';

/** Lets calls on open extensions into one batch, as far as their pool goes. */
export interface PoolGate {
  /** How many of these calls, from the first on, may join the batch; they count as joined. */
  fits(calls: readonly Waiting[]): number;
  /** When it lets as many in as the batch has seats (milliseconds since 1970). */
  readonly opensAt: number;
}

/** `seats`: what the batch could take. The pool gives back a few at a time: fewer than a batch's worth wait for more. */
export function createPoolGate(
  pool: Pick<ExtensionPool, 'room' | 'roomAt'>,
  seats: number,
  now: number,
): PoolGate {
  const room = pool.room(now);
  let left = room < seats ? 0 : room;
  return {
    opensAt: pool.roomAt(seats, now),
    fits: (calls) => {
      if (left === Infinity) return calls.length;
      let fitting = 0;
      for (const { call } of calls) {
        if (call.extensions === true && left === 0) break;
        if (call.extensions === true) left -= 1;
        fitting += 1;
      }
      return fitting;
    },
  };
}
