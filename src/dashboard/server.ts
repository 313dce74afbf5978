import { createServer, type ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { Clock } from '../kit/clock.ts';
import type { Listen } from '../kit/config/web.ts';
import type { Log } from '../kit/log.ts';
import { slept } from '../kit/loop.ts';
import { onlyPaths } from '../kit/only-paths.ts';
import { HEADERS } from './guard.ts';

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
      if (code !== told) {
        log.tell('dashboard-address-taken', { host: listen.host, port: listen.port, code });
      }
      told = code;
    }
    await slept(clock, AGAIN_MS, signal);
  }
  return null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

/** Binds it; rejects when the address is taken. A request that is not complete after `slowClientMs` is cut. */
export async function startDashboard(
  app: Express,
  { host, port }: Listen,
  slowClientMs = SLOW_CLIENT_MS,
): Promise<RunningDashboard> {
  const server = createServer(
    {
      headersTimeout: slowClientMs,
      requestTimeout: slowClientMs,
      connectionsCheckingInterval: Math.min(1_000, slowClientMs),
    },
    onlyPaths(app, nothing),
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

/** Whatever is not answered by a route. */
function nothing(response: ServerResponse): void {
  response.statusCode = 404;
  response.setHeaders(new Map(Object.entries({ ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' })));
  response.end('Nothing here.\n');
}
