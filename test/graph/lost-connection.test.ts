import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { lostConnection } from '../../src/graph/lost-connection.ts';
import { fetchTransport } from '../../src/kit/transport.ts';

const open = new Set<Server>();
afterEach(() => {
  for (const server of open) server.close();
  open.clear();
});

/** A server on loopback that cuts every connection as soon as a request has come; returns its URL. */
async function cuttingServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  open.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function faultOfPost(url: string) {
  return fetchTransport({ method: 'POST', url, headers: {}, body: '{}' }).then(
    () => undefined,
    (error: unknown) => lostConnection('POST', error),
  );
}

test('a refused connection, as fetch reports it, was surely not applied', async () => {
  const { url, close } = await cuttingServer();
  await close();
  expect(await faultOfPost(url)).toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' });
});

test('a connection cut after the request, as fetch reports it, leaves a write unknown', async () => {
  const { url } = await cuttingServer();
  expect(await faultOfPost(url)).toMatchObject({ kind: 'unknown-outcome' });
});
