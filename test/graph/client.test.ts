import { describe, expect, test } from 'vitest';
import { createGraphClient } from '../../src/graph/client.ts';
import type { RefusedToken } from '../../src/graph/token.ts';
import { silentLog, type Log, type LogKeys } from '../../src/kit/log.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';
import { Fault } from '../../src/model/fault.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { CLOUD } from './batch-server.ts';

const CHALLENGE = `Bearer realm="", error="insufficient_claims", claims="${Buffer.from('{"access_token":{}}').toString('base64')}"`;
const json = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

function setUp(transport: Transport) {
  const clock = new VirtualClock();
  const refusals: (RefusedToken | undefined)[] = [];
  const requests: HttpRequest[] = [];
  const lines: { message: string; keys: LogKeys }[] = [];
  const note = (message: string, keys: LogKeys = {}): void => void lines.push({ message, keys });
  const log: Log = { debug: note, tell: note };
  const tokens = {
    token: async (refused?: RefusedToken) => {
      refusals.push(refused);
      return `token-${refusals.length}`;
    },
  };
  const recorded: Transport = (request) => {
    requests.push(request);
    return transport(request);
  };
  const client = createGraphClient({
    cloud: CLOUD,
    tokens,
    transport: recorded,
    clock,
    random: seededRandom(3),
    log,
  });
  return { client, clock, refusals, requests, lines };
}

