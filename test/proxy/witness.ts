import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body so far. */
  readonly bytes: () => number;
}

/** In a receiver's place: tells what reaches it. A silent one takes everything and answers nothing. */
export interface Witness {
  readonly port: number;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

export async function openWitness({ silent = false } = {}): Promise<Witness> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return response.end('ok');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('error', () => {});
    seen.push({ target: request.url ?? '', headers: request.headers, bytes: () => bytes });
    if (!silent) request.on('end', () => response.writeHead(202).end());
    return undefined;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
