import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { contents } from '../ledger/postgres/database.ts';
import { withClient } from '../postgres/client.ts';
import type { Databases } from '../postgres/databases.ts';
import { startServiceBus, type ServiceBus } from '../service-bus/start.ts';
import type { Stores } from './stores.ts';

const BUCKETS = 8;

/** What a configuration says beside the standard one for several processes; references are to `sharedEnv`. */
export const SHARED_KEYS = {
  queue: { serviceBus: { connectionString: 'env:BUS', buckets: BUCKETS } },
  ledger: { postgres: { url: 'env:LEDGER_URL' } },
  deployment: 'several',
  fingerprintKey: 'env:PRINT_KEY',
} as const;

/** `database` is the address of one without TLS. */
export function sharedEnv(bus: string, database: string): Readonly<Record<string, string>> {
  return { BUS: bus, LEDGER_URL: `${database}?sslmode=disable`, PRINT_KEY: 'p'.repeat(48) };
}

/** What several processes share, on loopback: a double of the bus, and a database of a real PostgreSQL. */
export interface SharedStores extends Stores {
  readonly bus: ServiceBus;
}

const QUEUES = ['changes', 'writes'] as const;
/** Long for a machine that does much else, and short against the patience of a test. */
const LOCK_MS = 15_000;
const SETTINGS = { requiresSession: true, lockDurationMs: LOCK_MS, maxDeliveryCount: 2_000 };

/** Of every process, and of the one that is the keeper. */
const SIGNS = `select at from workers union all select at from leases where holder is not null`;

/** `clock`: of the services, so that what waits at the bus is due when they believe it to be. */
export async function openSharedStores(
  databases: Databases,
  clock: Clock = systemClock,
): Promise<SharedStores> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-bus-'));
  const bus = await startServiceBus({
    clock,
    tokenClock: systemClock,
    queues: Object.fromEntries(QUEUES.map((name) => [name, SETTINGS])),
    file: path.join(folder, 'journal'),
    // Leaps of the clock are no idleness.
    face: { idleLinkMs: Infinity },
  });
  let ledger = await databases.database();
  let copy: string | null = null;
  return {
    bus,
    keys: SHARED_KEYS,
    get env() {
      return sharedEnv(bus.connectionString, ledger);
    },
    loseLedger: () => databases.empty(ledger),
    loseQueue: () => {
      for (const name of QUEUES) {
        bus.namespace.delete(name);
        bus.namespace.create(name, SETTINGS);
      }
      return Promise.resolve();
    },
    copyLedger: async () => {
      if (copy !== null) await databases.drop(copy);
      copy = await databases.copyOf(ledger);
    },
    restoreLedger: async () => {
      if (copy === null) throw new Error('There is no copy of the ledger.');
      await databases.drop(ledger);
      ledger = await databases.copyOf(copy);
    },
    awake: async (since) => {
      const { rows } = await withClient(ledger, (client) => client.query<{ at: string }>(SIGNS));
      const holds = QUEUES.map((name) => bus.namespace.find(name).sessions.holds().length);
      return (
        rows.length > 1 &&
        rows.every(({ at }) => Number(at) >= since) &&
        holds.every((held) => held === BUCKETS)
      );
    },
    contents: async () => {
      const tables = await withClient(ledger, contents);
      return tables.length === 0 ? null : { tables, queues: QUEUES.map((name) => bus.depth(name)) };
    },
    waiting: (withinMs) => {
      const until = clock.now() + withinMs;
      const all = QUEUES.flatMap((name) => bus.namespace.find(name).peek(0, Infinity, null));
      const due = all.filter(({ enqueuedAt }) => enqueuedAt <= until).length;
      return Promise.resolve({ due, later: all.length - due });
    },
    knowsWhatIsNew: false,
    atRest: async () => [folder, await filesOf(ledger)],
    close: async () => {
      await bus.close();
      for (const one of [ledger, copy]) if (one !== null) await databases.drop(one);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where the server keeps the tables of a database, when everything has been written. */
async function filesOf(address: string): Promise<string> {
  return withClient(address, async (client) => {
    await client.query('checkpoint');
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') || '/base/' || oid as folder
       from pg_database where datname = current_database()`,
    );
    const [row] = rows;
    if (!row) throw new Error('The server does not know the database.');
    return row.folder;
  });
}
