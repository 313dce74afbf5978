import type { Clock } from '../../kit/clock.ts';

/** Several may scrape, and each of them may be impatient. */
const KEPT_MS = 5_000;
/** Of the time, at most this part goes into reading. */
const PART = 1 / 20;

/** What was read a moment ago is told again: for five seconds, or longer where reading takes long. A failure is not kept. */
export function keptFresh<Value>(clock: Clock, read: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly value: Promise<Value>; until: number } | null = null;
  return () => {
    const now = clock.now();
    if (last !== null && now < last.until) return last.value;
    const value = read();
    const kept = { value, until: Infinity };
    last = kept;
    value.then(
      () => {
        kept.until = now + Math.max(KEPT_MS, (clock.now() - now) / PART);
      },
      () => {
        if (last === kept) last = null;
      },
    );
    return value;
  };
}