describe('graph client', () => {
  test('sends the token, an id of its own and JSON, and gives the plain answer back', async () => {
    const { client, clock, requests, lines } = setUp(async () =>
      json(201, { id: 'x' }, { 'request-id': 'theirs' }),
    );
    const answer = await client.send({
      method: 'POST',
      url: '/users/u/contactFolders',
      body: { displayName: 'Ä' },
    });
    expect(answer).toMatchObject({ status: 201, body: { id: 'x' }, headers: { 'request-id': 'theirs' } });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: 'https://graph.example/v1.0/users/u/contactFolders',
      headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
      body: '{"displayName":"Ä"}',
    });
    const id = requests[0]?.headers['client-request-id'];
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/);
    expect(lines).toEqual([
      {
        message: 'graph request',
        keys: expect.objectContaining({
          status: 201,
          requestId: 'theirs',
          clientRequestId: id,
          path: '/v1.0/users/u/contactFolders',
        }),
      },
    ]);
    expect(client.requests()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test.each(['GET', 'DELETE'] as const)('%s carries no body and no content type', async (method) => {
    const { client, requests } = setUp(async () => ({ status: 204, headers: {}, body: '' }));
    expect(await client.send({ method, url: '/subscriptions/s' })).toEqual({
      status: 204,
      headers: {},
      body: undefined,
    });
    expect(requests[0]?.body).toBeUndefined();
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
  });

  test('a link is asked verbatim, however its parameters are ordered', async () => {
    const { client, requests } = setUp(async () => json(200, {}));
    const url =
      'https://graph.example/v1.0/users/delta?$deltatoken=a%2Bb&x=1&$select=id&$select=id&y=https://z/';
    await client.send({ method: 'GET', url });
    expect(requests[0]?.url).toBe(url);
  });

  test.each([
    'https://evil.example/v1.0/users',
    'https://graph.example.evil.example/v1.0/users',
    'https://graph.example@evil.example/v1.0/users',
    'https://user:pass@graph.example/v1.0/users',
    'https://graph.example:8443/v1.0/users',
    'http://graph.example/v1.0/users',
    'https://graph.example/beta/users',
    'https://graph.example/v1.0/../beta/users',
    '//evil.example/v1.0/users',
    '/\\evil.example/v1.0/users',
    '/../beta/users',
    'users',
  ])('%s is refused before a token is asked for', async (url) => {
    const { client, requests, refusals } = setUp(async () => json(200, {}));
    await expect(client.send({ method: 'GET', url })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'ForeignHost',
    });
    expect([requests, refusals]).toEqual([[], []]);
  });

  test('after a 401 asks once more, with a new token and the claims of the challenge', async () => {
    const answers = [json(401, {}, { 'www-authenticate': CHALLENGE }), json(200, { ok: true })];
    const { client, requests, refusals } = setUp(async () => answers.shift() ?? json(500, {}));
    expect(await client.send({ method: 'GET', url: '/users/u' })).toMatchObject({ status: 200 });
    expect(refusals).toEqual([undefined, { token: 'token-1', claims: '{"access_token":{}}' }]);
    expect(requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    const [first, second] = requests.map(({ headers }) => headers['client-request-id']);
    expect(first).not.toBe(second);
  });

  test('a second attempt that is lost is told from the first', async () => {
    const answers = [json(401, {})];
    const { client, lines } = setUp(async () => answers.shift() ?? Promise.reject(new Error('reset')));
    await expect(client.send({ method: 'DELETE', url: '/subscriptions/s' })).rejects.toMatchObject({
      kind: 'unknown-outcome',
    });
    expect(lines.map(({ keys }) => keys['status'])).toEqual([401, undefined]);
  });

  test('a second 401 is the answer', async () => {
    const { client, requests } = setUp(async () =>
      json(401, { error: { code: 'InvalidAuthenticationToken' } }),
    );
    expect(await client.send({ method: 'GET', url: '/users/u' })).toMatchObject({ status: 401 });
    expect(requests).toHaveLength(2);
  });

  test('a token refused inside a batch is not used again', async () => {
    const { client, refusals } = setUp(async () => json(200, {}));
    await client.send({ method: 'GET', url: '/users/u' });
    client.distrustToken('{"c":1}');
    await client.send({ method: 'GET', url: '/users/u' });
    await client.send({ method: 'GET', url: '/users/u' });
    expect(refusals).toEqual([undefined, { token: 'token-1', claims: '{"c":1}' }, undefined]);
  });

  test('without a token nothing is sent, and the fault is the one of the token source', async () => {
    const clock = new VirtualClock();
    const fault = new Fault('unauthorized', 'refused', { code: 'AADSTS700027' });
    const sent: HttpRequest[] = [];
    const transport: Transport = async (request) => {
      sent.push(request);
      return json(200, {});
    };
    const tokens = { token: () => Promise.reject(fault) };
    const log = silentLog;
    const client = createGraphClient({
      cloud: CLOUD,
      tokens,
      transport,
      clock,
      random: seededRandom(3),
      log,
    });
    await expect(client.send({ method: 'POST', url: '/subscriptions', body: {} })).rejects.toBe(fault);
    expect(sent).toEqual([]);
  });

  test('a redirect is an answer, never followed', async () => {
    const { client, requests } = setUp(async () => ({
      status: 302,
      headers: { location: 'https://evil.example/' },
      body: '',
    }));
    expect(await client.send({ method: 'GET', url: '/users/u' })).toMatchObject({ status: 302 });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['GET', 'unavailable'],
    ['PATCH', 'unknown-outcome'],
    ['DELETE', 'unknown-outcome'],
  ] as const)('a %s that is cut, reset or not answered in time is %s', async (method, kind) => {
    const ask = { method, url: '/users/u', ...(method === 'PATCH' ? { body: {} } : {}) };
    const cut = setUp(async () => ({ status: 200, headers: {}, body: '{"id":' }));
    await expect(cut.client.send(ask)).rejects.toMatchObject({ kind, code: 'UnreadableAnswer' });
    const reset = setUp(() => Promise.reject(new TypeError('fetch failed')));
    await expect(reset.client.send(ask)).rejects.toMatchObject({ kind });
    const silent = setUp(() => new Promise(() => {}));
    const late = silent.client.send(ask).catch((error: unknown) => error);
    await silent.clock.run(silent.clock.now() + 60_000);
    expect(await late).toMatchObject({ kind, code: 'DEADLINE' });
    expect(silent.requests[0]?.signal?.aborted).toBe(true);
    expect(silent.clock.pending).toBe(0);
  });

  test('a transport that throws at once is a lost connection too', async () => {
    const { client, clock } = setUp(() => {
      throw new Error('defect');
    });
    await expect(client.send({ method: 'GET', url: '/users/u' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(clock.pending).toBe(0);
  });

  test('an error page is still its status', async () => {
    const { client } = setUp(async () => ({ status: 502, headers: {}, body: '<html>' }));
    expect(await client.send({ method: 'GET', url: '/users/u' })).toEqual({
      status: 502,
      headers: {},
      body: undefined,
    });
  });

  test('logs neither query, body nor token', async () => {
    const { client, lines } = setUp(async () =>
      json(400, { error: { code: 'BadRequest', message: 'secret-answer' } }),
    );
    await client.send({
      method: 'POST',
      url: '/users/u?$filter=secret-query',
      body: { name: 'secret-body' },
    });
    expect(JSON.stringify(lines)).not.toMatch(/secret|token-1/);
  });
});
