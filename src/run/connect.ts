import type { Operation, Source, Subscriptions, Target } from '../engine/ports.ts';
import type { Config, TenantConfig } from '../kit/config/config.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Transport } from '../kit/transport.ts';
import { createGraphClient } from '../graph/client.ts';
import { originsOf } from '../graph/clouds.ts';
import { createPacker } from '../graph/packer.ts';
import type { PackerOptions } from '../graph/packer-options.ts';
import { createSubscriptionsApi } from '../graph/subscriptions.ts';
import { ThrottleJournal } from '../graph/throttle-journal.ts';
import type { GraphLimits } from '../graph/throttle.ts';
import type { Attribute } from '../model/person.ts';
import type { Route } from '../model/route.ts';
import type { TokenSource } from '../graph/token.ts';
import { createTenantPeople } from '../sources/tenant-people.ts';
import { createManagedFolders } from '../targets/managed-folder.ts';

/** Everything that talks to one tenant, sharing its budget. */
export interface Connection {
  readonly source: Source;
  readonly target: Target;
  readonly subscriptions: Subscriptions;
  /** What Graph asked of us: 429 and the like. */
  readonly throttles: Pick<ThrottleJournal, 'count' | 'after'>;
  /** HTTP requests to Graph so far; token requests not counted. */
  httpRequests(): number;
  /** Contacts created, changed and removed so far. */
  writes(): number;
}

export interface ConnectOptions extends Pick<Config, 'policy' | 'marks' | 'removal'> {
  readonly limits: GraphLimits;
  readonly cloud: TenantConfig['cloud'];
  /** Microsoft's windows unless given. */
  readonly windows?: NonNullable<PackerOptions['windows']>;
  readonly deployment: string;
  /** What the routes want to know of this tenant's people. */
  readonly attributes: readonly Attribute[];
  /** Graph posts to two paths below it; empty where nothing reaches us. */
  readonly publicUrl: string;
  readonly tokens: TokenSource;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** May this operation be sent now? False while its route is stopped. */
  readonly admits: (operation: Operation) => boolean;
}

export function connectTenant(options: ConnectOptions): Connection {
  const { deployment, clock, random, removal, admits, attributes } = options;
  const journal = new ThrottleJournal(clock);
  const client = createGraphClient({ ...options, journal });
  const packer = createPacker({ ...options, client, journal });
  const { openExtensions, contactDelta } = originsOf(options.cloud);
  const marks = openExtensions ? options.marks : 'extendedProperty';
  const folders = createManagedFolders({
    packer,
    deployment,
    marks,
    removal,
    contactDelta,
    clock,
    admits,
  });
  return {
    source: createTenantPeople({ client, packer, clock, random, attributes }),
    target: folders,
    subscriptions: subscriptionsOf(createSubscriptionsApi({ client, clock }), options.publicUrl),
    throttles: journal,
    httpRequests: () => client.requests(),
    writes: () => folders.writes(),
  };
}

/** Every attribute that one of these routes looks at in the people of a tenant; each once, in a steady order. */
export function attributesOf(routes: readonly Route[], tenant: string): Attribute[] {
  const looking = routes.filter(({ sourceTenant, targetTenant }) =>
    [sourceTenant, targetTenant].includes(tenant),
  );
  return [...new Set(looking.flatMap((route) => route.reads))].toSorted();
}

/** Graph posts to two paths of the public URL. */
export function notificationUrl(publicUrl: string): string {
  return `${publicUrl}/notifications`;
}

function subscriptionsOf(api: ReturnType<typeof createSubscriptionsApi>, publicUrl: string): Subscriptions {
  return {
    list: () => api.list(),
    create: (wanted) =>
      api.create({
        ...wanted,
        notificationUrl: notificationUrl(publicUrl),
        lifecycleNotificationUrl: `${publicUrl}/lifecycle`,
      }),
    renew: async (id, expires) => (await api.renew(id, expires)).expires,
    remove: async (id) => void (await api.remove(id)),
  };
}

export const SUBSCRIBED = ['users', 'groups'] as const;
