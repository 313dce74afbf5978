import type { Clock } from '../../kit/clock.ts';
import { createPaced } from '../../kit/paced.ts';

/** Several may scrape, and each of them may be impatient. */
const KEPT_MS = 5_000;
/** Of the time, at most this part goes into reading. */
const PART = 1 / 20;

/** What was read a moment ago is told again: for five seconds, or longer where reading takes long. A failure is not kept. */
export function keptFresh<Value>(clock: Clock, read: () => Promise<Value>): () => Promise<Value> {
  const paced = createPaced({
    read,
    clock,
    keptUntil: ({ from, at, failed }) => (failed ? at : from + Math.max(KEPT_MS, (at - from) / PART)),
  });
  return () => paced.get();
}
