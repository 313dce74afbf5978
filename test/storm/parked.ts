import type { Database } from 'better-sqlite3';

/** A night, the hour over which it looks at pictures, and what follows from that. */
const AFTERWARDS_MS = 3 * 3_600_000;

/**
 * How long until all is done that waits for parked mailboxes, in milliseconds; 0 where none is parked. One that could not be
 * used for long is tried again hours later: only then is its owner's picture read, and what it missed written.
 */
export function afterParked(ledger: Database, now: number): number {
  const { until } = ledger
    .prepare<[], { until: number }>('select ifnull(max(not_before), 0) as until from mailboxes')
    .get() ?? { until: 0 };
  return until > now ? until - now + AFTERWARDS_MS : 0;
}
