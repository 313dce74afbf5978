import { keptForLive } from './batch-size.ts';
import { BATCH_LARGEST, type Throttle } from './throttle.ts';

export interface Spare {
  /** Bulk calls that leave soon when they are handed over now. */
  readonly calls: number;
  /** Of them, those that leave at once. */
  readonly idle: number;
  /** Of them, calls on open extensions. */
  readonly extensions: number;
  /** When to ask again (milliseconds since 1970), where there is room for none. */
  readonly askAt: number;
}

/** However busy the slots are, a portion of bulk work is no smaller than this, so that its batches are full. */
const LEAST_PORTION = 10 * BATCH_LARGEST;
/** A call's time or two: then slots have come free. */
const ASK_AGAIN_MS = 250;

/**
 * Room for bulk work: what the free slots take at once, and where none is free a portion to wait its turn, so that no slot
 * is ever idle; but no more than one window's worth waits, so that whoever waits behind it waits for a call or two.
 */
export function spareOf(
  throttle: Throttle,
  { now, waiting, full }: { now: number; waiting: number; full: number },
): Spare {
  const { extensions } = throttle;
  const slots = throttle.spareBatches() - keptForLive(throttle.window());
  const free = slots * full - waiting;
  const restsUntil = throttle.tenantRestsUntil();
  const busy = free < -Math.floor(throttle.window()) * full || restsUntil > now;
  const calls = busy ? 0 : Math.max(free, LEAST_PORTION);
  const inPool = extensions.isCounted(now) ? extensions.room(now) - waiting : calls;
  // The pool gives back a little at a time: it is asked again when a whole portion fits.
  const poolAt = inPool < full ? extensions.roomAt(LEAST_PORTION, now) : now;
  return {
    calls,
    idle: Math.max(0, Math.min(calls, free)),
    extensions: inPool < full ? 0 : Math.min(calls, inPool),
    askAt: Math.max(now + ASK_AGAIN_MS, poolAt, restsUntil),
  };
}
