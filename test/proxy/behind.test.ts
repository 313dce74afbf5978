import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../process/until.ts';
import { makeCertificates, type Certificates } from '../tenant/certificates.ts';
import { notification } from '../webhooks/desk.ts';
import { kinds, type FrontOptions } from './fronts.ts';
import { ask, dial, type Outside } from './graph-client.ts';
import { BODY_BYTES, CLOSED, FORGED, post, VERSIONS } from './posts.ts';
import { openWitness, type Witness } from './witness.ts';

/** Microsoft Graph waits so long for the answer to a post. */
const GRAPH_WAITS_MS = 3_000;

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

describe.each(kinds)('$name, in front of a witness', ({ installed, start }) => {
  describe.skipIf(!installed)('that tells what reaches it', () => {
    const open: { close(): Promise<void> }[] = [];
    afterEach(async () => {
      for (const one of open.splice(0).toReversed()) await one.close();
    });

    async function front(options: Omit<FrontOptions, 'server'>): Promise<Outside> {
      const started = await start({ server: certificates.server, ...options });
      open.push({ close: () => started.stop() });
      return { port: started.port, ca: certificates.ca };
    }

    async function witness(options?: { readonly silent: boolean }): Promise<Witness> {
      const opened = await openWitness(options);
      open.push(opened);
      return opened;
    }

    test('no forwarded header of a stranger goes on, and targets go on as they are', async () => {
      const behind = await witness();
      const outside = await front({ receivers: [behind.port] });
      const target = '/notifications?validationToken=a+b%2Bc%20d%3Ce%26f&x=%2541';
      for (const version of VERSIONS) {
        const headers = { 'content-type': 'application/json', ...FORGED };
        expect((await ask(outside, version, { target, headers })).status).toBe(202);
      }
      expect(behind.seen.map((one) => one.target)).toEqual([target, target]);
      for (const { headers } of behind.seen) {
        for (const name of Object.keys(FORGED)) expect(headers[name], name).toBeUndefined();
        expect(JSON.stringify(headers)).not.toContain('203.0.113.7');
      }
    });

    test('nothing but the two paths goes on, however they are written', async () => {
      const behind = await witness();
      const outside = await front({ receivers: [behind.port] });
      for (const version of VERSIONS)
        for (const [method, target] of CLOSED)
          expect([target, (await ask(outside, version, { method, target })).status]).toEqual([target, 404]);
      expect(behind.seen).toEqual([]);
    });

    test('a body goes on while it comes, and no further than the limit', async () => {
      const behind = await witness();
      const outside = await front({ receivers: [behind.port] });
      const { socket, heard, closed } = await dial(outside);
      const part = 'x'.repeat(64 * 1024);
      const chunk = `${part.length.toString(16)}\r\n${part}\r\n`;
      socket.write(
        'POST /notifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      socket.write(chunk);
      await until(() => (behind.seen[0]?.bytes() ?? 0) >= part.length);
      for (let sent = 1; sent <= 40; sent += 1) socket.write(chunk);
      await closed;
      expect(heard()).toMatch(/^HTTP\/1\.1 413 /);
      expect(behind.seen[0]?.bytes()).toBeLessThanOrEqual(BODY_BYTES);
      // Nor does the proxy hold it against the receiver.
      const body = post([notification()]);
      for (let round = 0; round < 3; round += 1)
        expect((await ask(outside, 'HTTP/1.1', { target: '/lifecycle', body })).status).toBe(202);
    });

    test('a receiver that says nothing is given up before Graph gives us up', async () => {
      const behind = await witness({ silent: true });
      const outside = await front({ receivers: [behind.port] });
      const body = post([notification()]);
      const { status, tookMs } = await ask(outside, 'HTTP/1.1', { target: '/notifications', body });
      expect(status).toBe(504);
      expect(tookMs).toBeLessThan(GRAPH_WAITS_MS);
      expect(behind.seen).toHaveLength(1);
    });

    test('a receiver that is gone is soon left out; without another, the refusal comes in time', async () => {
      const gone = await openWitness();
      await gone.close();
      const behind = await witness();
      const outside = await front({ receivers: [gone.port, behind.port] });
      const body = post([notification()]);
      let inRow = 0;
      await until(async () => {
        const { status } = await ask(outside, 'HTTP/1.1', { target: '/notifications', body });
        inRow = status === 202 ? inRow + 1 : 0;
        return inRow === 10;
      });
      const alone = await front({ receivers: [gone.port] });
      const { status, tookMs } = await ask(alone, 'HTTP/1.1', { target: '/notifications', body });
      expect([502, 503]).toContain(status);
      expect(tookMs).toBeLessThan(GRAPH_WAITS_MS);
    });
  });
});
