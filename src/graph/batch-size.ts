import { BATCH_PARALLEL } from './throttle.ts';

export type BatchPolicy = 'economy' | 'swift';

/** Slots that bulk calls leave free, of so many: whoever waits for a live call waits for no fill, at a thirtieth of its pace. */
export function keptForLive(slots: number): number {
  return Math.min(2, Math.floor(slots / 16));
}

/**
 * How large the next batch is, and how many calls need not wait for company. `economy`: full batches. `swift`: the smallest
 * number of rounds of four, for that is how many parts of a batch run at a time, with which all that waits leaves at once;
 * full batches when that takes full ones. It can be told only when all have come, so only what fills every slot leaves early.
 */
export function batchSize(
  policy: BatchPolicy | undefined,
  { ready, slots }: { readonly ready: number; readonly slots: number },
  full: number,
): { readonly size: number; readonly enough: number } {
  if (policy !== 'swift') return { size: full, enough: full };
  const free = Math.max(1, slots);
  const rounds = Math.max(1, Math.ceil(ready / (BATCH_PARALLEL * free)));
  return { size: Math.min(BATCH_PARALLEL * rounds, full), enough: full * free };
}
