import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { HttpRequest, HttpResponse } from '../../../src/kit/transport.ts';
import type { RequestCounter } from '../counts.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { FaultDice } from '../faults.ts';
import type { AccessTokens } from '../login/access-tokens.ts';
import type { Login } from '../login/login.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Batch } from './batch.ts';
import { Malformed, Refusal, type Answer, type Call } from './call.ts';
import { throttled } from './mailbox-gate.ts';
import { parseBody, parsePath } from './parse.ts';
import { retryAfterForms } from './retry-after.ts';
import type { Route, Router } from './router.ts';
import { gatewayTimeout, unavailable, type Worker } from './worker.ts';

/** The connection broke before an answer came; whether the request was applied, the client cannot know. */
export class ConnectionLost extends TypeError {
  constructor() {
    super('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
  }
}

interface GatewayOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: FaultDice;
  readonly login: Login;
  readonly tokens: AccessTokens;
  readonly counter: RequestCounter;
  readonly router: Router;
  readonly worker: Worker;
  readonly batch: Batch;
  readonly exchange: Exchange;
}

interface Outcome {
  readonly answer: Answer;
  /** What the client learns when it gets the answer. */
  readonly told: readonly Answer[];
}

/** What came in, before it is looked at. */
interface Arrival {
  readonly request: HttpRequest;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: number;
}

/** REST requests are limited to 4 MB, batches included (learn.microsoft.com/graph/json-batching). */
const BODY_MAX = 4 * 1024 * 1024;

const HTML =
  '<!DOCTYPE html><html><head><title>Please wait</title></head><body><p>One moment.</p></body></html>';

/** The front door: what every request passes, whichever face it came through. */
export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Throws `ConnectionLost` where a real connection would break. */
  async answer(request: HttpRequest): Promise<HttpResponse> {
    const { login, worker, clock, exchange } = this.#options;
    const url = new URL(request.url);
    if (login.owns(url.pathname)) return login.answer(request, url);
    if (exchange.owns(url.pathname)) return exchange.answer(request, url);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
    let outcome: Outcome;
    try {
      outcome = await this.#graph({ request, url, headers, at: clock.now() });
    } catch (error) {
      outcome = { answer: worker.refuse(error), told: [] };
    }
    return this.#send(outcome, { clientRequestId: headers['client-request-id'], signal: request.signal });
  }

  async #graph(arrival: Arrival): Promise<Outcome> {
    const { request, url, headers } = arrival;
    const { router, counter, dice } = this.#options;
    const { path, query } = parsePath(`${url.pathname}${url.search}`);
    if (path.shift() !== 'v1.0') throw new Refusal(404, 'BadRequest', 'Invalid version.');
    const route = path[0] === '$batch' ? undefined : router.find(request.method, path);
    counter.request(route?.operation ?? 'POST $batch');
    this.#demandToken(headers['authorization']);
    if ((request.body?.length ?? 0) > BODY_MAX)
      throw new Malformed(413, 'RequestEntityTooLarge', 'The request is too large.');
    const body = parseBody(request.body, headers['content-type']);
    const call: Call = { method: request.method, path, query, headers, body, origin: url.origin };
    if (dice.roll('throttleOutside')) return this.#throttled(call);
    const page = dice.roll('htmlBody200');
    const outcome =
      page && dice.half() ? undefined : await this.#carryOut(call, { route, arrivedAt: arrival.at });
    if (!page && outcome !== undefined) return outcome;
    return { answer: { status: 200, headers: { 'Content-Type': 'text/html' }, body: HTML }, told: [] };
  }

  async #carryOut(call: Call, how: { route: Route | undefined; arrivedAt: number }): Promise<Outcome> {
    const { worker, batch, dice } = this.#options;
    const { route, arrivedAt } = how;
    if (route !== undefined) {
      const answer = await worker.run({ call, route, inBatch: false, arrivedAt });
      return { answer, told: [answer] };
    }
    if (dice.roll('unavailable503')) throw unavailable(dice);
    if (dice.roll('gatewayTimeoutNotApplied')) throw gatewayTimeout();
    const { body, told } = await batch.run(call, arrivedAt);
    if (dice.roll('gatewayTimeoutApplied')) throw gatewayTimeout();
    return { answer: { status: 200, body }, told };
  }

  #demandToken(authorization: string | undefined): void {
    const { tokens, dice } = this.#options;
    tokens.demand(authorization);
    if (dice.roll('claimsChallenge')) throw tokens.challenge(authorization);
    if (!dice.roll('tokenExpired')) return;
    tokens.expire(authorization);
    throw tokens.invalid();
  }

  /** The whole request is refused; the wait holds for every mailbox that it is about. */
  #throttled(call: Call): Outcome {
    const { clock, dice, worker } = this.#options;
    const refusal = throttled('TooManyRequests', dice.pick(retryAfterForms(clock.now())));
    const told = this.#mailboxes(call).map((mailbox) => worker.refuse(refusal, mailbox));
    return { answer: worker.refuse(refusal), told };
  }

  #mailboxes(call: Call): Mailbox[] {
    const parts = (call.body as { requests?: { url?: unknown }[] } | undefined)?.requests;
    const calls = Array.isArray(parts)
      ? parts.map((part) => ({ ...call, path: parsePath(`/${String(part.url).replace(/^\//, '')}`).path }))
      : [call];
    return calls.flatMap((one) => this.#options.worker.mailboxOf(one) ?? []);
  }

  /** The last that can go wrong: the answer is lost or maimed on its way. Only a whole one tells the client anything. */
  #send(
    outcome: Outcome,
    to: { clientRequestId: string | undefined; signal: AbortSignal | undefined },
  ): HttpResponse {
    const { dice, worker } = this.#options;
    const { answer, told } = outcome;
    const applied = answer.status < 400;
    if (applied && dice.roll('resetAfterApply')) throw new ConnectionLost();
    const response = this.#rendered(answer, to.clientRequestId);
    if (applied && response.body.startsWith('{') && dice.roll('truncatedJson')) {
      return { ...response, body: response.body.slice(0, response.body.length >> 1) };
    }
    if (to.signal?.aborted !== true) for (const each of told) worker.told(each);
    return response;
  }

  #rendered(answer: Answer, clientRequestId: string | undefined): HttpResponse {
    const { clock, random } = this.#options;
    const id = uuid(random);
    const headers: Record<string, string> = {
      date: new Date(clock.now()).toUTCString(),
      'request-id': id,
      'client-request-id': clientRequestId ?? id,
    };
    if (answer.body !== undefined)
      headers['content-type'] = 'application/json;odata.metadata=minimal;charset=utf-8';
    for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value;
    if (answer.bytes !== undefined) {
      return { status: answer.status, headers, body: Buffer.from(answer.bytes).toString('latin1') };
    }
    const text = typeof answer.body === 'string' ? answer.body : (JSON.stringify(answer.body) ?? '');
    return { status: answer.status, headers, body: text };
  }
}
