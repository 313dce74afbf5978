import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Ledger } from '../../../src/engine/ledger-port.ts';
import { openPostgresLedger } from '../../../src/ledger/postgres/open.ts';
import type { PoolOptions } from '../../../src/ledger/postgres/pool.ts';
import { startPostgres, type PostgresServer, type PostgresSettings } from '../../postgres/start.ts';

/** A server for the tests of a file, and a migrated database that is empty at the beginning of each. */
export interface PostgresHome {
  server(): PostgresServer;
  url(): string;
  /** Another process, as far as the database can tell: closed after the test. */
  open(more?: Partial<PoolOptions>): Promise<Ledger>;
}

export function postgresHome(settings: PostgresSettings = {}): PostgresHome {
  let server: PostgresServer | undefined;
  let url = '';
  const opened: Ledger[] = [];
  const running = (): PostgresServer => {
    if (!server) throw new Error('The server is started before the tests.');
    return server;
  };
  beforeAll(async () => {
    server = await startPostgres(settings);
    url = await server.database();
    await (await openPostgresLedger({ url, tls: 'off' })).close();
  });
  beforeEach(() => running().empty(url));
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
  });
  afterAll(() => server?.close());
  return {
    server: running,
    url: () => url,
    open: async (more = {}) => {
      const ledger = await openPostgresLedger({ url, tls: 'off', ...more });
      opened.push(ledger);
      return ledger;
    },
  };
}
