import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { batchServer, settled, write, type BatchServer } from './batch-server.ts';

const outcomesOf = async (server: BatchServer) => {
  const packer = server.packer();
  return settled(server.clock, [packer.call(write('a')), packer.call({ method: 'GET', url: '/users/c' })]);
};

describe('a whole batch that fails', () => {
  const refused = Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
  });

  test.each([
    ['a connection that was refused', refused, ['unavailable', 'unavailable']],
    ['a reset connection', new Error('reset'), ['unknown-outcome', 'unavailable']],
    ['a 500', 500, ['unknown-outcome', 'unavailable']],
    ['a 502', 502, ['unknown-outcome', 'unavailable']],
    ['a 504', 504, ['unknown-outcome', 'unavailable']],
    ['a 503', 503, ['unavailable', 'unavailable']],
    ['a 429', 429, ['throttled', 'throttled']],
    ['a second 401', 401, ['unauthorized', 'unauthorized']],
    ['a 403', 403, ['forbidden', 'forbidden']],
    ['a redirect', 302, ['unavailable', 'unavailable']],
  ])('%s', async (_name, failure, kinds) => {
    const server = batchServer();
    server.whole = () => (failure instanceof Error ? failure : { status: failure, headers: {}, body: '' });
    expect(await outcomesOf(server)).toMatchObject(kinds.map((kind) => ({ kind })));
  });

  test('no answer within the deadline', async () => {
    const server = batchServer(120_000);
    expect(await outcomesOf(server)).toMatchObject([
      { kind: 'unknown-outcome', code: 'DEADLINE' },
      { kind: 'unavailable' },
    ]);
  });

  test('one malformed call does not take the others with it', async () => {
    const server = batchServer();
    const packer = server.packer();
    server.whole = (parts) =>
      parts.some(({ url }) => url.includes('/bad/'))
        ? { status: 400, headers: {}, body: '{"error":{"code":"BadRequest"}}' }
        : undefined;
    const names = ['a', 'b', 'c', 'bad', 'd', 'e', 'f'];
    const outcomes = await settled(
      server.clock,
      names.map((name) => packer.call(write(name))),
    );
    expect(
      outcomes.map((outcome) =>
        outcome instanceof Fault ? outcome.kind : outcome instanceof Error || outcome.status,
      ),
    ).toEqual(names.map((name) => (name === 'bad' ? 'invalid' : 200)));
  });

  test('a short wait of the tenant holds the queue, and the calls of the batch are given back', async () => {
    const server = batchServer(0);
    const packer = server.packer({ limits: { concurrency: 1, requestsPer10s: 8000 } });
    server.whole = () =>
      server.batches.length === 1 ? { status: 429, headers: { 'retry-after': '7' }, body: '' } : undefined;
    const start = server.clock.now();
    const first = Array.from({ length: 20 }, (_, nth) => packer.call(write(`m${nth}`)));
    const second = packer.call(write('later'));
    const outcomes = await settled(server.clock, [...first, second]);
    expect(
      outcomes.slice(0, 20).every((outcome) => outcome instanceof Fault && outcome.retryAt === start + 7_000),
    ).toBe(true);
    expect(outcomes[20]).toMatchObject({ status: 200 });
    expect(server.batches.map(({ at }) => at - start)).toEqual([0, 7_000]);
    expect(packer.counters().throttles.tenant).toBe(1);
  });

  test('without a Retry-After the tenant rests longer each time, from the beginning after an answer', async () => {
    const server = batchServer(0);
    const packer = server.packer({ patienceMs: 0 });
    const statuses = [503, 503, 503, 200, 503, 200];
    server.whole = () => {
      const status = statuses[server.batches.length - 1];
      return status === 503 ? { status, headers: {}, body: '' } : undefined;
    };
    for (let nth = 0; nth < 6; nth += 1) await settled(server.clock, [packer.call(write('m', nth))]);
    const rests = server.batches.slice(1).map(({ at }, index) => at - (server.batches[index]?.at ?? 0));
    // The first of several may have hit one machine of many.
    const most = [0, 1_000, 2_000, 0, 0];
    for (const [index, waited] of rests.entries()) {
      expect(waited).toBeGreaterThanOrEqual((most[index] ?? 0) / 2);
      expect(waited).toBeLessThanOrEqual(most[index] ?? 0);
    }
    expect(server.health).toEqual(['silent', 'silent', 'silent', 'healthy', 'silent', 'healthy']);
  });

  test.each([
    [500, 'silent'],
    [429, 'congested'],
  ])('a %i on the outside leaves the window %s', async (status, health) => {
    const server = batchServer();
    server.whole = () => ({ status, headers: {}, body: '' });
    await outcomesOf(server);
    expect(server.health).toEqual([health]);
  });

  test('a long wait of the tenant gives everything back at once', async () => {
    const server = batchServer(0);
    const packer = server.packer({ limits: { concurrency: 1, requestsPer10s: 8000 } });
    server.whole = () => ({ status: 503, headers: { 'retry-after': '600' }, body: '' });
    const start = server.clock.now();
    const outcomes = await settled(
      server.clock,
      Array.from({ length: 50 }, (_, nth) => packer.call(write(`m${nth}`))),
    );
    expect(outcomes.every((outcome) => outcome instanceof Fault && outcome.retryAt === start + 600_000)).toBe(
      true,
    );
    expect(server.batches).toHaveLength(1);
    await expect(packer.call(write('m'))).rejects.toMatchObject({
      kind: 'throttled',
      retryAt: start + 600_000,
    });
  });
});
