import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { batchServer, settled, write } from './batch-server.ts';

const mailboxes = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`);

describe('packer', () => {
  test('fills batches of 20 across callers and gives everybody the answer to their own call', async () => {
    const server = batchServer();
    const packer = server.packer();
    const calls = mailboxes(45).map((mailbox) => packer.call(write(mailbox)));
    const answers = await settled(server.clock, calls);
    expect(server.batches.map(({ parts }) => parts.length)).toEqual([20, 20, 5]);
    expect(answers.map((answer) => answer instanceof Error || answer.body)).toEqual(
      mailboxes(45).map((mailbox) => ({ echo: `/users/${mailbox}/contacts/0` })),
    );
    expect(packer.counters()).toMatchObject({ httpRequests: 3, subRequests: 45 });
  });

  test('a batch that is not full waits a few milliseconds for company, a full one does not', async () => {
    const server = batchServer();
    const packer = server.packer({ patienceMs: 3 });
    const start = server.clock.now();
    const first = packer.call(write('a'));
    await server.clock.run(start + 2);
    expect(server.batches).toHaveLength(0);
    const second = packer.call(write('b'));
    await settled(server.clock, [first, second]);
    expect(server.batches.map(({ at, parts }) => [at - start, parts.length])).toEqual([[3, 2]]);
    const full = Promise.all(mailboxes(20).map((mailbox) => packer.call(write(mailbox))));
    await server.clock.settle();
    expect(server.batches).toHaveLength(2);
    await settled(server.clock, [full]);
  });

  test('writes the parts as the rules of batches want them', async () => {
    const server = batchServer();
    const packer = server.packer();
    const headers = { Prefer: 'IdType="ImmutableId"' };
    await settled(server.clock, [
      packer.call({
        method: 'POST',
        url: '/users/a/contacts/1/permanentDelete',
        mailbox: 'a',
        headers,
        body: {},
      }),
      packer.call({ method: 'GET', url: '/users/b?$select=id' }),
    ]);
    expect(server.batches[0]?.parts).toEqual([
      {
        id: '0',
        method: 'POST',
        url: '/users/a/contacts/1/permanentDelete',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: {},
      },
      { id: '1', method: 'GET', url: '/users/b?$select=id' },
    ]);
  });

  test.each([
    'https://evil.example/v1.0/users',
    '//evil.example/users',
    'users/a',
    '/v1.0/users/a',
    '/users/a b',
    '/users/../groups',
    '/users/..',
    '',
  ])('refuses the URL %j before it spoils a batch', async (url) => {
    const server = batchServer();
    await expect(server.packer().call({ method: 'GET', url })).rejects.toMatchObject({ kind: 'invalid' });
    expect(server.batches).toHaveLength(0);
  });

  test('live calls go before bulk calls that waited longer', async () => {
    const server = batchServer();
    const packer = server.packer({ limits: { concurrency: 1, requestsPer10s: 8000 } });
    const bulk = mailboxes(60).map((mailbox) => packer.call(write(mailbox, 0, 'bulk')));
    const live = packer.call(write('live'));
    await settled(server.clock, [...bulk, live]);
    expect(server.batches.findIndex(({ parts }) => parts.some(({ url }) => url.includes('/live/')))).toBe(0);
  });

  test('a mailbox with many calls does not hold up one with few', async () => {
    const server = batchServer();
    const packer = server.packer({ limits: { concurrency: 1, requestsPer10s: 8000 } });
    const many = Array.from({ length: 200 }, (_, nth) => packer.call(write('many', nth)));
    const few = packer.call(write('few'));
    await settled(server.clock, [few]);
    expect(
      server.batches.findIndex(({ parts }) => parts.some(({ url }) => url.includes('/few/'))),
    ).toBeLessThanOrEqual(2);
    await settled(server.clock, many);
  });

  test('never more than four calls at work for a mailbox, over all batches in flight', async () => {
    const server = batchServer();
    const packer = server.packer();
    const calls = Array.from({ length: 300 }, (_, nth) => packer.call(write(`m${nth % 3}`, nth)));
    calls.push(
      ...Array.from({ length: 100 }, (_, nth) => packer.call(write(`m${nth % 7}`, nth + 300, 'bulk'))),
    );
    const answers = await settled(server.clock, calls);
    expect(answers.filter((answer) => answer instanceof Error)).toEqual([]);
    expect(Math.max(...server.peaks.values())).toBe(4);
  });

  test('several batches are in flight, within the configured limit', async () => {
    const server = batchServer();
    const packer = server.packer({ limits: { concurrency: 3, requestsPer10s: 8000 } });
    const calls = mailboxes(200).map((mailbox) => packer.call(write(mailbox)));
    await server.clock.settle();
    expect(server.batches).toHaveLength(3);
    await settled(server.clock, calls);
    expect(server.batches).toHaveLength(10);
  });

  test('keeps the budget of the tenant in every window of ten seconds, counting parts', async () => {
    const server = batchServer(1);
    const packer = server.packer({ limits: { concurrency: 64, requestsPer10s: 100 } });
    await settled(
      server.clock,
      mailboxes(450).map((mailbox) => packer.call(write(mailbox))),
    );
    const sent = server.batches.flatMap(({ at, parts }) => parts.map(() => at));
    const windows = sent.map((from) => sent.filter((at) => at >= from && at < from + 10_000).length);
    expect(Math.max(...windows)).toBe(100);
    expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeLessThanOrEqual(4 * 11_000);
  });

  test('after 10,000 calls in ten minutes a mailbox is left alone, and others go on', async () => {
    const server = batchServer(0);
    const packer = server.packer({ limits: { concurrency: 64, requestsPer10s: 1e9 } });
    // So that the last batch of the ten minutes is not a full one.
    const first = await settled(
      server.clock,
      Array.from({ length: 7 }, () => packer.call(write('busy'))),
    );
    const outcomes = await settled(
      server.clock,
      Array.from({ length: 10_023 }, (_, nth) => packer.call(write('busy', nth))),
    );
    outcomes.push(...first);
    const refused = outcomes.filter((outcome) => outcome instanceof Fault);
    expect(refused).toHaveLength(30);
    expect(refused[0]).toMatchObject({ kind: 'throttled', object: 'busy' });
    expect(server.batches.reduce((sum, { parts }) => sum + parts.length, 0)).toBe(10_000);
    await settled(server.clock, [packer.call(write('other'))]).then(([answer]) =>
      expect(answer).toMatchObject({ status: 200 }),
    );
    await server.clock.run(refused[0]?.retryAt);
    expect(await settled(server.clock, [packer.call(write('busy'))])).toMatchObject([{ status: 200 }]);
  });

  test('swift: the smallest batches with which all that waits leaves at once', async () => {
    const server = batchServer();
    const packer = server.packer({ policy: 'swift' });
    await settled(
      server.clock,
      mailboxes(12).map((mailbox) => packer.call(write(mailbox))),
    );
    expect(server.batches.map(({ parts }) => parts.length)).toEqual([4, 4, 4]);
    const more = batchServer();
    const swift = more.packer({ policy: 'swift', limits: { concurrency: 8, requestsPer10s: 8000 } });
    await settled(
      more.clock,
      mailboxes(80).map((mailbox) => swift.call(write(mailbox))),
    );
    expect(more.batches.map(({ parts }) => parts.length)).toEqual([12, 12, 12, 12, 8, 8, 8, 8]);
    const narrow = batchServer();
    const busy = narrow.packer({ policy: 'swift', limits: { concurrency: 1, requestsPer10s: 8000 } });
    await settled(
      narrow.clock,
      mailboxes(44).map((mailbox) => busy.call(write(mailbox))),
    );
    expect(narrow.batches.map(({ parts }) => parts.length)).toEqual([20, 20, 4]);
  });
});
