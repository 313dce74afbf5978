import { createGraphClient, type GraphClient } from '../../src/graph/client.ts';
import type { RefusedToken } from '../../src/graph/token.ts';
import type { PackerOptions } from '../../src/graph/packer-options.ts';
import { createPacker, type Packer } from '../../src/graph/packer.ts';
import { createThrottle, type Throttle } from '../../src/graph/throttle.ts';
import { silentLog, type Log } from '../../src/kit/log.ts';
import type { HttpResponse, Transport } from '../../src/kit/transport.ts';
import { seededRandom, shuffle } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

export const CLOUD = { login: 'https://login.example', graph: 'https://graph.example' };

const LIMITS = { concurrency: 64, requestsPer10s: 8000 };

/** A part of a batch as it went over the wire. */
export interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The answer to one part, or `missing`. */
type PartAnswer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'missing';

export interface BatchServer {
  readonly clock: VirtualClock;
  readonly batches: { readonly at: number; readonly parts: readonly Part[] }[];
  /** Replaces the answer to single parts. */
  answer: (part: Part) => PartAnswer;
  /** Replaces the answer to whole requests; `undefined` lets the batch run. */
  whole: (parts: readonly Part[]) => HttpResponse | Error | undefined;
  /** Most calls that ran at a time, per mailbox. */
  readonly peaks: Map<string, number>;
  readonly transport: Transport;
  /** What the client told its token source about refused tokens. */
  readonly refusals: (RefusedToken | undefined)[];
  /** The packer's own account of its batches. */
  readonly health: unknown[];
  readonly client: GraphClient;
  packer(options?: Partial<PackerOptions>): Packer;
  /** Until when the packer leaves a mailbox alone; 0 when it does not. */
  restsUntil(mailbox: string): number;
}

/**
 * Only as much of Graph as a packer meets: runs the parts of a batch four at a time, each for `latencyMs`, and gives
 * the answers back in another order. Stricter than a tenant could be: it sees every part and every instant.
 */
export function batchServer(latencyMs = 100): BatchServer {
  const clock = new VirtualClock({ settleRounds: 1 });
  const random = seededRandom(7);
  const working = new Map<string, number>();
  const run = async (part: Part): Promise<object[]> => {
    const mailbox = mailboxOf(part);
    working.set(mailbox, (working.get(mailbox) ?? 0) + 1);
    server.peaks.set(mailbox, Math.max(server.peaks.get(mailbox) ?? 0, working.get(mailbox) ?? 0));
    await clock.sleep(latencyMs);
    working.set(mailbox, (working.get(mailbox) ?? 0) - 1);
    const answer = server.answer(part);
    return answer === 'missing' ? [] : [{ id: part.id, ...answer }];
  };
  const transport: Transport = async ({ body }) => {
    const parts = partsOf(body);
    server.batches.push({ at: clock.now(), parts });
    const other = server.whole(parts);
    if (other instanceof Error) throw other;
    if (other !== undefined) return other;
    const waiting = [...parts];
    const responses: object[] = [];
    const worker = async (): Promise<void> => {
      for (let part = waiting.shift(); part !== undefined; part = waiting.shift())
        responses.push(...(await run(part)));
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    return { status: 200, headers: {}, body: JSON.stringify({ responses: shuffle(random, responses) }) };
  };
  const tokens = {
    token: async (refused?: RefusedToken) => {
      server.refusals.push(refused);
      return 'token';
    },
  };
  const log: Log = {
    ...silentLog,
    debug: (message, keys) => {
      if (message === 'graph batch') server.health.push(keys?.['health']);
    },
  };
  let throttle: Throttle | undefined;
  const client = createGraphClient({ cloud: CLOUD, tokens, transport, clock, random, log: silentLog });
  const server: BatchServer = {
    clock,
    batches: [],
    peaks: new Map(),
    answer: (part) => ({ status: 200, body: { echo: part.url } }),
    whole: () => undefined,
    transport,
    client,
    refusals: [],
    health: [],
    packer: (options) => {
      const whole = { client, clock, random, log, limits: LIMITS, ...options };
      throttle = options?.throttle ?? createThrottle(whole);
      return createPacker({ ...whole, throttle });
    },
    restsUntil: (mailbox) => throttle?.restsUntil(mailbox) ?? 0,
  };
  return server;
}

export function mailboxOf({ url }: Part): string {
  return /^\/users\/([^/?]+)\//.exec(url)?.[1] ?? '';
}

/** A write to a mailbox; `nth` makes its URL its own. */
export function write(mailbox: string, nth = 0, priority: 'live' | 'bulk' = 'live') {
  return {
    method: 'PATCH',
    url: `/users/${mailbox}/contacts/${nth}`,
    mailbox,
    priority,
    body: { nth },
  } as const;
}

/** Waits for all, moving the clock; a rejection becomes its error. */
export async function settled<T>(
  clock: VirtualClock,
  promises: readonly Promise<T>[],
): Promise<(T | Error)[]> {
  const all = Promise.all(promises.map((promise) => promise.catch((error: unknown) => asError(error))));
  let done = false;
  void all.finally(() => (done = true));
  await clock.runUntil(() => done);
  return all;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function partsOf(body: string | undefined): Part[] {
  const { requests }: { requests: Part[] } = JSON.parse(body ?? '{}');
  return requests;
}
