import { isRead } from '../engine/halts.ts';
import type { Target } from '../engine/ports.ts';

/** The second lock on the door: not even by mistake does whoever only looks write. */
export function readingOnly(target: Target): Target {
  return {
    apply: (operations, urgency) => {
      if (!operations.every(isRead)) return Promise.reject(new Error('Whoever only looks does not write.'));
      return target.apply(operations, urgency);
    },
    spare: () => target.spare(),
  };
}
