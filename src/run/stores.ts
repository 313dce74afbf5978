import { existsSync, readFileSync } from 'node:fs';
import type { Ledger } from '../engine/ledger-port.ts';
import { recoverLostQueue } from '../engine/lost-queue.ts';
import type { Queue } from '../engine/queue-port.ts';
import { noteLostLedger } from '../engine/recall.ts';
import type { Config } from '../kit/config/config.ts';
import type { PostgresConfig, ServiceBusConfig } from '../kit/config/stores-config.ts';
import { keyOf, openDataFolder, viewDataFolder } from '../kit/data-folder.ts';
import type { Log } from '../kit/log.ts';
import { openLedgerFile } from '../ledger/open.ts';
import { openPostgresLedger } from '../ledger/postgres/open.ts';
import type { PoolOptions } from '../ledger/postgres/pool.ts';
import { openWholePostgres, viewWholePostgres } from '../ledger/postgres/whole.ts';
import type { WholeLedger } from '../ledger/whole.ts';
import type { Change } from '../model/change.ts';
import type { Write } from '../model/write.ts';
import type { Share } from '../queue/bus/buckets.ts';
import { changeMessages, writeMessages } from '../queue/messages.ts';
import { openServiceBusQueue } from '../queue/service-bus-queue.ts';
import { openSqliteQueue } from '../queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../queue/worker-committer.ts';
import { busAccess } from './bus-access.ts';
import { databasePassword, type Asking } from './database-access.ts';
import { LEDGER_FILE, QUEUE_FILE } from './files.ts';
import { placesOf } from './places.ts';
import { refuseMoved } from './moved.ts';
import type { Surroundings } from './service.ts';

/** What outlives a process, and what must be the same for all of them. */
export interface Stores {
  /** In every mark and subscription. */
  readonly deployment: string;
  readonly fingerprintKey: Uint8Array;
  readonly ledger: Ledger;
  readonly changes: Queue<Change>;
  readonly writes: Queue<Write>;
  /** Gives everything back. */
  close(): Promise<void>;
}

/** Closes what was opened, in the reverse order of opening. */
interface Releases {
  push(release: () => Promise<void> | void): void;
  close(): Promise<void>;
}

export function createReleases(): Releases {
  const releases: (() => Promise<void> | void)[] = [];
  return {
    push: (release) => void releases.push(release),
    close: async () => {
      for (const release of releases.splice(0).toReversed()) await release();
    },
  };
}

/**
 * The files of the data folder, for the one process that has it; throws `HeldByAnother` when another does. Whatever was lost
 * of them since the last time is noted, so that it is found again; not so `forMoving`, since what is moved in is not lost.
 */
export async function openFiles(
  config: Config,
  surroundings: Surroundings,
  { leaseMs, forMoving = false }: { readonly leaseMs: number; readonly forMoving?: boolean },
): Promise<Stores> {
  const { clock, log, random } = surroundings;
  const folder = openDataFolder({
    path: config.data,
    deployment: config.deployment,
    fingerprintKey: config.fingerprintKey === null ? null : keyOf(config.fingerprintKey.text()),
    random,
  });
  const releases = createReleases();
  releases.push(() => folder.close());
  try {
    const ledger = await openLedgerFile({ path: folder.file(LEDGER_FILE), log });
    releases.push(() => ledger.close());
    const file = folder.file(QUEUE_FILE);
    if (!forMoving) {
      await refuseMoved(ledger.counters);
      const tenants = placesOf(config);
      if (!folder.isNew) await noteLostLedger(ledger, tenants, clock.now());
      if (!existsSync(file)) await recoverLostQueue(ledger, log, clock.now());
    }
    const committer = createWorkerCommitter({ file, clock });
    releases.push(() => committer.close());
    const queue = { committer, clock, leaseMs, dropLeases: true };
    return {
      deployment: folder.deployment,
      fingerprintKey: folder.fingerprintKey,
      ledger,
      changes: await openSqliteQueue({ ...queue, messages: changeMessages }),
      writes: await openSqliteQueue({ ...queue, messages: writeMessages }),
      close: () => releases.close(),
    };
  } catch (error) {
    await releases.close();
    throw error;
  }
}

/** The ledger of the configuration, beside whatever else uses it; nothing is locked. */
export function openLedgerOf(config: Config, asking: Asking & { readonly log?: Log }): Promise<Ledger> {
  const more = asking.log === undefined ? {} : { log: asking.log };
  const { ledger } = config;
  if (ledger.kind === 'sqlite')
    return openLedgerFile({ path: viewDataFolder(config.data).file(LEDGER_FILE), ...more });
  const { pool: poolSize, statementTimeoutMs } = ledger;
  return openPostgresLedger({ ...wayTo(ledger, asking), poolSize, statementTimeoutMs, ...more });
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
