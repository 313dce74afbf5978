import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { batchServer, mailboxOf, settled, write, type BatchServer, type Part } from './batch-server.ts';

const throttled = (headers: Record<string, string>) => ({
  status: 429,
  headers,
  body: { error: { code: 'ApplicationThrottled', message: 'x' } },
});
const ok = (part: Part) => ({ status: 200, body: { echo: part.url } });
const refuse = (server: BatchServer, mailbox: string, headers: Record<string, string>): void => {
  server.answer = (part) => (mailboxOf(part) === mailbox ? throttled(headers) : ok(part));
};

describe('a part that is throttled', () => {
  test('is not retried; its mailbox rests until the Retry-After, and nobody else does', async () => {
    const server = batchServer();
    const packer = server.packer();
    refuse(server, 'slow', { 'Retry-After': '30' });
    const [slow, fast] = await settled(server.clock, [
      packer.call(write('slow')),
      packer.call(write('fast')),
    ]);
    const retryAt = server.clock.now() + 30_000;
    expect(slow).toMatchObject({ kind: 'throttled', retryAt, object: 'slow', code: 'ApplicationThrottled' });
    expect(fast).toMatchObject({ status: 200 });
    expect(server.restsUntil('slow')).toBe(retryAt);
    expect(server.restsUntil('fast')).toBe(0);
    await expect(packer.call(write('slow'))).rejects.toMatchObject({ kind: 'throttled', retryAt });
    expect(packer.counters()).toEqual({
      httpRequests: 1,
      subRequests: 2,
      throttles: { mailbox: 1, directory: 0, tenant: 0 },
    });

    await server.clock.run(retryAt - 1);
    await expect(packer.call(write('slow'))).rejects.toMatchObject({ kind: 'throttled', retryAt });
    await server.clock.run(retryAt);
    server.answer = ok;
    expect(await settled(server.clock, [packer.call(write('slow'))])).toMatchObject([{ status: 200 }]);
    expect(server.batches).toHaveLength(2);
  });

  test('gives the other waiting calls of its mailbox back at once', async () => {
    const server = batchServer();
    const packer = server.packer();
    refuse(server, 'slow', { 'retry-after': '600' });
    const outcomes = await settled(
      server.clock,
      Array.from({ length: 100 }, (_, nth) => packer.call(write('slow', nth))),
    );
    expect(outcomes.every((outcome) => outcome instanceof Fault && outcome.kind === 'throttled')).toBe(true);
    expect(server.batches).toHaveLength(1);
  });

  test('a shorter Retry-After never replaces a longer one', async () => {
    const server = batchServer();
    const packer = server.packer();
    server.answer = (part) => throttled({ 'Retry-After': part.url.endsWith('/0') ? '60' : '1' });
    const [long, short] = await settled(server.clock, [
      packer.call(write('m', 0)),
      packer.call(write('m', 1)),
    ]);
    const retryAt = server.clock.now() + 60_000;
    expect(server.restsUntil('m')).toBe(retryAt);
    expect([long, short]).toMatchObject([{ retryAt }, { retryAt }]);
  });

  test('without a Retry-After it rests longer each time, from the beginning after a success', async () => {
    const server = batchServer(0);
    const packer = server.packer();
    const rest = async (): Promise<number> => {
      const before = server.clock.now();
      const [outcome] = await settled(server.clock, [packer.call(write('m'))]);
      const until = outcome instanceof Fault ? (outcome.retryAt ?? 0) : before;
      await server.clock.run(until);
      return until - before;
    };
    refuse(server, 'm', {});
    const rests = [await rest(), await rest(), await rest()];
    for (const [index, waited] of rests.entries()) {
      const most = 1000 * 2 ** index;
      expect(waited).toBeGreaterThanOrEqual(most / 2);
      expect(waited).toBeLessThanOrEqual(most + 10);
    }
    server.answer = ok;
    await rest();
    refuse(server, 'm', {});
    expect(await rest()).toBeLessThanOrEqual(1010);
  });

  test('a directory call rests by itself and leaves the mailboxes alone', async () => {
    const server = batchServer();
    const packer = server.packer();
    refuse(server, '', { 'Retry-After': '9' });
    const [person] = await settled(server.clock, [
      packer.call({ method: 'GET', url: '/users/a?$select=id' }),
    ]);
    expect(person).toMatchObject({ kind: 'throttled' });
    await expect(packer.call({ method: 'GET', url: '/users/b?$select=id' })).rejects.toMatchObject({
      kind: 'throttled',
    });
    expect(await settled(server.clock, [packer.call(write('m'))])).toMatchObject([{ status: 200 }]);
    expect(packer.counters().throttles).toEqual({ mailbox: 0, directory: 1, tenant: 0 });
  });

  test('a 503 with a Retry-After is throttled, without one it is unavailable and nobody rests', async () => {
    const server = batchServer();
    const packer = server.packer();
    server.answer = (part) => ({
      status: 503,
      headers: mailboxOf(part) === 'a' ? { 'Retry-After': '2.5' } : {},
    });
    const [a, b] = await settled(server.clock, [packer.call(write('a')), packer.call(write('b'))]);
    expect(a).toMatchObject({ kind: 'throttled', retryAt: server.clock.now() + 2_500 });
    expect(b).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(server.restsUntil('b')).toBe(0);
  });

  test('a failure of any kind that names a Retry-After is kept to', async () => {
    const server = batchServer();
    const packer = server.packer();
    server.answer = () => ({ status: 504, headers: { 'Retry-After': '4' } });
    const [outcome] = await settled(server.clock, [packer.call(write('m'))]);
    expect(outcome).toMatchObject({ kind: 'unknown-outcome', retryAt: server.clock.now() + 4_000 });
    expect(server.restsUntil('m')).toBe(server.clock.now() + 4_000);
  });
});

