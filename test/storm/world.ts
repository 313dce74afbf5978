import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Clock } from '../../src/kit/clock.ts';
import { createBodies } from '../../src/engine/bodies.ts';
import { createHalts } from '../../src/engine/halts.ts';
import { createPictures } from '../../src/engine/pictures.ts';
import type { Source } from '../../src/engine/ports.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { routesOf } from '../../src/jobs/routes.ts';
import type { JobConfig } from '../../src/kit/config/config.ts';
import { digest, fingerprint, type Card } from '../../src/model/card.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { assemble, type Assembly, type Parts } from '../../src/run/assemble.ts';
import type { Connection } from '../../src/run/connect.ts';
import { clientStateFor, subscribedIn } from '../../src/run/subscribed.ts';
import { createReceiver, type Receiver } from '../../webhooks/receiver.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { connectAll, PUBLIC_URL } from './connections.ts';
import type { Life } from './gate.ts';
import type { Mutant } from './mutants.ts';
import type { Rhythm } from './plan.ts';

/** What outlives a process: the two databases. */
export interface Disk {
  ledger: Database;
  readonly queue: Database;
}

export function newDisk(): Disk {
  return { ledger: new SqliteDatabase(':memory:'), queue: new SqliteDatabase(':memory:') };
}

export interface WorldOptions extends Rhythm {
  readonly tenant: Tenant;
  /** The configuration: what this process is to do. */
  readonly jobs: readonly JobConfig[];
  /** The other tenant, where people are shown in its Exchange. */
  readonly partner?: Tenant | null;
  readonly disk: Disk;
  readonly life: Life;
  readonly random: Random;
  readonly mutant?: Mutant | undefined;
}

/** One process: the whole service, from the receiver to the mailboxes, over guarded ports. */
export interface Process {
  readonly assembly: Assembly;
  readonly receiver: Receiver;
  readonly ledger: Parts['ledger'];
  /** The same, as another process on the machine has it: what it does there, no crash of this one cuts off. */
  readonly beside: Parts['ledger'];
  readonly changes: Parts['changes'];
  readonly writes: Parts['writes'];
}

export const CLIENT_STATE_KEY = Buffer.from('storm storm storm storm storm storm');
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
  return {
    assembly,
    receiver,
    ledger: parts.ledger,
    beside: ledger,
    changes: parts.changes,
    writes: parts.writes,
  };
}

const print = (card: Card): string => fingerprint(CLIENT_STATE_KEY, card);

function partsOf(options: WorldOptions, stores: Pick<Parts, 'ledger' | 'changes' | 'writes'>): Parts {
  const { tenant, partner = null, life, random, jobs, mutant } = options;
  const routes = jobs.flatMap(routesOf);
  const { clock } = life;
  const ledger = life.guard(stores.ledger);
  const halts = createHalts(ledger.halts);
  const onWire = (transport: Transport): Transport => mutant?.transport?.(transport, clock) ?? transport;
  const connections = connectAll({ tenant, partner, routes, halts, life, random, onWire });
  const heard = ({ source }: Connection): Source => (options.deaf ? deafened(source) : source);
  const sources = new Map([...connections].map(([key, one]) => [key, life.guard(heard(one))]));
  return {
    clock,
    log: silentLog,
    routes,
    configured: routes,
    fingerprint: print,
    digest: (...parts) => digest(CLIENT_STATE_KEY, ...parts),
    bodies: createBodies({ sources, fingerprint: print, ledger }),
    pictures: createPictures({
      sources,
      digest: (...parts) => digest(CLIENT_STATE_KEY, ...parts),
      // The real one works in threads of its own, of which a virtual clock knows nothing.
      scale: async (bytes) => bytes,
    }),
    sources,
    targets: new Map([...connections].map(([key, { target }]) => [key, life.guard(target)])),
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
        changes: life.guard(stores.changes),
        subscriptions: life.guard(subscriptionsOf(connections)),
        tenant: 'contoso',
        resources: subscribedIn('contoso', routes, ledger),
        notificationUrl: `${PUBLIC_URL}/notifications`,
        keyId: 'storm',
        clientState: (resource, nonce) =>
          clientStateFor(resource, { nonce, tenantId: tenant.tenantId, key: CLIENT_STATE_KEY }),
      },
    ],
    timing: {
      secondLookMs: [60_000, 300_000],
      gatewayTimeoutMs: GATEWAY_TIMEOUT_MS,
      parkMs: 1_800_000,
      subscriptionCheckMs: 1_800_000,
      outstandingMs: 300_000,
      haltCheckMs: 60_000,
      pollMs: options.pollMs,
      leaseMs: LEASE_MS,
    },
    untilSweep: options.untilSweep,
    auditNights: options.auditNights,
  };
}

/** Mode B: a round from a token reports no users, so that no sweep can hide what notifications missed. */
function deafened(source: Source): Source {
  return {
    ...source,
    async *changedPeople(token, listing) {
      if (token === null || listing === 'contacts') yield* source.changedPeople(token, listing);
      else yield { items: [], token };
    },
  };
}

function subscriptionsOf(connections: ReadonlyMap<string, Connection>): Connection['subscriptions'] {
  const subscriptions = connections.get('contoso')?.subscriptions;
  if (!subscriptions) throw new Error('The tenant of the people is connected.');
  return subscriptions;
}
