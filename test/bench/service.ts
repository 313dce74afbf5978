import SqliteDatabase, { type Database } from 'better-sqlite3';
import { createBodies } from '../../src/engine/bodies.ts';
import { createHalts } from '../../src/engine/halts.ts';
import { createPictures } from '../../src/engine/pictures.ts';
import type { JobConfig } from '../../src/kit/config/config.ts';
import { silentLog, type Log } from '../../src/kit/log.ts';
import { routesOf } from '../../src/jobs/routes.ts';
import { openLedger } from '../../src/ledger/open.ts';
import type { Route } from '../../src/model/route.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { assemble, type Assembly, type Parts } from '../../src/run/assemble.ts';
import { connectBooks } from '../../src/run/connect-book.ts';
import {
  connectTenant,
  notificationUrl,
  type Connection,
  type ConnectOptions,
  wantedOf,
} from '../../src/run/connect.ts';
import { printsUnder } from '../../src/run/prints.ts';
import { clientStateFor, subscribedIn } from '../../src/run/subscribed.ts';
import { createReceiver, type Receiver } from '../../webhooks/receiver.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import type { VirtualClock } from '../kit/virtual-clock.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** The product in this process: the same assembly as `run`, over databases in memory and the tenant's own transport. */
export interface BenchService {
  readonly assembly: Assembly;
  readonly receiver: Receiver;
  readonly connection: Connection;
  /** What the ledger's file would take on a disk. */
  ledgerBytes(): number;
}

export interface BenchServiceOptions {
  readonly tenant: Pick<Tenant, 'tenantId' | 'transport' | 'issueToken'>;
  readonly clock: VirtualClock;
  readonly jobs: readonly JobConfig[];
  /** Of an earlier life; new ones unless given. */
  readonly disk?: Disk;
  /** In place of those of the jobs. */
  readonly routes?: readonly Route[];
  readonly log?: Log;
  readonly conditions?: ServiceConditions;
  /** How often is asked for what nobody announces; never of itself unless given. */
  readonly pollMs?: number;
  /** How often subscriptions are looked at; at the start alone unless given. */
  readonly subscriptionCheckMs?: number;
  /** Puts something else in the place of a part: what breaks a rule does so here. */
  readonly parts?: (parts: Parts) => Parts;
}

/** What of the configuration a bench may set, and how the tenant is reached. */
export interface ServiceConditions extends Partial<
  Pick<ConnectOptions, 'limits' | 'policy' | 'marks' | 'windows' | 'transport'>
> {}
/** What outlives the service. */
export interface Disk {
  readonly ledger: Database;
  readonly queue: Database;
}

export function newDisk(): Disk {
  return { ledger: new SqliteDatabase(':memory:'), queue: new SqliteDatabase(':memory:') };
}

export const TENANT = 'contoso';
/** Periodic work would mix into what is counted: sweeps are called for by hand, subscriptions are young. */
const YEAR_MS = 365 * 86_400_000;
/** What the product takes when nothing is configured: figures are about the defaults. */
export const LIMITS = { concurrency: 64, requestsPer10s: 20_000, inlineExtensions: 'unknown' } as const;
export const HALT_CHECK_MS = 1_000;
const PUBLIC_URL = 'https://sync.bench.example';
const KEY = Buffer.from('a key for counting requests, and for nothing else');

export async function startBenchService(options: BenchServiceOptions): Promise<BenchService> {
  const { tenant, clock, log = silentLog, disk = newDisk() } = options;
  const ledger = await openLedger({ database: disk.ledger });
  const queue = {
    committer: createInThreadCommitter(disk.queue),
    clock,
    leaseMs: 90_000,
  };
  const changes = await openSqliteQueue({ ...queue, messages: changeMessages });
  const writes = await openSqliteQueue({ ...queue, messages: writeMessages });
  const token = tenant.issueToken();
  const halts = createHalts(ledger.halts);
  const routes = options.routes ?? options.jobs.flatMap(routesOf);
  const connection = connectTenant({
    admits: (operation) => halts.admits(operation),
    cloud: 'global',
    limits: LIMITS,
    policy: 'economy',
    marks: 'both',
    removal: 'permanent',
    deployment: 'bench',
    publicUrl: PUBLIC_URL,
    tokens: { token: async () => token },
    ...wantedOf(routes, TENANT),
    transport: tenant.transport,
    ...options.conditions,
    clock,
    random: seededRandom(3),
    log,
  });
  const connections = new Map([
    [TENANT, connection],
    ...connectBooks({ ledger, clock, routes, tenant: TENANT, connection, prints: PRINTS }),
  ]);
  const opened = { ledger, halts, changes, writes, connections, routes, log };
  const sound = partsOf(options, opened, connection);
  return {
    assembly: assemble(options.parts?.(sound) ?? sound),
    receiver: createReceiver({
      tenants: new Map([[tenant.tenantId, { key: TENANT }]]),
      keys: { current: KEY },
      changes,
      clock,
      log,
    }),
    connection,
    ledgerBytes: () => pragma(disk.ledger, 'page_count') * pragma(disk.ledger, 'page_size'),
  };
}

function pragma(database: Database, name: string): number {
  return Number(database.pragma(name, { simple: true }));
}

const PRINTS = printsUnder(KEY);

type Opened = Pick<Parts, 'ledger' | 'halts' | 'changes' | 'writes' | 'log' | 'routes'> & {
  readonly connections: ReadonlyMap<string, Connection>;
};

function partsOf(
  { tenant, clock, pollMs = YEAR_MS, subscriptionCheckMs = YEAR_MS }: BenchServiceOptions,
  { ledger, halts, changes, writes, connections, routes, log }: Opened,
  connection: Connection,
): Parts {
  const sources = new Map([...connections].map(([key, { source }]) => [key, source]));
  return {
    clock,
    log,
    routes,
    configured: routes,
    ...PRINTS,
    bodies: createBodies({ ...PRINTS, sources, ledger }),
    pictures: createPictures({
      sources,
      digest: PRINTS.digest,
      // The real one works in threads of its own, of which a virtual clock knows nothing.
      scale: async (bytes) => bytes,
    }),
    sources,
    targets: new Map([...connections].map(([key, { target }]) => [key, target])),
    ledger,
    halts,
    changes,
    writes,
    subscriptions: [
      {
        clock,
        random: seededRandom(4),
        log,
        book: ledger.subscriptions,
        counters: ledger.counters,
        changes,
        subscriptions: connection.subscriptions,
        tenant: TENANT,
        resources: subscribedIn(TENANT, routes, ledger),
        notificationUrl: notificationUrl(PUBLIC_URL),
        keyId: 'bench',
        clientState: (resource, nonce) =>
          clientStateFor(resource, { nonce, tenantId: tenant.tenantId, key: KEY }),
      },
    ],
    timing: {
      secondLookMs: [60_000, 300_000],
      gatewayTimeoutMs: 120_000,
      parkMs: 3_600_000,
      subscriptionCheckMs,
      outstandingMs: 60_000,
      haltCheckMs: HALT_CHECK_MS,
      pollMs,
      leaseMs: 90_000,
    },
    untilSweep: () => YEAR_MS,
    auditNights: null,
  };
}
