import type { Operation, Source, Target, Urgency } from '../engine/ports.ts';
import type { Subscriptions } from '../engine/subscription-port.ts';
import type { Config, TenantConfig } from '../kit/config/config.ts';
import { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Transport } from '../kit/transport.ts';
import { findAddressOwners, readAddressOwner } from '../graph/address-owners.ts';
import { createGraphClient } from '../graph/client.ts';
import { originsOf } from '../graph/clouds.ts';
import { createPacker } from '../graph/packer.ts';
import type { PackerOptions } from '../graph/packer-options.ts';
import { createSubscriptionsApi } from '../graph/subscriptions.ts';
import { ThrottleJournal } from '../graph/throttle-journal.ts';
import { createThrottle, type GraphLimits, type Share, type Throttle } from '../graph/throttle.ts';
import type { Attribute } from '../model/person.ts';
import type { Route, Sharing } from '../model/route.ts';
import type { TokenSource } from '../graph/token.ts';
import { createBook, type BookOptions } from '../sources/book.ts';
import { createTenantPeople } from '../sources/tenant-people.ts';
import { createManagedFolders } from '../targets/managed-folder.ts';

/** Everything that talks to one tenant, sharing its budget. */
export interface Connection {
  readonly source: Source;
  readonly target: Target;
  readonly subscriptions: Subscriptions;
  /** A book of contacts that the tenant's mailboxes share. */
  readonly book: (options: Omit<BookOptions, 'packer'>) => Source;
  /** Whether a user or guest of the tenant has the address. */
  readonly owners: (address: string, urgency: Urgency) => Promise<'guest' | 'user' | null>;
  /** What Graph asked of us: 429 and the like. */
  readonly throttles: Pick<ThrottleJournal, 'count' | 'after' | 'counts'>;
  /** How it answered since this process started. */
  readonly answers: Pick<Answers, 'all'>;
  /** What Graph asked of a process before this one is kept to. */
  restore: Throttle['restore'];
  /** What of the tenant's limits is this process's, from now on. */
  take(share: Share): void;
  /** HTTP requests to Graph so far; token requests not counted. */
  httpRequests(): number;
  /** Contacts created, changed and removed so far. */
  writes(): number;
  /** Ends what it has started. */
  close(): Promise<void>;
}

export interface ConnectOptions extends Pick<Config, 'policy' | 'marks' | 'removal'> {
  readonly limits: GraphLimits;
  readonly cloud: TenantConfig['cloud'];
  /** Microsoft's windows unless given. */
  readonly windows?: NonNullable<PackerOptions['windows']>;
  readonly deployment: string;
  /** What the routes want to know of this tenant's people. */
  readonly attributes: readonly Attribute[];
  /** Contacts of the organisation may be shown by one of them. */
  readonly contacts: boolean;
  /** Groups that have an address may be, too. */
  readonly mailGroups: boolean;
  /** Routes whose folder may be one that was there before us. */
  readonly stands: ReadonlyMap<string, Sharing['stands']>;
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
  const { deployment, clock, random, admits, attributes, contacts, mailGroups } = options;
  const journal = new ThrottleJournal(clock);
  const answers = new Answers();
  const client = createGraphClient({ ...options, journal, answers });
  const throttle = createThrottle(options);
  const packer = createPacker({ ...options, client, journal, answers, throttle });
  const { openExtensions, contactDelta, permanentDelete } = originsOf(options.cloud);
  const marks = openExtensions ? options.marks : 'extendedProperty';
  const removal = permanentDelete ? options.removal : 'deletedItems';
  const folders = createManagedFolders({
    packer,
    deployment,
    marks,
    removal,
    contactDelta,
    clock,
    stands: options.stands,
    admits,
  });
  return {
    source: createTenantPeople({ client, packer, clock, random, attributes, contacts, mailGroups }),
    target: folders,
    book: (book) => createBook({ ...book, packer }),
    subscriptions: subscriptionsOf(createSubscriptionsApi({ client, clock }), options.publicUrl),
    owners: async (address, urgency) =>
      readAddressOwner(await packer.call(findAddressOwners(address, urgency))),
    throttles: journal,
    answers,
    restore: (scope, until) => throttle.restore(scope, until),
    take: (share) => throttle.take(share),
    httpRequests: () => client.requests(),
    writes: () => folders.writes(),
    close: async () => {},
  };
}

/**
 * What these routes want to know of the people of a tenant: every attribute that one of them looks at, each once, in a steady
 * order; and whether contacts, or groups, are among those people.
 */
export function wantedOf(
  routes: readonly Route[],
  tenant: string,
): Pick<ConnectOptions, 'attributes' | 'contacts' | 'mailGroups' | 'stands'> {
  const looking = routes.filter(({ sourceTenant, targetTenant }) =>
    [sourceTenant, targetTenant].includes(tenant),
  );
  return {
    attributes: [...new Set(looking.flatMap((route) => route.reads))].toSorted(),
    contacts: routes.some(({ sourceTenant, contacts }) => sourceTenant === tenant && contacts),
    mailGroups: routes.some(({ sourceTenant, mailGroups }) => sourceTenant === tenant && mailGroups),
    stands: new Map(routes.flatMap(({ id, shares }) => (shares ? [[id, shares.stands] as const] : []))),
  };
}

/** Graph posts to two paths of the public URL. */
export function notificationUrl(publicUrl: string): string {
  return `${publicUrl}/notifications`;
}

function subscriptionsOf(api: ReturnType<typeof createSubscriptionsApi>, publicUrl: string): Subscriptions {
  return {
    list: () => api.list(),
    create: ({ mailbox, ...wanted }) =>
      api.create({
        ...wanted,
        immutableIds: mailbox !== null,
        notificationUrl: notificationUrl(publicUrl),
        lifecycleNotificationUrl: `${publicUrl}/lifecycle`,
      }),
    renew: async (id, expires, longestMs) => (await api.renew(id, expires, longestMs)).expires,
    remove: async (id) => void (await api.remove(id)),
  };
}

/** Of a connection that keeps no journal of its own. */
export const NO_THROTTLES: Connection['throttles'] = { count: 0, after: () => [], counts: () => [] };

/** Of a connection beside another one, where nobody is told of anything. */
export function noSubscriptions(where: string): Subscriptions {
  const refuse = (): Promise<never> => Promise.reject(new Error(`${where} has no subscriptions.`));
  return { list: async () => [], create: refuse, renew: refuse, remove: async () => {} };
}
