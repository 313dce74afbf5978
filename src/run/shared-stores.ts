import { readFileSync } from 'node:fs';
import type { Ledger } from '../engine/ledger-port.ts';
import type { PostgresConfig, ServiceBusConfig } from '../kit/config/stores-config.ts';
import type { Log } from '../kit/log.ts';
import { openPostgresLedger } from '../ledger/postgres/open.ts';
import type { PoolOptions } from '../ledger/postgres/pool.ts';
import { openWholePostgres, viewWholePostgres } from '../ledger/postgres/whole.ts';
import type { WholeLedger } from '../ledger/whole.ts';
import type { Share } from '../queue/bus/buckets.ts';
import { changeMessages, writeMessages } from '../queue/messages.ts';
import { openServiceBusQueue } from '../queue/service-bus-queue.ts';
import { busAccess } from './bus-access.ts';
import { databasePassword, type Asking } from './database-access.ts';
import type { Surroundings } from './service.ts';
import type { Stores } from './stores.ts';

/**
 * What several processes share: a bus and a database. A room of its own, since a process that works on files alone should
 * not have to load their clients.
 */

export function openDatabaseOf(
  config: PostgresConfig,
  asking: Asking & { readonly log?: Log },
): Promise<Ledger> {
  const { pool: poolSize, statementTimeoutMs } = config;
  const more = asking.log === undefined ? {} : { log: asking.log };
  return openPostgresLedger({ ...wayTo(config, asking), poolSize, statementTimeoutMs, ...more });
}

/** Where the database is, and how this process gets in. */
export function wayTo(config: PostgresConfig, asking: Asking): Pick<PoolOptions, 'url' | 'tls' | 'password'> {
  const { url, ca } = config;
  const password = databasePassword(config, asking);
  return {
    url: url.text(),
    ...(ca === null ? {} : { tls: { ca: readFileSync(ca, 'utf8') } }),
    ...(password === undefined ? {} : { password }),
  };
}

/** Counting and copying millions of rows takes longer than any statement of the service. */
const COPYING_MS = 30 * 60_000;

/** The shared ledger as tables and rows. */
export function openWholeOf(config: PostgresConfig, asking: Copying): Promise<WholeLedger> {
  return openWholePostgres(copying(config, asking));
}

/** The same to be looked at alone; null where there is no ledger yet. */
export function viewWholeOf(config: PostgresConfig, asking: Copying): Promise<WholeLedger | null> {
  return viewWholePostgres(copying(config, asking));
}

type Copying = Asking & { readonly log: Log };

function copying(config: PostgresConfig, asking: Copying): PoolOptions {
  const { log } = asking;
  return { ...wayTo(config, asking), statementTimeoutMs: COPYING_MS, log };
}

interface BusOptions {
  readonly leaseMs: number;
  /** Which buckets are this process's; all of them unless given. */
  readonly share?: () => Promise<Share>;
}

/** The queues of the bus. Nothing is connected before it is used. */
export function openBusQueues(
  config: ServiceBusConfig,
  surroundings: Surroundings,
  options: BusOptions,
): Pick<Stores, 'changes' | 'writes' | 'close'> {
  const { clock, random, log } = surroundings;
  const access = busAccess(config, surroundings);
  const bus = { ...options, access, buckets: config.buckets, clock, random, log };
  const changes = openServiceBusQueue({ ...bus, queue: config.changes, messages: changeMessages });
  const writes = openServiceBusQueue({ ...bus, queue: config.writes, messages: writeMessages });
  return { changes, writes, close: async () => void (await Promise.all([changes.close(), writes.close()])) };
}
