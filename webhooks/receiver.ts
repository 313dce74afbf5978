import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Outlet } from '../src/engine/queue-port.ts';
import type { Clock } from '../src/kit/clock.ts';
import type { Log } from '../src/kit/log.ts';
import type { Change } from '../src/model/change.ts';
import { clientStateVerifier, type ClientStateKeys } from '../src/model/client-state.ts';
import { readBody, refusedType } from './body.ts';
import { createComplaints } from './complaints.ts';
import { countAnswer, newCounters, type Counters } from './counters.ts';
import { figuresFor, figuresOf, type Figures } from './figures.ts';
import { handshakeOf } from './handshake.ts';
import { createHealth } from './health.ts';
import { lifecycleReader, notificationReader, type ReadItem, type Tenants } from './items.ts';
import { createPunctuality } from './punctuality.ts';
import { receive, type Answer, type ReceiveNeeds } from './receive.ts';
import { reply, replyToken } from './reply.ts';

export interface ReceiverOptions {
  readonly tenants: Tenants;
  readonly keys: ClientStateKeys;
  readonly changes: Outlet<Change>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: { readonly bodyBytes?: number; readonly items?: number };
}

export interface Receiver {
  readonly app: Express;
  readonly counters: Readonly<Counters>;
  figures(): Figures;
  /** What `app` does with a body of the right type, without HTTP. */
  readonly post: Readonly<Record<Endpoint, (body: Buffer) => Promise<Answer>>>;
}

type Endpoint = 'notifications' | 'lifecycle';

/** About 3,500 notifications. How many Graph puts into one post is not documented. */
const BODY_BYTES = 2 * 2 ** 20;
const ITEMS = 5_000;

/**
 * What Microsoft Graph talks to. It knows the tenants, the keys and the queue, and neither ledger nor directory:
 * the worst that a stolen receiver can ask for is one more look.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { tenants, changes, clock } = options;
  const counters = newCounters();
  const complaints = createComplaints(options.log, clock);
  const punctuality = createPunctuality(clock, options.log);
  const maxItems = options.limits?.items ?? ITEMS;
  const bodyBytes = options.limits?.bodyBytes ?? BODY_BYTES;
  const needs: ReceiveNeeds = { changes, clock, counters, complaints, maxItems };
  const authority = { tenants, verify: clientStateVerifier(options.keys) };
  const health = createHealth(changes, clock);

  function postTo(readItem: ReadItem) {
    return async (body: Buffer): Promise<Answer> => {
      const answer = await receive(body, readItem, needs);
      if (answer.status === 503) health.sendFailed();
      return answer;
    };
  }

  function endpoint(post: (body: Buffer) => Promise<Answer>): RequestHandler {
    return async (request, response) => {
      const arrivedAt = clock.now();
      const handshake = handshakeOf(request.url);
      if (handshake !== null && 'token' in handshake) {
        counters.handshakes += 1;
        return replyToken(response, handshake.token);
      }
      const refusal = handshake === null ? refusedType(request) : { status: 400, line: handshake.misuse };
      const body = refusal === null ? await readBody(request, bodyBytes) : refusal;
      if (body === 'aborted') {
        counters.aborted += 1;
        return;
      }
      const answer = Buffer.isBuffer(body) ? await post(body) : body;
      reply(response, answer);
      const tookMs = clock.now() - arrivedAt;
      countAnswer(counters, answer, tookMs);
      if (answer.genuine === true) punctuality.answered(tookMs);
    };
  }

  const post = {
    notifications: postTo(notificationReader(authority)),
    lifecycle: postTo(lifecycleReader(authority)),
  };
  const app = express();
  app.disable('x-powered-by');
  // Nobody here reads `request.query`: the one parameter we know must be decoded our way (handshake.ts).
  app.set('query parser', false);
  app.post('/notifications', endpoint(post.notifications));
  app.post('/lifecycle', endpoint(post.lifecycle));
  app.get('/healthz', (_request, response) => reply(response, { status: 200, line: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    reply(
      response,
      (await health.ready()) ? { status: 200, line: 'ok' } : { status: 503, line: 'not ready' },
    );
  });
  app.get('/figures', (request, response) => {
    reply(response, figuresFor(request, { counters, punctuality }));
  });
  app.all(['/notifications', '/lifecycle'], (_request, response) => {
    response.setHeader('Allow', 'POST');
    reply(response, { status: 405, line: 'Only POST.' });
  });
  app.use((_request, response) => reply(response, { status: 404, line: 'Nothing here.' }));
  // oxlint-disable-next-line max-params -- Express tells an error handler by its four parameters
  const lastResort: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    complaints.about('post-failed', 1, error);
    if (response.headersSent) next(error);
    else reply(response, { status: 500, line: 'Something went wrong here.' });
  };
  app.use(lastResort);
  return { app, counters, figures: () => figuresOf({ counters, punctuality }), post };
}
