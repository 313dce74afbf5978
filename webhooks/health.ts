import type { Outlet } from '../src/engine/queue-port.ts';
import type { Clock } from '../src/kit/clock.ts';
import type { Change } from '../src/model/change.ts';

/** Whether notifications would be stored now. */
export interface Health {
  sendFailed(): void;
  ready(): Promise<boolean>;
}

/** Long enough for a balancer to notice; then posts come again, and show whether the queue has recovered. */
const FAILED_FOR_MS = 10_000;
/** Anybody may ask, so the queue is asked at most this often. */
const ANSWER_KEPT_MS = 1_000;

export function createHealth(changes: Pick<Outlet<Change>, 'reachable'>, clock: Clock): Health {
  let failedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer: Promise<boolean> = Promise.resolve(true);
  return {
    sendFailed: () => {
      failedAt = clock.now();
    },
    async ready() {
      const now = clock.now();
      if (now - failedAt < FAILED_FOR_MS) return false;
      if (now - askedAt >= ANSWER_KEPT_MS) {
        askedAt = now;
        answer = changes.reachable().then(
          () => true,
          () => false,
        );
      }
      return answer;
    },
  };
}
