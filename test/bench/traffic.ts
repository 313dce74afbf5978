import type { Clock } from '../../src/kit/clock.ts';
import type { HttpRequest, Transport } from '../../src/kit/transport.ts';

/** What a stretch of time saw of batches that write contacts. */
export interface Traffic {
  /** From the first batch that left to the last that was answered, in milliseconds. */
  readonly tookMs: number;
  readonly batches: number;
  readonly mostInFlight: number;
  /** At this moment. */
  readonly inFlight: number;
  /** Sub-requests and whole requests that were refused with 429. */
  readonly refused: number;
  /** Sub-requests that succeeded. */
  readonly succeeded: number;
  /** Sub-requests that had any answer, or went with a batch that failed. */
  readonly sent: number;
}

export interface Meter {
  readonly transport: Transport;
  /** Starts counting anew. */
  reset(): void;
  read(): Traffic;
}

/** Stands between the product and the tenant and looks on. */
export function createMeter(transport: Transport, clock: Clock): Meter {
  let first = Infinity;
  let last = 0;
  let inFlight = 0;
  let seen = { batches: 0, mostInFlight: 0, refused: 0, succeeded: 0, sent: 0 };
  return {
    transport: async (request) => {
      if (!writesContacts(request)) return transport(request);
      first = Math.min(first, clock.now());
      inFlight += 1;
      seen.batches += 1;
      seen.sent += request.body?.match(/"method":/g)?.length ?? 0;
      seen.mostInFlight = Math.max(seen.mostInFlight, inFlight);
      try {
        const response = await transport(request);
        if (response.status === 429) seen.refused += 1;
        for (const [, status] of response.body.matchAll(/"status":(\d{3})/g)) {
          if (status === '429') seen.refused += 1;
          else if (status?.startsWith('2') === true) seen.succeeded += 1;
        }
        return response;
      } finally {
        inFlight -= 1;
        last = clock.now();
      }
    },
    reset: () => {
      first = Infinity;
      last = 0;
      seen = { batches: 0, mostInFlight: 0, refused: 0, succeeded: 0, sent: 0 };
    },
    read: () => ({ tookMs: Math.max(0, last - first), inFlight, ...seen }),
  };
}

function writesContacts({ url, body }: HttpRequest): boolean {
  return url.endsWith('/$batch') && /"method":"(POST|PATCH|DELETE)"[^}]*\/contacts/.test(body ?? '');
}
