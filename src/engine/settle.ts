import { Fault, type FaultKind } from '../model/fault.ts';
import type { Verdict } from './queue-port.ts';

/** After so many counted attempts in a row a message is given up for now (setbacks.ts says what becomes of it). */
export const LAST_ATTEMPT = 8;
/** From then on a message is handled by itself, so that what it does to its handler happens to no other message. */
const ALONE_AFTER = 4;

/** Has this message failed so often that its neighbours are better handled without it? */
export function isSuspect({ attempts }: { readonly attempts: number }): boolean {
  return attempts > ALONE_AFTER;
}

/** What a failure means for the message at hand. `countAttempt`: trying for ever is no answer to this kind. */
interface Ruling {
  readonly retryMs: number;
  readonly countAttempt: boolean;
}

/**
 * The one table that decides what every failure means. A service that is away, throttles or lost its answer says
 * nothing about the message, so those retries are not counted: an outage of a day must not end in dead letters.
 */
const rulings: Record<FaultKind, Ruling> = {
  throttled: { retryMs: 10_000, countAttempt: false },
  unavailable: { retryMs: 5_000, countAttempt: false },
  'unknown-outcome': { retryMs: 2_000, countAttempt: false },
  unauthorized: { retryMs: 60_000, countAttempt: false },
  forbidden: { retryMs: 600_000, countAttempt: false },
  quota: { retryMs: 600_000, countAttempt: false },
  'mailbox-unavailable': { retryMs: 60_000, countAttempt: false },
  resync: { retryMs: 1_000, countAttempt: false },
  conflict: { retryMs: 1_000, countAttempt: true },
  'not-found': { retryMs: 10_000, countAttempt: true },
  invalid: { retryMs: 60_000, countAttempt: true },
  // The next turn sees that it is stopped, and leaves it to the day when it goes on.
  paused: { retryMs: 1_000, countAttempt: false },
  'lease-lost': { retryMs: 0, countAttempt: false },
};

/** What becomes of a message whose handling threw: later (when) or dead (why). */
export function settle(error: unknown, attempts: number, now: number): Verdict {
  if (error instanceof Fault) {
    const { retryMs, countAttempt } = rulings[error.kind];
    if (countAttempt && attempts >= LAST_ATTEMPT)
      return { kind: 'dead', reason: [error.kind, error.message, error.code].filter(Boolean).join(': ') };
    const asked = error.retryAt === undefined ? 0 : error.retryAt - now;
    return { kind: 'later', delayMs: asked > 0 ? asked : retryMs, countAttempt };
  }
  if (attempts >= LAST_ATTEMPT)
    return { kind: 'dead', reason: `unexpected ${nameOf(error)} in ${LAST_ATTEMPT} attempts` };
  return { kind: 'later', delayMs: 1_000 * 2 ** attempts, countAttempt: true };
}

/** Its name, and its code where that is one of those in capitals that Node and its libraries use: nothing that quotes. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^[A-Z][A-Z0-9_]*$/.test(code) ? `${error.name} (${code})` : error.name;
}

/** May the write have been applied although it failed? Everything that is not surely refused counts as unknown. */
export function mayBeApplied(fault: Fault): boolean {
  return fault.kind === 'unknown-outcome';
}
