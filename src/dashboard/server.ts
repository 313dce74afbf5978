import { createServer } from 'node:http';
import type { Express } from 'express';
import type { Listen } from '../kit/config/web.ts';

export interface RunningDashboard {
  readonly port: number;
  stop(): Promise<void>;
}

/** Complete headers and body are expected within this time. */
const SLOW_CLIENT_MS = 10_000;
const MAX_CONNECTIONS = 512;

/** Binds it; rejects when the address is taken. */
export async function startDashboard(app: Express, { host, port }: Listen): Promise<RunningDashboard> {
  const server = createServer(
    { headersTimeout: SLOW_CLIENT_MS, requestTimeout: SLOW_CLIENT_MS, connectionsCheckingInterval: 1_000 },
    app,
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
