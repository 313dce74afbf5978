import { createServer } from 'node:http';
import type { Express } from 'express';
import type { Clock } from '../kit/clock.ts';
import type { Listen } from '../kit/config/web.ts';
import type { Log } from '../kit/log.ts';
import { slept } from '../kit/loop.ts';

export interface RunningDashboard {
  readonly port: number;
  stop(): Promise<void>;
}

/** Complete headers and body are expected within this time. */
const SLOW_CLIENT_MS = 10_000;
const MAX_CONNECTIONS = 512;
const AGAIN_MS = 30_000;

interface Patience {
  readonly listen: Listen;
  readonly clock: Clock;
  readonly log: Log;
}

/** Binds it as soon as the address can be had; null when the signal aborts before. */
export async function listenPatiently(
  app: Express,
  { listen, clock, log }: Patience,
  signal: AbortSignal,
): Promise<RunningDashboard | null> {
  let told: string | null = null;
  while (!signal.aborted) {
    try {
      return await startDashboard(app, listen);
    } catch (error) {
      const code = codeOf(error);
      // Once, not for each time that it is tried.
      if (code !== told) log.error(CANNOT_LISTEN, { host: listen.host, port: listen.port, code });
      told = code;
    }
    await slept(clock, AGAIN_MS, signal);
  }
  return null;
}

const CANNOT_LISTEN =
  'the dashboard cannot listen, and the service works without it; it is tried again every 30 seconds: end the program that ' +
  'has the address, which may be a dashboard of its own, or name another one in dashboard.listen and start the service anew';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

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
