import SqliteDatabase from 'better-sqlite3';
import type { ActiveRoute, Needs } from '../../src/engine/needs.ts';
import type { SubscriptionNeeds } from '../../src/engine/subscribe.ts';
import { directoryRoutes } from '../../src/jobs/directory.ts';
import { eventOf } from '../../src/kit/events/catalogue.ts';
import { silentLog, type Log } from '../../src/kit/log.ts';
import { openLedger } from '../../src/ledger/open.ts';
import type { Change } from '../../src/model/change.ts';
import type { Sharing } from '../../src/model/route.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { connectTenant, notificationUrl, wantedOf } from '../../src/run/connect.ts';
import { clientStateFor, subscribedIn } from '../../src/run/subscribed.ts';
import { createReceiver, type Receiver } from '../../webhooks/receiver.ts';
import { LIMITS, TENANT } from '../bench/service.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { deliverTo } from '../storm/receive.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { CONTACT_ROLES } from '../tenant/listening.ts';
import type { Switches } from '../tenant/options.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';

const PUBLIC_URL = 'https://sync.club.example';
const KEY = Buffer.from('a key for the mailboxes of a club');

/** Mailboxes that share contacts, and what keeps us told of them: driver, receiver, ledger and queue are the real ones. */
export interface Club {
  readonly clock: VirtualClock;
  readonly tenant: Tenant;
  readonly needs: SubscriptionNeeds;
  readonly engine: Pick<Needs, 'routes' | 'ledger' | 'changes' | 'writes' | 'clock' | 'timing'>;
  /** The keys of what was logged as a warning. */
  readonly warnings: Record<string, unknown>[];
  /** A licensed person whose place in the route is known, filled and trusted; returns the object id. */
  join(route: ActiveRoute, folder?: string | null): Promise<string>;
  /** The changes that are due, taken off the queue: kind, id and causes. */
  told(): Promise<string[]>;
  /** What there is a subscription to, in the order of the alphabet. */
  subscribed(): string[];
}

/** Routes in which members share their own folder (`own`) or one of that name (`named`). */
export async function openClub({ switches = {} }: { readonly switches?: Partial<Switches> } = {}): Promise<
  Club & { readonly own: ActiveRoute; readonly named: ActiveRoute }
> {
  let receiver: Receiver | null = null;
  const clock = new VirtualClock({ settleRounds: 8 });
  const tenant = createTenant({
    clock,
    random: seededRandom(1),
    auth: 'open',
    app: { roles: CONTACT_ROLES },
    latencyMs: 20,
    deliver: deliverTo(() => receiver),
    switches: { staleMs: 0, ...switches },
  });
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  const committer = createInThreadCommitter(new SqliteDatabase(':memory:'));
  const changes = await openSqliteQueue({ committer, messages: changeMessages, clock, leaseMs: 90_000 });
  const writes = await openSqliteQueue({ committer, messages: writeMessages, clock, leaseMs: 90_000 });
  const tenants = new Map([[tenant.tenantId, { key: TENANT }]]);
  receiver = createReceiver({ tenants, keys: { current: KEY }, changes, clock, log: silentLog });
  const sharing = async (id: string, stands: Sharing['stands']): Promise<ActiveRoute> => {
    const route = sharingRoute(id, stands);
    const { key } = await ledger.routes.save({ ...route, state: 'active' });
    return { ...route, key };
  };
  const [own, named] = [await sharing('club/own', 'default'), await sharing('club/named', 'named')];
  const routes = [own, named];
  const warnings: Club['warnings'] = [];
  const log: Log = {
    ...silentLog,
    tell: (event, keys) => void (eventOf(event).level === 'warn' && warnings.push({ ...keys })),
  };
  const needs: SubscriptionNeeds = {
    clock,
    random: seededRandom(4),
    log,
    book: ledger.subscriptions,
    counters: ledger.counters,
    changes,
    subscriptions: connect(tenant, clock).subscriptions,
    tenant: TENANT,
    resources: subscribedIn(TENANT, routes, ledger),
    notificationUrl: notificationUrl(PUBLIC_URL),
    keyId: 'club',
    clientState: (resource, nonce) =>
      clientStateFor(resource, { nonce, tenantId: tenant.tenantId, key: KEY }),
  };
  const timing = { secondLookMs: [60_000, 300_000], gatewayTimeoutMs: 120_000, parkMs: 3_600_000 } as const;
  return {
    clock,
    tenant,
    needs,
    engine: { routes, ledger, changes, writes, clock, timing },
    warnings,
    own,
    named,
    join: async ({ key }, folder = 'standing:') => {
      const { id } = tenant.directory.addUser({ assignedLicenses: [mailboxLicense] });
      const { slab } = await ledger.mailboxes.join(TENANT, id, key);
      const place = (await ledger.places.ofSlab(TENANT, slab)).find(({ owner }) => owner === id);
      if (!place) throw new Error('Whoever joined has a place.');
      await ledger.places.update([{ ...place, folder, trusted: true, filled: true }]);
      return id;
    },
    told: async () => {
      await clock.run(clock.now() + 5_000);
      const deliveries = await changes.take({ keys: 1_000, messages: 100 });
      for (const one of deliveries)
        await changes.settle(one, new Map(one.messages.map(({ id }) => [id, { kind: 'done' }])));
      return deliveries.flatMap(({ messages }) => messages.map(({ body }) => lineOf(body))).toSorted();
    },
    subscribed: () =>
      tenant.subscriptions
        .all()
        .map(({ resource }) => resource)
        .toSorted(),
  };
}

function lineOf({ kind, id, causes }: Change): string {
  return `${kind} ${id} ${causes.join('+')}`;
}

function sharingRoute(id: string, stands: Sharing['stands']): Omit<ActiveRoute, 'key'> {
  const [route] = directoryRoutes({
    id: 'club',
    kind: 'directory',
    tenant: TENANT,
    source: { groups: [] },
    target: { kind: 'licensed' },
    folder: 'All Contacts',
    mapping: SEED_MAPPING,
    guard: { count: 1_000, percent: 100 },
  });
  if (!route) throw new Error('A job has a route.');
  const shares: Sharing = { stands, onDelete: 'keep', updates: true, stamps: false, isPrivate: () => false };
  return { ...route, id, shares };
}

function connect(tenant: Tenant, clock: VirtualClock): ReturnType<typeof connectTenant> {
  const token = tenant.issueToken();
  return connectTenant({
    admits: () => true,
    cloud: 'global',
    limits: LIMITS,
    policy: 'economy',
    marks: 'both',
    removal: 'permanent',
    deployment: 'club',
    publicUrl: PUBLIC_URL,
    tokens: { token: async () => token },
    ...wantedOf([], TENANT),
    transport: tenant.transport,
    clock,
    random: seededRandom(3),
    log: silentLog,
  });
}