describe('what a batch says about the tenant', () => {
  test.each([
    ['one mailbox of many that asks to wait', 1, 'healthy'],
    ['a few mailboxes', 6, 'healthy'],
    ['several in a good part of the batch', 7, 'congested'],
  ])('%s', async (...row) => {
    const [, slow, health] = row;
    const server = batchServer();
    const packer = server.packer();
    server.answer = (part) => (Number(part.id) < slow ? throttled({ 'Retry-After': '1' }) : ok(part));
    await settled(
      server.clock,
      Array.from({ length: 20 }, (_, nth) => packer.call(write(`m${nth}`))),
    );
    expect(server.health).toEqual([health]);
  });

  test('a mailbox that asks to wait, and one call to another that is refused beside it, are two accidents', async () => {
    const server = batchServer();
    const packer = server.packer();
    refuse(server, 'slow', {});
    refuse(server, 'other', {});
    const calls = Array.from({ length: 17 }, (_, nth) => packer.call(write('slow', nth)));
    await settled(server.clock, [
      ...calls,
      ...['other', 'm1', 'm2'].map((mailbox) => packer.call(write(mailbox))),
    ]);
    expect(server.health).toEqual(['healthy']);
  });

  test('a batch for one mailbox alone that asks to wait says nothing about the others', async () => {
    const server = batchServer();
    const packer = server.packer();
    refuse(server, 'slow', {});
    const start = server.clock.now();
    await settled(
      server.clock,
      Array.from({ length: 20 }, (_, nth) => packer.call(write('slow', nth))),
    );
    expect(server.health).toEqual(['healthy']);
    // Twenty refusals in answer to one batch are one refusal.
    expect(server.restsUntil('slow')).toBeLessThanOrEqual(start + 500 + 1_000);
  });

  test('a part answered with 401 gets the next request a new token, with the claims asked for', async () => {
    const server = batchServer();
    const packer = server.packer();
    const claims = Buffer.from('{"c":1}').toString('base64');
    server.answer = () => ({ status: 401, headers: { 'WWW-Authenticate': `Bearer claims="${claims}"` } });
    await settled(server.clock, [packer.call(write('m'))]);
    await settled(server.clock, [packer.call(write('m'))]);
    expect(server.refusals).toEqual([undefined, { token: 'token', claims: '{"c":1}' }]);
  });

  test('a Retry-After that is a date is read against the date of the batch', async () => {
    const server = batchServer(0);
    const packer = server.packer();
    const part = { id: '0', status: 429, headers: { 'Retry-After': 'Mon, 05 Jan 2026 12:00:20 GMT' } };
    const headers = { date: 'Mon, 05 Jan 2026 12:00:00 GMT' };
    server.whole = () => ({ status: 200, headers, body: JSON.stringify({ responses: [part] }) });
    await settled(server.clock, [packer.call(write('m'))]);
    expect(server.restsUntil('m')).toBe(server.clock.now() + 20_000);
  });
});

describe('a part without an answer', () => {
  test('is unknown when it was a write, unavailable when it was a read, and never a success', async () => {
    const server = batchServer();
    const packer = server.packer();
    server.answer = (part) => (part.id === '1' ? ok(part) : 'missing');
    const calls = [
      packer.call(write('a')),
      packer.call(write('b')),
      packer.call({ method: 'GET', url: '/users/c' }),
    ];
    expect(await settled(server.clock, calls)).toMatchObject([
      { kind: 'unknown-outcome', code: 'MissingAnswer', object: 'a' },
      { status: 200 },
      { kind: 'unavailable', code: 'MissingAnswer' },
    ]);
  });

  test.each([
    ['no JSON', '<html></html>'],
    ['cut JSON', '{"responses":[{"id":"0","status":200'],
    ['no list', '{}'],
    ['an empty body', ''],
    [
      'parts that cannot be read',
      '{"responses":[null,7,{"id":0,"status":200},{"id":"0"},{"id":"9","status":200}]}',
    ],
  ])('a 200 with %s leaves every write unknown', async (_name, body) => {
    const server = batchServer();
    server.whole = () => ({ status: 200, headers: {}, body });
    const packer = server.packer();
    const calls = [packer.call(write('a')), packer.call({ method: 'GET', url: '/users/c' })];
    expect(await settled(server.clock, calls)).toMatchObject([
      { kind: 'unknown-outcome' },
      { kind: 'unavailable' },
    ]);
  });
});
