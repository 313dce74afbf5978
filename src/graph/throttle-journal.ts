import type { Clock } from '../kit/clock.ts';
import { Ring } from '../kit/ring.ts';
import { classify, type GraphAnswer } from './faults.ts';
import { readRetryAfter } from '../kit/retry-after.ts';
import { throttleHeaders } from './throttle-headers.ts';

/** The service asked to wait. */
export interface ThrottleEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who asked: one mailbox, the source of people, or Graph for the tenant as a whole. */
  readonly scope: 'mailbox' | 'source' | 'tenant';
  /** What was used up, as far as the answer names it: a limit, a scope, or an error code. */
  readonly pool: string;
  readonly status: number;
  /** Milliseconds to wait, as asked; null when no time was named. */
  readonly waitMs: number | null;
}

/** So often it did, by who asked and what was used up. */
export interface ThrottleCount extends Pick<ThrottleEvent, 'scope' | 'pool'> {
  readonly count: number;
}

/** So many events of a tenant are kept. */
export const EVENTS_KEPT = 100;

/** What one tenant asked of us, newest last. */
export class ThrottleJournal {
  readonly #ring = new Ring<ThrottleEvent>(EVENTS_KEPT);
  readonly #counts = new Map<string, { scope: ThrottleEvent['scope']; pool: string; count: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All events ever, also those that are no longer kept. */
  get count(): number {
    return this.#ring.count;
  }

  /** Events after the first `seen`, as far as they are kept. */
  after(seen: number): ThrottleEvent[] {
    return this.#ring.after(seen);
  }

  /** All events ever, counted. */
  counts(): readonly ThrottleCount[] {
    return [...this.#counts.values()];
  }

  /** Notes the answer if it asks to wait. */
  note(scope: ThrottleEvent['scope'], answer: GraphAnswer): void {
    if (!asksToWait(answer.status)) return;
    const at = this.#clock.now();
    const retryAt = readRetryAfter(answer.headers, at);
    const { pool: named, scope: whose } = throttleHeaders(answer);
    const pool = named ?? whose ?? classify(answer, { method: 'GET' }).code ?? 'not named';
    const known = this.#counts.get(`${scope}|${pool}`);
    if (known) known.count += 1;
    else this.#counts.set(`${scope}|${pool}`, { scope, pool, count: 1 });
    this.#ring.add({
      at,
      scope,
      pool,
      status: answer.status,
      waitMs: retryAt === undefined ? null : retryAt - at,
    });
  }
}

/** 509: bandwidth of the service itself (learn.microsoft.com/graph/errors). */
export function asksToWait(status: number): boolean {
  return status === 429 || status === 503 || status === 509;
}
