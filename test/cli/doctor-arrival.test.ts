import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { makeCertificate } from '../../src/kit/self-signed.ts';
import { CURRENT_KEY } from '../process/configuration.ts';
import { freePort } from '../process/free-port.ts';
import { makeServerCertificate } from '../tenant/certificates.ts';
import { the, troubles, Ward, type Seen } from './ward.ts';

let ward: Ward;
const open: { close(): unknown }[] = [];
beforeAll(async () => {
  ward = await Ward.open();
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => ward.close());

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

const served = (answer: (...heard: Parameters<RequestListener>) => Promise<void>) =>
  createServer((...heard) => void answer(...heard));

async function look(publicUrl: string, listen: string): Promise<Seen> {
  await ward.configure({
    more: { notifications: { publicUrl, listen, clientStateKey: `env:${CURRENT_KEY}` } },
  });
  return ward.look();
}

/** Behind a proxy that does this; nobody listens where the receiver would. */
async function behind(proxy: RequestListener): Promise<Seen> {
  const port = await listening(createServer(proxy));
  return look(`http://127.0.0.1:${port}`, `127.0.0.1:${await freePort()}`);
}

const handshakes = ({ findings }: Seen) => findings.filter(({ check }) => check === 'handshake');
const tokenOf = (url = ''): string => decodeURIComponent(/validationToken=([^&]*)/.exec(url)?.[1] ?? '');

describe('the handshake', () => {
  test('goes out and in again through a proxy that changes nothing, to a stand-in where no service listens', async () => {
    const inside = await freePort();
    const asked: string[] = [];
    const port = await listening(
      served(async (request, response) => {
        asked.push(`${request.method} ${request.url?.split('?')[0]}`);
        const answer = await fetch(`http://127.0.0.1:${inside}${request.url}`, { method: 'POST' });
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        response.end(await answer.text());
      }),
    );
    const seen = await look(`http://127.0.0.1:${port}`, `127.0.0.1:${inside}`);
    expect(handshakes(seen).map(({ state, found }) => [state, found.replace(/\d+ ms/, 'N ms')])).toEqual([
      ['well', 'answered by a stand-in in N ms'],
      ['well', 'answered by a stand-in in N ms'],
    ]);
    expect(asked).toEqual(['POST /notifications', 'POST /lifecycle']);
    // Nobody listens there any more.
    await expect(fetch(`http://127.0.0.1:${inside}`)).rejects.toThrow();
  });

  test('the stand-in takes no notification: Graph sends it again', async () => {
    const inside = await freePort();
    const statuses: number[] = [];
    const port = await listening(
      served(async (request, response) => {
        const post = { method: 'POST', body: '{"value":[]}' };
        statuses.push((await fetch(`http://127.0.0.1:${inside}/notifications`, post)).status);
        response.writeHead(200, { 'content-type': 'text/plain' }).end(tokenOf(request.url));
      }),
    );
    const seen = await look(`http://127.0.0.1:${port}`, `127.0.0.1:${inside}`);
    expect(statuses).toEqual([503, 503]);
    expect(handshakes(seen)[0]?.found).toContain('answered from elsewhere');
  });

  test.each([
    [502, 'it does not reach the receiver', 'notifications.listen'],
    [404, 'the answer is 404, and Graph wants 200', 'pass the path on as it is'],
    [301, 'the answer is 301, and Graph wants 200', 'without a redirect'],
    [204, 'the answer is 204, and Graph wants 200', 'pass the path on'],
  ])('%i', async (status, found, remedy) => {
    const seen = await behind((_request, response) => response.writeHead(status).end());
    expect(seen.code).toBe(1);
    expect(handshakes(seen).map(({ state, about }) => [state, about])).toEqual([
      ['failed', 'notifications'],
      ['failed', 'lifecycle'],
    ]);
    expect(handshakes(seen)[0]?.found).toContain(found);
    expect(handshakes(seen)[0]?.remedy).toContain(remedy);
  });

  test('a proxy that lets Graph alone in is no failure', async () => {
    const seen = await behind((_request, response) => response.writeHead(403).end());
    expect(handshakes(seen).map(({ state }) => state)).toEqual(['warning', 'warning']);
    expect(seen.code).toBe(0);
  });

  test.each([
    ['decodes it once more', 'text/plain', (token: string) => decodeURIComponent(token)],
    ['makes spaces of its plus signs', 'text/plain', (token: string) => token.replaceAll('+', ' ')],
    ['answers with a page of its own', 'text/html', () => '<h1>Welcome</h1>'],
  ])('a proxy that %s', async (_what, type, answer) => {
    const seen = await behind((request, response) =>
      response.writeHead(200, { 'content-type': type }).end(answer(tokenOf(request.url))),
    );
    expect(handshakes(seen)[0]).toMatchObject({
      state: 'failed',
      found: 'the answer is not the token as it was sent',
      remedy: expect.stringContaining('unchanged'),
    });
  });

  test('the right token as HTML is not what Graph wants', async () => {
    const seen = await behind((request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(tokenOf(request.url)),
    );
    expect(handshakes(seen)[0]?.found).toBe('the answer is not text/plain');
  });

  test('nothing at the public URL, and an address that is not of this machine', async () => {
    const seen = await look(`http://127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`);
    expect(handshakes(seen)[0]?.found).toContain('(ECONNREFUSED)');
    const elsewhere = await look('http://127.0.0.1:9', '203.0.113.7:8080');
    expect(the('failed', 'handshake', elsewhere).found).toBe(
      'the receiver cannot listen on 203.0.113.7:8080 (EADDRNOTAVAIL)',
    );
  });
});

const serve = async (tls: { readonly key: string; readonly cert: string }): Promise<Seen> => {
  const port = await listening(createHttpsServer(tls, (_request, response) => response.end()));
  return look(`https://localhost:${port}`, `127.0.0.1:${await freePort()}`);
};

describe('the certificate of the proxy', () => {
  test('self-signed', async () => {
    const { certificate, key } = await makeCertificate(
      { name: 'localhost', months: 1 },
      { clock: systemClock, random: systemRandom },
    );
    const seen = await serve({ key, cert: certificate });
    expect(the('failed', 'tls chain', seen)).toMatchObject({
      found: expect.stringContaining('(DEPTH_ZERO_SELF_SIGNED_CERT)'),
      remedy: expect.stringContaining("Let's Encrypt"),
    });
    expect(troubles(seen)).toEqual(['tls chain', 'handshake']);
    expect(handshakes(seen)[0]?.remedy).toBe('see the check "tls chain"');
  });

  test('of an authority that nobody knows, or with the chain left out', async () => {
    const { server } = await makeServerCertificate('An authority');
    expect(the('failed', 'tls chain', await serve(server)).remedy).toContain('fullchain.pem');
  });

  test('with all of a chain that nobody knows', async () => {
    const { server, ca } = await makeServerCertificate('An authority');
    expect(
      the('failed', 'tls chain', await serve({ ...server, cert: `${server.cert}\n${ca}` })),
    ).toMatchObject({
      found: expect.stringContaining('(SELF_SIGNED_CERT_IN_CHAIN)'),
      remedy: expect.stringContaining('public authority'),
    });
  });

  test('no TLS at all where https is named, or nobody', async () => {
    const plain = await listening(createServer((_request, response) => response.end()));
    const url = `https://localhost:${plain}`;
    expect(the('failed', 'tls chain', await look(url, '127.0.0.1:0')).found).toContain(
      `nothing answers at ${url}`,
    );
    const nobody = `https://localhost:${await freePort()}`;
    expect(the('failed', 'tls chain', await look(nobody, '127.0.0.1:0')).found).toContain('(ECONNREFUSED)');
  });
});
