import type { Needs } from '../engine/needs.ts';

/** The guard looks 24 hours back; a little more is kept. */
const GUARD_MEMORY_MS = 48 * 3_600_000;

export const DAY_MS = 24 * 3_600_000;
/** What became of a change is asked for within days, and its record of writes stays for as long as it is configured. */
const TRACES_MS = 30 * DAY_MS;

/** So long it is kept what became of changes before something was written. `recordMs`: how long the record of writes is. */
export function tracesMs(recordMs: number): number {
  return Math.min(TRACES_MS, recordMs);
}

export interface Retention {
  readonly needs: Pick<Needs, 'ledger' | 'clock'>;
  /** So long the record of writes is kept (milliseconds), and traces no longer than that; for good unless given. */
  readonly recordMs?: number;
  readonly agrees: () => boolean;
}

/**
 * What has been kept for long enough. Of the record nothing while others have another configuration: theirs may be the newer one,
 * and keep it for longer.
 */
export async function forgetOld({ needs: { ledger, clock }, recordMs, agrees }: Retention): Promise<void> {
  const now = clock.now();
  await ledger.guard.forgetBefore(now - GUARD_MEMORY_MS);
  if (recordMs === undefined || !agrees()) return;
  await ledger.record.forgetBefore(now - recordMs);
  await ledger.traces.forgetBefore(now - tracesMs(recordMs));
}
