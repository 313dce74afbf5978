import { backoffMs, type BackoffBounds } from '../kit/backoff.ts';
import type { Clock } from '../kit/clock.ts';
import type { Random } from '../kit/random.ts';
import { Fault } from '../model/fault.ts';
import type { GraphClient } from './client.ts';
import { LOW_PRIORITY } from './directory.ts';
import { classify, faultOf, unreadable, type GraphAnswer } from './faults.ts';
import { list, text } from '../kit/json.ts';
import { readRetryAfter } from '../kit/retry-after.ts';

/**
 * What a round yields. `last` carries the link for the next round: to be stored only after everything that the round
 * yielded is durable. `resync` ends the round instead: the token is worn out, and a full round must follow, from
 * `start` when the service names it. Pages seen before a `resync` were true.
 */
export type DeltaStep =
  | { readonly kind: 'page'; readonly items: readonly unknown[]; readonly nextLink: string }
  | { readonly kind: 'last'; readonly items: readonly unknown[]; readonly deltaLink: string }
  | { readonly kind: 'resync'; readonly code: string | undefined; readonly start: string | undefined };

export interface DeltaRound {
  readonly client: GraphClient;
  /** A start URL (`directory.ts`) or a stored delta link, verbatim. */
  readonly start: string;
  /** `low` for sweeps: throttled before the rest (`x-ms-throttle-priority`, learn.microsoft.com/graph/throttling-limits). */
  readonly priority: 'low' | 'normal';
  readonly clock: Clock;
  readonly random: Random;
}

const ATTEMPTS = 6;
const BACKOFF: BackoffBounds = { firstMs: 1_000, longestMs: 60_000 };
/** Page tokens are short-lived: a longer wait is left to the caller, who begins again. */
const LONGEST_WAIT_MS = 120_000;

/**
 * One round of a delta query, page by page, in the order of arrival. Throws `invalid` for a link to a foreign
 * host, `unavailable` for pages that lead in a circle or say nothing, and the service's own faults after six attempts.
 */
export async function* deltaRound(round: DeltaRound): AsyncGenerator<DeltaStep, void, undefined> {
  const seen = new Set<string>();
  for (let url: string | undefined = round.start; url !== undefined;) {
    if (seen.has(url))
      throw new Fault('unavailable', 'the pages of a delta round lead in a circle', { code: 'NextLinkLoop' });
    seen.add(url);
    const step: DeltaStep = await readPage(url, round);
    url = step.kind === 'page' ? step.nextLink : undefined;
    yield step;
  }
}

async function readPage(url: string, round: DeltaRound): Promise<DeltaStep> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryPage(url, round);
    } catch (error) {
      const waitMs = retryWaitMs(error, attempt, round);
      if (waitMs === undefined) throw error;
      await round.clock.sleep(waitMs);
    }
  }
}

/** `undefined`: not worth waiting for. */
function retryWaitMs(error: unknown, attempt: number, { clock, random }: DeltaRound): number | undefined {
  if (!(error instanceof Fault) || attempt >= ATTEMPTS) return undefined;
  if (error.kind !== 'throttled' && error.kind !== 'unavailable') return undefined;
  const waitMs =
    error.retryAt === undefined
      ? backoffMs(attempt, BACKOFF, random)
      : Math.max(0, error.retryAt - clock.now());
  return waitMs > LONGEST_WAIT_MS ? undefined : waitMs;
}

async function tryPage(url: string, { client, priority, clock }: DeltaRound): Promise<DeltaStep> {
  const headers = priority === 'low' ? LOW_PRIORITY : {};
  const answer = await client.send({ method: 'GET', url, headers });
  if (answer.status >= 200 && answer.status < 300) return pageOf(answer);
  const failure = classify(answer, { method: 'GET', delta: true });
  if (failure.kind !== 'resync')
    throw faultOf(failure, { retryAt: readRetryAfter(answer.headers, clock.now()) });
  return { kind: 'resync', code: failure.code, start: ownLocation(answer, client) };
}

/** Exactly one of the two links ends a page (learn.microsoft.com/graph/delta-query-overview); a page without its list is no page. */
function pageOf({ body, status }: GraphAnswer): DeltaStep {
  const items = list(body, 'value');
  const nextLink = text(body, '@odata.nextLink');
  const deltaLink = text(body, '@odata.deltaLink');
  if (items !== undefined && nextLink !== null && deltaLink === null)
    return { kind: 'page', items, nextLink };
  if (items !== undefined && deltaLink !== null && nextLink === null)
    return { kind: 'last', items, deltaLink };
  throw unreadable(status, 'GET');
}

/** A `Location` that leads elsewhere is as good as none: the caller knows the start of a full round. */
function ownLocation({ headers }: GraphAnswer, { origin }: GraphClient): string | undefined {
  const location = headers['location'];
  return location !== undefined && URL.parse(location)?.origin === origin ? location : undefined;
}
