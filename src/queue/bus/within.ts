import type { Clock } from '../../kit/clock.ts';
import { Fault } from '../../model/fault.ts';

/** Given as the reason, since making the default one costs more than the rest of this. */
const ANSWERED = 'answered';

/**
 * The work's outcome, or an `unavailable` fault when it takes longer: the client has no limit of its own for some
 * operations, and one of a minute for others. What comes of the work later is told to `late`.
 */
export async function within<T>(
  { limits, ms, late }: { readonly limits: Clock; readonly ms: number; readonly late?: (outcome: T) => void },
  work: Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let isLate = false;
  const limit = limits.sleep(ms, over.signal).then((): never => {
    isLate = true;
    throw new Fault('unavailable', 'Service Bus did not answer in time');
  });
  limit.catch(() => {});
  work.then(
    (outcome) => {
      if (isLate) late?.(outcome);
    },
    () => {},
  );
  try {
    return await Promise.race([work, limit]);
  } finally {
    over.abort(ANSWERED);
  }
}
