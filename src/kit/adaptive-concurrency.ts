/** How a batch went, as far as the tenant is concerned. */
export type Health = 'healthy' | 'congested' | 'silent';

/**
 * Batches in flight of one tenant: additive increase, multiplicative decrease, as TCP does. Starts with what a change for
 * 250 mailboxes needs in the smallest batches, since no limit on batches is documented and what is documented has
 * budgets of its own; doubles every round trip until the first congestion; then one more per round trip. Congestion halves it, at most
 * once per round trip: what was sent before the last halving says nothing new.
 */
export interface AdaptiveConcurrency {
  /** How many more batches may be sent. */
  spare(): number;
  /** A batch leaves; the ticket is given back with `end`. */
  begin(): number;
  end(ticket: number, health: Health): void;
  /** The window, in batches. */
  window(): number;
  /** From now on at most so many; what is in flight beyond that ends as it would. */
  limitTo(most: number): void;
}

const FIRST_WINDOW = 64;

/** `limit`: the configured one; the window stays within [1, most]. */
export function adaptiveConcurrency(limit: number): AdaptiveConcurrency {
  let most = limit;
  let window = Math.max(1, Math.min(FIRST_WINDOW, most));
  let inFlight = 0;
  let sent = 0;
  let sentAtHalving = 0;
  let doubling = true;
  return {
    spare: () => Math.floor(window) - inFlight,
    window: () => window,
    limitTo: (now) => {
      // More room than before is tried out as at the start: nothing spoke against it so far.
      if (doubling && window >= most) window = Math.max(window, Math.min(FIRST_WINDOW, now));
      most = now;
      window = Math.max(1, Math.min(window, most));
    },
    begin: () => {
      inFlight += 1;
      sent += 1;
      return sent;
    },
    end: (ticket, health) => {
      // A window that was not used to the full has not been tried: its success is no reason to grow.
      const inUse = inFlight >= Math.floor(window);
      inFlight -= 1;
      if (ticket <= sentAtHalving) return;
      if (health === 'congested') {
        window = Math.max(1, window / 2);
        sentAtHalving = sent;
        doubling = false;
      } else if (health === 'healthy' && inUse) {
        window = Math.min(Math.max(1, most), window + (doubling ? 1 : 1 / window));
      }
    },
  };
}
