import { createServer, type Server } from 'node:http';
import type { Listen } from '../kit/config/web.ts';
import type { Log } from '../kit/log.ts';
import type { KeeperLease } from './keeper-lease.ts';
import type { RoleName } from './role-name.ts';
import type { Role } from './roles.ts';
import type { Stores } from './stores.ts';

interface Health {
  readonly stores: Pick<Stores, 'ledger' | 'writes'>;
  readonly lease: Pick<KeeperLease, 'isHeld'>;
  readonly role: RoleName;
  readonly log: Log;
}

/**
 * `/healthz`: the process answers. `/readyz`: ledger and queue can be reached as well; a keeper says whether it is the one at
 * work or stands by, and either is fine.
 */
export function healthRole({ host, port }: Listen, { stores, lease, role, log }: Health): Role {
  const readiness = async (): Promise<{ status: number; line: string }> => {
    try {
      await Promise.all([stores.ledger.counters.read('found by sweep'), stores.writes.reachable()]);
    } catch {
      return { status: 503, line: 'not ready' };
    }
    return { status: 200, line: role === 'worker' ? 'ok' : lease.isHeld() ? 'ok: keeper' : 'ok: standby' };
  };
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const isKnown = request.method === 'GET' && ['/healthz', '/readyz'].includes(request.url ?? '');
      const ok = { status: 200, line: 'ok' };
      const { status, line } = !isKnown
        ? { status: 404, line: 'Nothing here.' }
        : request.url === '/healthz'
          ? ok
          : await readiness();
      response.writeHead(status, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(`${line}\n`);
    };
    void answer();
  });
  return {
    name: 'health',
    start: async () => {
      await listening(server, { host, port });
      log.info('health is answered for', { host, port });
      return { stop: () => closed(server) };
    },
  };
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
