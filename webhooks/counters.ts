import { LATE_MS, LOST_MS } from './punctuality.ts';
import type { Answer } from './receive.ts';

/** What the receiver has seen since it started; for figures, never for decisions. */
export interface Counters {
  handshakes: number;
  /** Items that are durably in the queue. */
  accepted: number;
  /** Items whose client state is not ours for their tenant and resource: no effect, and nobody is told. */
  forged: number;
  /** Items without the shape of a notification. */
  malformed: number;
  /** Genuine items that ask for nothing we know. */
  ignored: number;
  /** Genuine posts that were answered. */
  answers: number;
  /** Posts answered with 4xx. */
  refused: number;
  /** Posts answered with 503: Graph sends them again. */
  unavailable: number;
  /** Posts whose sender went away before the end of the body. */
  aborted: number;
  /** Genuine posts answered after more than 3 s, and after more than 10 s: what Graph makes of it stands in punctuality.ts. */
  over3s: number;
  over10s: number;
}

export function newCounters(): Counters {
  return {
    handshakes: 0,
    accepted: 0,
    forged: 0,
    malformed: 0,
    ignored: 0,
    answers: 0,
    refused: 0,
    unavailable: 0,
    aborted: 0,
    over3s: 0,
    over10s: 0,
  };
}

/** @param tookMs from the end of the request's headers to our answer */
export function countAnswer(counters: Counters, { status, genuine }: Answer, tookMs: number): void {
  if (status >= 400 && status < 500) counters.refused += 1;
  if (status === 503) counters.unavailable += 1;
  if (genuine !== true) return;
  counters.answers += 1;
  if (tookMs > LATE_MS) counters.over3s += 1;
  if (tookMs > LOST_MS) counters.over10s += 1;
}
