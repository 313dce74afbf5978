import { createServer } from 'node:http';
import type { Listen } from '../../kit/config/web.ts';
import { errorCode } from '../../kit/errno.ts';
import { handshakeOf } from '../../../webhooks/handshake.ts';

/** Answers handshakes for as long as a check takes, where no service does. */
export interface StandIn {
  /** Tokens that it was sent. */
  readonly seen: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Listens where the receiver would, so that the way from outside can be tried before the first start. Null when somebody does
 * already. Balancers that ask for its health find it well; whatever else is no handshake gets 503: Graph sends it again.
 * Rejects when the address cannot be listened on.
 */
export function standIn({ host, port }: Listen): Promise<StandIn | null> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    const handshake = request.method === 'POST' ? handshakeOf(request.url ?? '') : null;
    if (handshake === null || !('token' in handshake)) {
      const isHealth = request.method === 'GET' && ['/healthz', '/readyz'].includes(request.url ?? '');
      response.writeHead(isHealth ? 200 : 503, { connection: 'close' }).end();
      return;
    }
    seen.add(handshake.token);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(handshake.token);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (errorCode(error) === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(port, host, () =>
      resolve({
        seen,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      }),
    );
  });
}
