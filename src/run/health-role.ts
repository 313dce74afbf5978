import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isSameMachine } from '../../webhooks/figures.ts';
import type { HealthConfig, Listen } from '../kit/config/web.ts';
import type { Log } from '../kit/log.ts';
import { toldOf } from '../kit/told.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Role } from './roles.ts';

interface Health {
  /** What to answer where all that the process needs can be reached; rejects where it cannot. */
  readonly ready: () => Promise<string>;
  readonly metrics: Metrics;
  readonly log: Log;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

/** Prometheus' text format, version 0.0.4. */
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';
const NOTHING: Answer = { status: 404, text: 'Nothing here.\n' };

/**
 * `/healthz`: the process answers. `/readyz`: all that it needs can be reached as well. `/metrics`, to those who may ask: figures
 * for Prometheus. Never on the receiver's address, which a proxy opens to the world.
 */
export function healthRole(config: HealthConfig, { ready, metrics, log }: Health): Role {
  const { host, port } = config.listen;
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const { status, text, type = 'text/plain; charset=utf-8' } = await answerTo(request);
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(text);
    };
    answer().catch((error: unknown) => {
      log.tell('health-unanswered', { error: toldOf(error) });
      response.destroy();
    });
  });
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'GET') return NOTHING;
    switch (request.url ?? '') {
      case '/healthz':
        return { status: 200, text: 'ok\n' };
      case '/readyz':
        return readiness(ready);
      case '/metrics':
        return mayAsk(config, request)
          ? { status: 200, text: await metrics.text(), type: EXPOSITION }
          : NOTHING;
      default:
        return NOTHING;
    }
  };
  return {
    name: 'health',
    start: async () => {
      await listening(server, { host, port });
      log.tell('health-listens', { host, port, metrics: config.metrics });
      return { stop: () => closed(server) };
    },
  };
}

async function readiness(ready: Health['ready']): Promise<Answer> {
  try {
    return { status: 200, text: `${await ready()}\n` };
  } catch {
    return { status: 503, text: 'not ready\n' };
  }
}

function mayAsk({ metrics }: HealthConfig, request: IncomingMessage): boolean {
  return metrics === 'everybody' || (metrics === 'sameMachine' && isSameMachine(request));
}

function listening(server: Server, { host, port }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
