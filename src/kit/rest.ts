import { backoffMs, type BackoffBounds } from './backoff.ts';
import type { Random } from './random.ts';

/** Used where the service asks to wait and does not say how long. */
const BACKOFF: BackoffBounds = { firstMs: 1_000, longestMs: 300_000 };

/** A refusal: when it came, in answer to which batch, and until when it asks to wait (milliseconds since 1970). */
export interface Refusal {
  readonly now: number;
  readonly batch: number;
  readonly retryAt?: number | undefined;
  /** It may have hit only this request: the first of them in a row asks nobody to wait. */
  readonly mayPass?: boolean;
}

/** A not-before. It is only ever prolonged: a shorter Retry-After never replaces a longer one. */
export class Rest {
  #until = 0;
  /** Refusals without a Retry-After in a row. */
  #strikes = 0;
  #struckBy = 0;

  /** Milliseconds since 1970. */
  get until(): number {
    return this.#until;
  }

  prolong(until: number): void {
    this.#until = Math.max(this.#until, until);
  }

  refuse({ now, batch, retryAt, mayPass = false }: Refusal, random: Random): void {
    if (retryAt !== undefined) return this.prolong(retryAt);
    // Several refusals in answer to one batch are one refusal.
    if (this.#struckBy === batch) return;
    this.#struckBy = batch;
    this.#strikes += 1;
    const strikes = this.#strikes - (mayPass ? 1 : 0);
    if (strikes > 0) this.prolong(now + backoffMs(strikes, BACKOFF, random));
  }

  /** The next refusal without a Retry-After starts small again. */
  answered(): void {
    this.#strikes = 0;
  }
}
