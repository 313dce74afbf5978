import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/kit/log.ts';
import { makeCertificates, type Certificates } from '../tenant/certificates.ts';
import { lifecycle, notification, openDesk, USER_ID, type Desk } from '../webhooks/desk.ts';
import { until } from '../process/until.ts';
import { kinds, type Front } from './fronts.ts';
import { ask, dial, spokenTls, type Outside } from './graph-client.ts';
import { BODY_BYTES, CLOSED, FORGED, post, postOf, VERSIONS } from './posts.ts';

const TLS_VERSIONS = ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

test('both are here where they are required', () => {
  const required = (process.env['CONTACT_SYNC_REQUIRE'] ?? '').split(',').includes('proxies');
  const missing = kinds.filter(({ installed }) => !installed).map(({ name }) => name);
  expect(required ? missing : []).toEqual([]);
});

describe.each(kinds)('$name', ({ installed, start }) => {
  describe.skipIf(!installed)('in front of the receiver', () => {
    const lines: string[] = [];
    let desk: Desk;
    let front: Front;
    let outside: Outside;

    beforeAll(async () => {
      desk = await openDesk({
        slowClientMs: 3_500,
        log: createLog('debug', { write: (line) => void lines.push(line) }),
      });
      front = await start({ receivers: [desk.port], server: certificates.server });
      outside = { port: front.port, ca: certificates.ca };
    });
    afterAll(async () => {
      await front.stop();
      await desk.close();
    });

    describe.each(VERSIONS)('over %s', (version) => {
      test.each(['/notifications', '/lifecycle'])(
        '%s answers handshakes, the token as it was',
        async (path) => {
          for (const [encoded, token] of [
            ['a+b', 'a+b'],
            ['a%2Bb', 'a+b'],
            ['a%20b', 'a b'],
            ['%3Cscript%3Ealert(1)%3C%2Fscript%3E', '<script>alert(1)</script>'],
            ['a%26b%3Dc', 'a&b=c'],
            ['%2541', '%41'],
            ['%C3%A4%F0%9F%98%80', 'ä😀'],
            ['a%0D%0Ab', 'a\r\nb'],
            ['%2F..%2F%2e%2e', '/../..'],
            ['x'.repeat(2_048), 'x'.repeat(2_048)],
          ]) {
            const target = `${path}?validationToken=${encoded}`;
            const answer = await ask(outside, version, { target, headers: { 'content-type': 'text/plain' } });
            expect([answer.status, answer.body]).toEqual([200, token]);
            expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
            expect(answer.headers['x-content-type-options']).toBe('nosniff');
          }
        },
      );

      test('a token stays alone when the query has more in it', async () => {
        const target = '/notifications?tenant=1&validationToken=a%26b&x=1';
        expect(await ask(outside, version, { target })).toMatchObject({ status: 200, body: 'a&b' });
      });

      test('genuine notifications and lifecycle events arrive in the queue', async () => {
        const sent = [
          await ask(outside, version, { target: '/notifications', body: post([notification()]) }),
          await ask(outside, version, { target: '/lifecycle', body: post([lifecycle()]) }),
        ];
        expect(sent.map(({ status, body }) => [status, body])).toEqual([
          [202, ''],
          [202, ''],
        ]);
        // What an earlier test took and left is there again.
        await desk.clock.run(desk.clock.now() + 1_000);
        expect((await desk.taken()).map(({ kind, id }) => [kind, id])).toEqual(
          expect.arrayContaining([
            ['user', USER_ID],
            ['subscription', expect.any(String)],
          ]),
        );
      });

      test('a body of 2 MiB is taken, a byte more is not', async () => {
        const before = desk.receiver.counters.accepted;
        const target = '/notifications';
        expect((await ask(outside, version, { target, body: postOf(BODY_BYTES) })).status).toBe(202);
        // Whoever refuses while the body still comes hangs up, and that may overtake the answer: a refusal as well.
        const refusal = (): Promise<unknown> =>
          ask(outside, version, { target, body: postOf(BODY_BYTES + 1) }).then(
            ({ status }) => status,
            ({ code }: NodeJS.ErrnoException) => code,
          );
        await until(async () => {
          const outcome = await refusal();
          expect([413, 'ECONNRESET', 'EPIPE']).toContain(outcome);
          return outcome === 413;
        });
        expect(desk.receiver.counters.accepted).toBe(before + 1);
      });

      test.each(CLOSED)('%s %s is closed to the outside', async (method, target) => {
        const answer = await ask(outside, version, { method, target });
        expect(answer.status).toBe(404);
        expect(answer.body).not.toMatch(/ok|ready|a$/);
      });

      test('only posts', async () => {
        for (const method of ['GET', 'PUT', 'OPTIONS'])
          expect((await ask(outside, version, { method, target: '/notifications' })).status).toBe(405);
      });

      test('forged forwarded headers change nothing', async () => {
        const headers = { 'content-type': 'application/json', ...FORGED };
        const body = post([notification()]);
        const logged = lines.length;
        const plain = await ask(outside, version, { target: '/notifications', body });
        const forged = await ask(outside, version, { target: '/notifications', body, headers });
        const { tookMs: _plain, headers: plainHeaders, ...rest } = plain;
        expect(forged).toMatchObject(rest);
        expect(Object.keys(forged.headers)).toEqual(Object.keys(plainHeaders));
        expect(lines.length).toBe(logged);
      });

      test('says nothing of versions', async () => {
        for (const target of ['/notifications', '/nothing', '/notifications?validationToken=']) {
          const { headers, body } = await ask(outside, version, { target });
          expect(headers['server'] ?? '').not.toMatch(/\d/);
          expect(headers['x-powered-by']).toBeUndefined();
          expect(body).not.toMatch(/\d+\.\d+\.\d+|express|node/i);
        }
      });
    });

    test('TLS before 1.2 is refused', async () => {
      expect(await Promise.all(TLS_VERSIONS.map((one) => spokenTls(outside, one)))).toEqual([
        null,
        'TLSv1.2',
        'TLSv1.3',
      ]);
    });

    test('who sends slowly is cut: in the headers, in silence, in drips', async () => {
      const head = 'POST /notifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
      const headers = await dial(outside);
      const silent = await dial(outside);
      const dripping = await dial(outside);
      silent.socket.write(`${head}Content-Length: 1000\r\n\r\n{"value":`);
      dripping.socket.write(`${head}Content-Length: 1000\r\n\r\n{"value":`);
      const drip = setInterval(() => {
        headers.socket.write('X');
        dripping.socket.write(' ');
      }, 100);
      const from = performance.now();
      try {
        await Promise.all([headers.closed, silent.closed, dripping.closed]);
      } finally {
        clearInterval(drip);
      }
      expect(performance.now() - from).toBeLessThan(15_000);
      for (const { heard } of [headers, silent, dripping]) expect(heard()).not.toMatch(/^HTTP\/1\.1 20/);
      const body = post([notification()]);
      expect((await ask(outside, 'HTTP/1.1', { target: '/notifications', body })).status).toBe(202);
    });
  });
});
