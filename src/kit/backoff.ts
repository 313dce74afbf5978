import type { Random } from './random.ts';

/** Bounds of an exponential backoff, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait before attempt `attempt + 1`, in milliseconds: `firstMs` doubled with every attempt (1 is the
 * first), at most `longestMs`. The upper half is random, so that clients that failed together do not come
 * back together; the lower half is not, so that nobody comes back at once.
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: Random): number {
  const doublings = Math.max(0, Math.min(attempt - 1, 52));
  const ceiling = Math.min(bounds.longestMs, bounds.firstMs * 2 ** doublings);
  return Math.ceil(ceiling * (0.5 + random.float() / 2));
}
