import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Clock } from '../../src/kit/clock.ts';
import { createBodies } from '../../src/engine/bodies.ts';
import { createHalts } from '../../src/engine/halts.ts';
import { createPictures } from '../../src/engine/pictures.ts';
import type { Source } from '../../src/engine/ports.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Random } from '../../src/kit/random.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { directoryRoutes } from '../../src/jobs/directory.ts';
import type { JobConfig } from '../../src/kit/config/config.ts';
import { digest, fingerprint, type Card } from '../../src/model/card.ts';
import { makeClientState } from '../../src/model/client-state.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { assemble, type Assembly, type Parts } from '../../src/run/assemble.ts';
import { attributesOf, connectTenant, SUBSCRIBED } from '../../src/run/connect.ts';
import { createReceiver, type Receiver } from '../../webhooks/receiver.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Life } from './gate.ts';
import type { Mutant } from './mutants.ts';

/** What outlives a process: the two databases. */
export interface Disk {
  ledger: Database;
  readonly queue: Database;
}

export function newDisk(): Disk {
  return { ledger: new SqliteDatabase(':memory:'), queue: new SqliteDatabase(':memory:') };
}

export interface WorldOptions {
  readonly tenant: Tenant;
  /** The configuration: what this process is to do. */
  readonly jobs: readonly JobConfig[];
  readonly disk: Disk;
  readonly life: Life;
  readonly random: Random;
  /** Milliseconds until the next nightly sweep; storms have short nights. */
  readonly untilSweep: (now: number) => number;
  /** In how many nights every mailbox is verified; null: never. */
  readonly auditNights: number | null;
  /** The source's rounds over people yield nothing: only notifications tell. */
  readonly deaf: boolean;
  readonly mutant?: Mutant | undefined;
}

/** One process: the whole service, from the receiver to the mailboxes, over guarded ports. */
export interface Process {
  readonly assembly: Assembly;
  readonly receiver: Receiver;
  readonly ledger: Parts['ledger'];
  readonly changes: Parts['changes'];
  readonly writes: Parts['writes'];
}

const PUBLIC_URL = 'https://sync.storm.example';
export const CLIENT_STATE_KEY = Buffer.from('storm storm storm storm storm storm');
const DEPLOYMENT = 'storm';
const LEASE_MS = 90_000;
const GATEWAY_TIMEOUT_MS = 120_000;

export async function startProcess(options: WorldOptions): Promise<Process> {
  const { tenant, life, disk, mutant } = options;
  const clock: Clock = life.clock;
  const ledger = await openLedger({ database: disk.ledger });
  const committer = createInThreadCommitter(disk.queue);
  const queue = { committer, clock, leaseMs: LEASE_MS, dropLeases: true };
  const changes = await openSqliteQueue({ ...queue, messages: changeMessages });
  const writes = await openSqliteQueue({ ...queue, messages: writeMessages });
  const sound = partsOf(options, { ledger, changes, writes });
  const parts = mutant?.parts?.(sound) ?? sound;
  const assembly = assemble(parts);
  const receiver = createReceiver({
    tenants: new Map([[tenant.tenantId, { key: 'contoso' }]]),
    keys: { current: CLIENT_STATE_KEY },
    changes: mutant?.receiverQueue?.(parts.changes, clock) ?? parts.changes,
    clock,
    log: silentLog,
  });
  return { assembly, receiver, ledger: parts.ledger, changes: parts.changes, writes: parts.writes };
}

const print = (card: Card): string => fingerprint(CLIENT_STATE_KEY, card);

function partsOf(options: WorldOptions, stores: Pick<Parts, 'ledger' | 'changes' | 'writes'>): Parts {
  const { tenant, life, random, jobs, mutant } = options;
  const routes = jobs.flatMap(directoryRoutes);
  const { clock } = life;
  const transport = life.guardCall(mutant?.transport?.(tenant.transport, clock) ?? tenant.transport);
  const ledger = life.guard(stores.ledger);
  const halts = createHalts(ledger.halts);
  const connection = connectTenant({
    admits: (operation) => halts.admits(operation),
    cloud: 'global',
    limits: { concurrency: 8, requestsPer10s: 8_000, inlineExtensions: 'unknown' },
    policy: 'economy',
    marks: 'both',
    removal: 'permanent',
    publicUrl: PUBLIC_URL,
    deployment: DEPLOYMENT,
    tokens: freshTokens(tenant),
    attributes: attributesOf(routes, 'contoso'),
    transport,
    clock,
    random,
    log: silentLog,
  });
  const source = options.deaf ? deafened(connection.source) : connection.source;
  const sources = new Map([['contoso', life.guard(source)]]);
  return {
    clock,
    log: silentLog,
    routes,
    configured: routes,
    fingerprint: print,
    bodies: createBodies({ sources, fingerprint: print, ledger }),
    pictures: createPictures({
      sources,
      digest: (...parts) => digest(CLIENT_STATE_KEY, ...parts),
      // The real one works in threads of its own, of which a virtual clock knows nothing.
      scale: async (bytes) => bytes,
    }),
    sources,
    targets: new Map([['contoso', life.guard(connection.target)]]),
    ledger,
    halts,
    changes: life.guard(stores.changes),
    writes: life.guard(stores.writes),
    subscriptions: [
      {
        clock,
        random,
        log: silentLog,
        book: ledger.subscriptions,
        counters: ledger.counters,
        subscriptions: life.guard(connection.subscriptions),
        tenant: 'contoso',
        resources: SUBSCRIBED,
        notificationUrl: `${PUBLIC_URL}/notifications`,
        keyId: 'storm',
        clientState: (resource, nonce) =>
          makeClientState({
            kind: 'notification',
            resource: resource === 'users' ? 'users' : 'groups',
            nonce,
            tenantId: tenant.tenantId,
            key: CLIENT_STATE_KEY,
          }),
      },
    ],
    timing: {
      secondLookMs: [60_000, 300_000],
      gatewayTimeoutMs: GATEWAY_TIMEOUT_MS,
      parkMs: 1_800_000,
      subscriptionCheckMs: 1_800_000,
      outstandingMs: 300_000,
      haltCheckMs: 60_000,
      pollMs: null,
      leaseMs: LEASE_MS,
    },
    untilSweep: options.untilSweep,
    auditNights: options.auditNights,
  };
}

function freshTokens(tenant: Tenant): { token: (refused?: unknown) => Promise<string> } {
  let token: string | null = null;
  return {
    token: async (refused) => {
      if (refused !== undefined || token === null) token = tenant.issueToken();
      return token;
    },
  };
}

/** Mode B: a round from a token reports nobody, so that no sweep can hide what notifications missed. */
function deafened(source: Source): Source {
  return {
    ...source,
    async *changedPeople(token) {
      if (token === null) yield* source.changedPeople(token);
      else yield { items: [], token };
    },
  };
}
