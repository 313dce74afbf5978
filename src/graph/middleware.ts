import type { Context, Middleware, MiddlewareOptions } from '@microsoft/microsoft-graph-client';
import type { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import { uuid, type Random } from '../kit/random.ts';
import type { HttpResponse, Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { withDeadline } from '../kit/deadline.ts';
import { lostConnection } from './lost-connection.ts';
import { readRetryAfter } from '../kit/retry-after.ts';
import { operationName } from './operation-name.ts';
import type { RefusedToken, TokenSource } from './token.ts';

/**
 * One request on its way through the chain. It carries the exact URL, since Microsoft's client takes a URL to pieces
 * and puts it together in another order, while delta links are opaque; and the plain answer or fault, since the
 * client would wrap both.
 */
export class Exchange implements MiddlewareOptions {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  signal: AbortSignal | undefined;
  answer: HttpResponse | undefined;
  fault: Fault | undefined;

  constructor(method: string, url: string, headers: Readonly<Record<string, string>>) {
    this.method = method;
    this.url = url;
    this.headers = { ...headers };
  }
}

type Next = (context: Context) => Promise<void>;

function middleware(run: (context: Context, exchange: Exchange, next: Next) => Promise<void>): Middleware {
  let following: Middleware | undefined;
  return {
    setNext: (next) => {
      following = next;
    },
    execute: async (context) => {
      const exchange = context.middlewareControl?.getMiddlewareOptions(Exchange);
      if (!(exchange instanceof Exchange)) throw new TypeError('a request without its exchange');
      await run(context, exchange, async (context) => following?.execute(context));
    },
  };
}

/** Its parts are asked to wait one by one, and those who wait for them know it: throttle.ts. */
const BATCH = '$batch';

/**
 * A resource that asked to wait is left alone until then, whoever asks for it next: one who begins again after a failure knows
 * nothing of what the last one was told. A shorter Retry-After never replaces a longer one.
 */
export function rests(clock: Clock): Middleware {
  const until = new Map<string, number>();
  return middleware(async (context, exchange, next) => {
    const resource = resourceOf(exchange.url);
    const retryAt = until.get(resource) ?? 0;
    if (retryAt > clock.now()) {
      exchange.fault = new Fault('throttled', 'asked to wait', { status: 429, retryAt });
      throw exchange.fault;
    }
    until.delete(resource);
    await next(context);
    const { status = 0, headers = {} } = exchange.answer ?? {};
    const asked = status >= 400 && resource !== BATCH ? readRetryAfter(headers, clock.now()) : undefined;
    if (asked !== undefined) until.set(resource, Math.max(asked, until.get(resource) ?? 0));
  });
}

/** What is counted together: `users/delta`, `groups/delta`, `subscriptions`. Ids and everything behind them say nothing new. */
function resourceOf(url: string): string {
  const [, , collection = '', next = ''] = URL.parse(url)?.pathname.split('/') ?? [];
  return next.startsWith('delta') ? `${collection}/delta` : collection;
}

/** Bearer token on every request; after a 401 once more with a new one, with the claims that the answer asks for. */
export function authentication(tokens: TokenSource): {
  middleware: Middleware;
  distrust: (claims?: string) => void;
} {
  let lastToken = '';
  let distrusted: RefusedToken | undefined;
  const authorize = async (exchange: Exchange, refused?: RefusedToken): Promise<string> => {
    try {
      lastToken = await tokens.token(refused);
    } catch (error) {
      exchange.fault =
        error instanceof Fault ? error : new Fault('unauthorized', 'no token', { cause: error });
      throw exchange.fault;
    }
    exchange.headers['authorization'] = `Bearer ${lastToken}`;
    return lastToken;
  };
  return {
    distrust: (claims) => {
      distrusted = { token: lastToken, claims };
    },
    middleware: middleware(async (context, exchange, next) => {
      const refused = distrusted;
      distrusted = undefined;
      const token = await authorize(exchange, refused);
      await next(context);
      if (exchange.answer?.status !== 401) return;
      await authorize(exchange, { token, claims: claimsOf(exchange.answer.headers) });
      await next(context);
    }),
  };
}

/**
 * The claims of a continuous access evaluation challenge: base64 in `WWW-Authenticate: Bearer ..., claims="..."`
 * (learn.microsoft.com/entra/identity-platform/claims-challenge).
 */
export function claimsOf(headers: Readonly<Record<string, string>>): string | undefined {
  const encoded = /\bclaims="([A-Za-z0-9+/=_-]+)"/.exec(headers['www-authenticate'] ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

interface Witnesses {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly answers?: Answers;
}

/** A new `client-request-id` for each attempt, and one wide line about it. Microsoft's support asks for both ids. */
export function requestIds({ clock, random, log, answers }: Witnesses): Middleware {
  return middleware(async (context, exchange, next) => {
    const id = uuid(random);
    const startedAt = clock.now();
    exchange.headers['client-request-id'] = id;
    try {
      await next(context);
    } finally {
      const status = exchange.answer?.status;
      answers?.note('request', operationName(exchange.method, exchange.url), status);
      const keys = {
        method: exchange.method,
        path: URL.parse(exchange.url)?.pathname,
        status,
        fault: exchange.fault?.kind,
        code: exchange.fault?.code,
        ms: clock.now() - startedAt,
        clientRequestId: id,
        requestId: exchange.answer?.headers['request-id'],
      };
      if (status !== undefined && status < 400) log.debug('graph request', keys);
      else log.tell('request-failed', keys);
    }
  });
}

/** Gives each attempt its own abort signal and its own time. */
export function deadline(clock: Clock, ms: number): Middleware {
  return middleware(async (context, exchange, next) => {
    exchange.answer = undefined;
    try {
      await withDeadline(clock, ms, async (signal) => {
        exchange.signal = signal;
        await next(context);
      });
    } catch (error) {
      exchange.fault = lostConnection(exchange.method, error);
      throw exchange.fault;
    }
  });
}

/** The end of the chain: our transport instead of fetch. */
export function sender(transport: Transport): Middleware {
  return middleware(async (context, exchange) => {
    const { method, url, headers, signal } = exchange;
    const body: unknown = context.options?.body;
    const answer = await transport({
      method,
      url,
      headers: { ...headers },
      ...(typeof body === 'string' && body !== '' ? { body } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
    exchange.answer = answer;
    context.response = new Response(null, { status: answer.status });
  });
}
