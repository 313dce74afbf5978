import type { Needs } from '../engine/needs.ts';

/** The guard looks 24 hours back; a little more is kept. */
const GUARD_MEMORY_MS = 48 * 3_600_000;

export interface Retention {
  readonly needs: Pick<Needs, 'ledger' | 'clock'>;
  /** So long the record of writes is kept (milliseconds); for good unless given. */
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
  if (recordMs !== undefined && agrees()) await ledger.record.forgetBefore(now - recordMs);
}
