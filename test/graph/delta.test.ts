import { describe, expect, test } from 'vitest';
import type { GraphClient, GraphRequest } from '../../src/graph/client.ts';
import { deltaRound, type DeltaStep } from '../../src/graph/delta.ts';
import { originsOf } from '../../src/graph/clouds.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import { silentLog } from '../../src/kit/log.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { CLOUD } from './batch-server.ts';

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
const ORIGIN = originsOf(CLOUD).graph;
const START = '/users/delta?$select=id';
const link = (name: string): string => `${ORIGIN}/v1.0/users/delta?${name}`;
const page = (ids: readonly string[], end: object): Answer => ({
  status: 200,
  body: { value: ids.map((id) => ({ id })), ...end },
});
const next = (name: string) => ({ '@odata.nextLink': link(name) });
const last = (name: string) => ({ '@odata.deltaLink': link(name) });

/** Answers each request with the next answer given; the last one repeats. */
function roundOver(answers: readonly Answer[], start = START, priority: 'low' | 'normal' = 'low') {
  const clock = new VirtualClock();
  const asked: { at: number; request: GraphRequest }[] = [];
  const transport = createGraphClient({
    cloud: CLOUD,
    tokens: { token: async () => 't' },
    transport: async () => {
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      return {
        status: answer?.status ?? 500,
        headers: answer?.headers ?? {},
        body: JSON.stringify(answer?.body ?? {}),
      };
    },
    clock,
    random: seededRandom(5),
    log: silentLog,
  });
  const client: GraphClient = {
    ...transport,
    send: (request) => {
      asked.push({ at: clock.now(), request });
      return transport.send(request);
    },
  };
  const steps = async (): Promise<DeltaStep[]> =>
    Array.fromAsync(deltaRound({ client, start, priority, clock, random: seededRandom(5) }));
  const outcome = async (): Promise<unknown> => {
    let done = false;
    const result = steps()
      .catch((error: unknown) => error)
      .finally(() => (done = true));
    await clock.runUntil(() => done);
    return result;
  };
  return { clock, asked, outcome };
}

describe('delta round', () => {
  test('yields page by page, empty ones too, and the delta link only at the end', async () => {
    const { outcome, asked } = roundOver([
      page(['a', 'b'], next('$skiptoken=1')),
      page([], next('$skiptoken=2')),
      page(['c', 'a'], last('$deltatoken=9')),
    ]);
    expect(await outcome()).toEqual([
      { kind: 'page', items: [{ id: 'a' }, { id: 'b' }], nextLink: link('$skiptoken=1') },
      { kind: 'page', items: [], nextLink: link('$skiptoken=2') },
      { kind: 'last', items: [{ id: 'c' }, { id: 'a' }], deltaLink: link('$deltatoken=9') },
    ]);
    expect(asked.map(({ request }) => request.url)).toEqual([
      START,
      link('$skiptoken=1'),
      link('$skiptoken=2'),
    ]);
    expect(asked.map(({ request }) => request.headers)).toEqual(
      asked.map(() => ({ 'x-ms-throttle-priority': 'low' })),
    );
  });

  test('at normal priority asks for none', async () => {
    const { outcome, asked } = roundOver([page([], last('$deltatoken=1'))], START, 'normal');
    await outcome();
    expect(asked[0]?.request.headers).toEqual({});
  });

  test.each(['https://evil.example/v1.0/users/delta?$deltatoken=1', 'http://graph.example/v1.0/users/delta'])(
    'a stored link to %s is refused',
    async (start) => {
      const { outcome } = roundOver([page([], last('x'))], start);
      expect(await outcome()).toMatchObject({ kind: 'invalid', code: 'ForeignHost' });
    },
  );

  test('a next link to a foreign host is refused', async () => {
    const { outcome, asked } = roundOver([
      page(['a'], { '@odata.nextLink': 'https://evil.example/v1.0/users/delta' }),
    ]);
    expect(await outcome()).toMatchObject({ kind: 'invalid', code: 'ForeignHost' });
    expect(asked).toHaveLength(2);
  });

  test('pages that lead in a circle end the round', async () => {
    const { outcome, asked } = roundOver([
      page(['a'], next('1')),
      page(['b'], next('2')),
      page(['a'], next('1')),
    ]);
    expect(await outcome()).toMatchObject({ kind: 'unavailable', code: 'NextLinkLoop' });
    expect(asked).toHaveLength(3);
  });

  test.each([
    [
      '410 with a Location',
      { status: 410, headers: { location: link('$skiptoken=fresh') } },
      link('$skiptoken=fresh'),
    ],
    [
      '410 with a foreign Location',
      { status: 410, headers: { location: 'https://evil.example/v1.0/x' } },
      undefined,
    ],
    ['410 without one', { status: 410 }, undefined],
    ['400 syncStateNotFound', { status: 400, body: { error: { code: 'SyncStateNotFound' } } }, undefined],
    ['404 resyncRequired', { status: 404, body: { error: { code: 'resyncRequired' } } }, undefined],
  ])('%s asks for a full round', async (_name, answer, start) => {
    const { outcome } = roundOver([page(['a'], next('1')), answer]);
    expect(await outcome()).toMatchObject([{ kind: 'page' }, { kind: 'resync', start }]);
  });

  test.each([
    ['both links', { '@odata.nextLink': link('1'), '@odata.deltaLink': link('2') }],
    ['neither link', {}],
    ['a link that is no text', { '@odata.nextLink': 7 }],
  ])('a page with %s is no page', async (_name, end) => {
    const { outcome, asked } = roundOver([page(['a'], end)]);
    expect(await outcome()).toMatchObject({ kind: 'unavailable', code: 'UnreadableAnswer' });
    expect(asked).toHaveLength(6);
  });

  test('a page without its list is no empty page', async () => {
    const { outcome } = roundOver([{ status: 200, body: last('1') }]);
    expect(await outcome()).toMatchObject({ kind: 'unavailable', code: 'UnreadableAnswer' });
  });

  test('waits as long as it is told and asks the same page again', async () => {
    const { outcome, asked, clock } = roundOver([
      { status: 429, headers: { 'retry-after': '20.5' } },
      { status: 503 },
      { status: 504 },
      page([], last('1')),
    ]);
    const start = clock.now();
    expect(await outcome()).toMatchObject([{ kind: 'last' }]);
    expect(asked.map(({ request }) => request.url)).toEqual([START, START, START, START]);
    expect((asked[1]?.at ?? 0) - start).toBe(20_500);
  });

  test('gives up after six attempts', async () => {
    const { outcome, asked } = roundOver([{ status: 503 }]);
    expect(await outcome()).toMatchObject({ kind: 'unavailable' });
    expect(asked).toHaveLength(6);
  });

  test('leaves a long wait to the caller', async () => {
    const { outcome, asked, clock } = roundOver([{ status: 429, headers: { 'retry-after': '600' } }]);
    expect(await outcome()).toMatchObject({ kind: 'throttled', retryAt: clock.now() + 600_000 });
    expect(asked).toHaveLength(1);
  });

  test.each([
    [403, 'forbidden'],
    [400, 'invalid'],
    [401, 'unauthorized'],
  ])('a %i is not asked again', async (status, kind) => {
    const { outcome, asked } = roundOver([{ status }]);
    expect(await outcome()).toMatchObject({ kind });
    expect(asked).toHaveLength(1);
  });
});
