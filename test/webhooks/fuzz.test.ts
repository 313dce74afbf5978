import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { once } from 'node:events';
import { connect } from 'node:net';
import { clientState, lifecycle, notification, openDesk, type Desk } from './desk.ts';

const path = fc.constantFrom('/notifications', '/lifecycle');

function request(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Buffer {
  const all = { host: 'here', connection: 'close', 'content-length': String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}

/** Nothing a stranger sends is answered with 5xx, ends the process or reaches the queue. */
describe('strangers', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk({ slowClientMs: 1_000 });
  });
  afterAll(() => desk.close());

  /** Everything that was answered, in order; the connection is ours to close. */
  async function speak(bytes: Uint8Array): Promise<number[]> {
    const socket = connect(desk.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', () => {});
    socket.end(bytes);
    await once(socket, 'close');
    return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
  }

  async function harmless(statuses: readonly number[]): Promise<void> {
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(desk.receiver.counters.accepted).toBe(0);
    expect(desk.committer.commits()).toBe(0);
  }

  it('may send any bytes instead of a request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => harmless(await speak(bytes))),
      { numRuns: 100 },
    );
  });

  it('may send any bytes as a body', async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 400 }), async (path, body) => {
        const statuses = await speak(request(path, { 'content-type': 'application/json' }, body));
        expect(statuses).toEqual([400]);
        await harmless(statuses);
      }),
      { numRuns: 100 },
    );
  });

  it('may send any JSON', async () => {
    const json = fc.oneof(
      fc.json(),
      fc.array(fc.jsonValue(), { maxLength: 5 }).map((value) => JSON.stringify({ value })),
    );
    await fc.assert(
      fc.asyncProperty(path, json, async (path, body) => {
        const statuses = await speak(
          request(path, { 'content-type': 'application/json' }, Buffer.from(body)),
        );
        expect(statuses).toHaveLength(1);
        await harmless(statuses);
      }),
      { numRuns: 150 },
    );
  });

  it('may send any headers and any query', async () => {
    const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
    const known = fc.constantFrom(
      'content-type',
      'content-encoding',
      'transfer-encoding',
      'content-length',
      'expect',
      'host',
      'upgrade',
      'connection',
    );
    const headers = fc.dictionary(
      fc.oneof(known, name),
      fc.oneof(fc.string(), fc.constantFrom('chunked', 'gzip', '5', 'application/json')),
    );
    const query = fc.oneof(
      fc.constant(''),
      fc.string().map((text) => `?${text}`),
      fc.webQueryParameters().map((text) => `?${text}`),
    );
    await fc.assert(
      fc.asyncProperty(path, query, headers, async (path, query, headers) => {
        await harmless(await speak(request(`${path}${query}`, headers, Buffer.from('{"value":[]}'))));
      }),
      { numRuns: 200 },
    );
  });

  it('may imitate an item down to all but its secret', async () => {
    const genuine = clientState();
    const secret = fc.oneof(
      fc.jsonValue(),
      fc.string({ maxLength: 200 }),
      fc
        .nat(genuine.length - 1)
        .map((at) => genuine.slice(0, at) + (genuine[at] === 'A' ? 'B' : 'A') + genuine.slice(at + 1)),
      fc.constant(clientState({ key: Buffer.from('a guess') })),
    );
    const fields = fc.record({ clientState: secret });
    await fc.assert(
      fc.asyncProperty(path, fc.array(fields, { minLength: 1, maxLength: 20 }), async (path, many) => {
        const value = many.map((one) => (path === '/lifecycle' ? lifecycle(one) : notification(one)));
        const before = desk.receiver.counters.forged;
        const statuses = await speak(
          request(path, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify({ value }))),
        );
        expect(statuses).toEqual([202]);
        expect(desk.receiver.counters.forged - before).toBe(many.length);
        await harmless(statuses);
      }),
      { numRuns: 100 },
    );
  });

  it('may change any other field of a genuine item, at the price of one more look', async () => {
    const other = await openDesk();
    const field = fc.constantFrom(
      'resource',
      'resourceData',
      'tenantId',
      'subscriptionId',
      'changeType',
      'lifecycleEvent',
      '__proto__',
    );
    await fc.assert(
      fc.asyncProperty(path, field, fc.jsonValue(), async (path, field, value) => {
        const item = { ...(path === '/lifecycle' ? lifecycle() : notification()) };
        Object.defineProperty(item, field, { value, enumerable: true });
        const body = Buffer.from(JSON.stringify({ value: [item] }));
        const answer = await other.receiver.post[path === '/lifecycle' ? 'lifecycle' : 'notifications'](body);
        expect([202, 400]).toContain(answer.status);
        for (const change of await other.taken()) expect(change.id).toMatch(/^[0-9a-f-]{36}$/);
        await other.clock.run(other.clock.now() + 10);
      }),
      { numRuns: 300 },
    );
    await other.close();
  });
});
