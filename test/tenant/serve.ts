import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Tenant } from './tenant.ts';
import { ConnectionLost } from './http/gateway.ts';

/** REST requests are limited to 4 MB (learn.microsoft.com/graph/json-batching). */
const BODY_MAX = 4 * 1024 * 1024;

export interface ServedTenant {
  /** Scheme, host and port: both the login and the Graph host. */
  readonly origin: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves a tenant on loopback: plain HTTP, or HTTPS when given a key and certificate (PEM). Port 0: any free one. */
export async function serveTenant(
  tenant: Pick<Tenant, 'answer'>,
  options: { port?: number; tls?: { key: string; cert: string } } = {},
): Promise<ServedTenant> {
  const scheme = options.tls === undefined ? 'http' : 'https';
  const listener: RequestListener = (incoming, outgoing) =>
    void exchange(tenant, scheme, { incoming, outgoing });
  const server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

async function exchange(
  tenant: Pick<Tenant, 'answer'>,
  scheme: string,
  { incoming, outgoing }: Exchange,
): Promise<void> {
  try {
    const body = await readBody(incoming);
    if (body === undefined) {
      outgoing.writeHead(413).end();
      return;
    }
    const response = await tenant.answer({
      method: incoming.method ?? 'GET',
      url: `${scheme}://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`,
      headers: flat(incoming),
      ...(body === '' ? {} : { body }),
    });
    const headers: Record<string, string> = { ...response.headers };
    const coding = codingOf(headers['content-type']);
    if (response.status !== 204) headers['content-length'] = String(Buffer.byteLength(response.body, coding));
    outgoing.writeHead(response.status, headers).end(response.body, coding);
  } catch (error) {
    // A broken connection is one of the faults; anything else is a bug of the simulator and must be seen.
    if (!(error instanceof ConnectionLost)) console.error(error);
    incoming.socket.destroy();
  }
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString(codingOf(incoming.headers['content-type']));
}

/** A picture goes through the state machine as one character per byte. */
function codingOf(contentType: string | undefined): 'latin1' | 'utf8' {
  return /^image\//i.test(contentType ?? '') ? 'latin1' : 'utf8';
}

function flat(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
