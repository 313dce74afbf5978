import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { originsOf, type Cloud } from './clouds.ts';
import { lostKind, unreadable, type GraphAnswer } from './faults.ts';
import { authentication, deadline, Exchange, requestIds, rests, sender } from './middleware.ts';
import type { ThrottleJournal } from './throttle-journal.ts';
import type { TokenSource } from './token.ts';

/** One HTTP request to Graph. */
export interface GraphRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** A path below the version (`/users/delta?$select=id`), or an absolute link that Graph gave us. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface GraphClient {
  /** The only origin that is ever asked. */
  readonly origin: string;
  /**
   * Any complete answer, whatever its status. Throws when there is none: `unavailable` when surely nothing was
   * applied, `unknown-outcome` when a write may have been; `unauthorized` without a token; `invalid` for a foreign host.
   */
  send(request: GraphRequest): Promise<GraphAnswer>;
  /** The token in use was refused inside a batch: the next request gets a new one. */
  distrustToken(claims?: string): void;
  /** HTTP requests sent so far, repeated attempts included, token requests not. */
  requests(): number;
}

export interface GraphClientOptions {
  readonly cloud: Cloud;
  readonly tokens: TokenSource;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where refusals of whole requests are noted. */
  readonly journal?: ThrottleJournal;
  /** Where answers to requests are counted. */
  readonly answers?: Answers;
  /** Milliseconds for one attempt. */
  readonly deadlineMs?: number;
}

const VERSION = 'v1.0';
/** Longer than a full batch takes on a slow day, shorter than a lease. */
const DEADLINE_MS = 60_000;

/**
 * Microsoft's client with a chain of our own: what asked to wait, authentication, request ids, deadline, sender. None of its
 * middleware is used: its retry breaks a Retry-After of over 180 seconds and repeats creates, its redirect handler
 * carries tokens to other hosts, its telemetry reports to Microsoft.
 */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { clock, transport, tokens } = options;
  const origin = originsOf(options.cloud).graph;
  const authenticator = authentication(tokens);
  let requests = 0;
  const client = Client.initWithMiddleware({
    baseUrl: `${origin}/`,
    defaultVersion: VERSION,
    middleware: [
      rests(clock),
      authenticator.middleware,
      requestIds(options),
      deadline(clock, options.deadlineMs ?? DEADLINE_MS),
      sender((request) => {
        requests += 1;
        return transport(request);
      }),
    ],
  });

  return {
    origin,
    requests: () => requests,
    distrustToken: authenticator.distrust,
    send: async (request) => {
      const url = absolute(request.url, origin);
      const content = request.body === undefined ? {} : { 'content-type': 'application/json' };
      const exchange = new Exchange(request.method, url, {
        accept: 'application/json',
        ...content,
        ...request.headers,
      });
      const call = client.api(url).responseType(ResponseType.RAW).middlewareOptions([exchange]);
      try {
        await perform(call, request);
      } catch (error) {
        throw exchange.fault ?? error;
      }
      const answer = parsed(exchange);
      options.journal?.note('tenant', answer);
      return answer;
    },
  };
}

type Call = ReturnType<Client['api']>;

async function perform(call: Call, { method, body }: GraphRequest): Promise<void> {
  if (method === 'GET') await call.get();
  else if (method === 'DELETE') await call.delete();
  else if (method === 'PATCH') await call.patch(body);
  else await call.post(body ?? '');
}

/** The absolute URL to ask. Throws `invalid` for anything that does not lie below our version on our origin. */
function absolute(url: string, origin: string): string {
  const full = /^\/(?![/\\])/.test(url) ? `${origin}/${VERSION}${url}` : url;
  // Parsed as the transport will parse it: `..` and a user name in front of the host are seen through.
  const parsed = URL.parse(full);
  const ours = parsed?.origin === origin && parsed.pathname.startsWith(`/${VERSION}/`);
  const bare = parsed?.username === '' && parsed.password === '';
  if (!ours || !bare)
    throw new Fault('invalid', 'a link that leads away from Graph was refused', { code: 'ForeignHost' });
  return full;
}

/** A success that is no JSON (a proxy's page, a cut answer) says nothing about what was applied. */
function parsed({ method, answer }: Exchange): GraphAnswer {
  if (answer === undefined) throw new Fault(lostKind(method), 'no answer from Graph', {});
  const { status, headers, body } = answer;
  const success = status >= 200 && status < 300;
  try {
    const value: unknown = body === '' ? undefined : JSON.parse(body);
    return { status, headers, body: value };
  } catch {
    if (!success) return { status, headers, body: undefined };
    throw unreadable(status, method);
  }
}
