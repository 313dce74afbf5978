import type { Clock } from '../kit/clock.ts';
import type { Random } from '../kit/random.ts';
import { adaptiveConcurrency, type Health } from '../kit/adaptive-concurrency.ts';
import { ExtensionPool } from './extension-pool.ts';
import { MailboxStates, type Windows } from './mailbox-states.ts';
import { Rest } from '../kit/rest.ts';
import { SlidingBudget } from './sliding-budget.ts';

/** Sub-requests in one batch: learn.microsoft.com/graph/json-batching. */
export const BATCH_LARGEST = 20;
/** Sub-requests of one batch that Graph runs against Outlook at a time: learn.microsoft.com/graph/throttling-limits. */
export const BATCH_PARALLEL = 4;
/** Concurrent requests of one app to one mailbox: learn.microsoft.com/graph/throttling-limits, Outlook. */
export const MAILBOX_CONCURRENT = 4;
/** Requests that work on open extensions, of one app in one tenant: same page. Whether inline ones count is not said. */
const EXTENSION_REQUESTS = 455;
/**
 * Windows in which an app is counted: requests to one mailbox; bytes that POST, PATCH and PUT carry to it; resource units
 * of the directory in a tenant of more than 500 people (those with fewer have fewer, and less to read): same page. Each
 * of our reads costs one unit. A bench that plays a large tenant in small scales them.
 */
const WINDOWS: Windows = {
  mailbox: { count: 10_000, spanMs: 600_000 },
  upload: { count: 150 * 1024 * 1024, spanMs: 300_000 },
  directory: { count: 8_000, spanMs: 10_000 },
};
/** `x-ms-throttle-limit-percentage` is told from this share on: same page. */
const SHARE_TOLD_FROM = 0.8;
/** However little of the directory's pool seems to be left for us: reading goes on. */
const DIRECTORY_LEAST = 100;
/** A batch carries at most 4 MB: learn.microsoft.com/graph/use-the-api. That much must be free before more is uploaded. */
const UPLOAD_LARGEST = 4 * 1024 * 1024;
/** The span of the tenant's configured budget; the app's own ceiling over all tenants is 130,000 in it: same page. */
const TENANT_SPAN_MS = 10_000;
/** Ids in the `$filter` of one delta query: learn.microsoft.com/graph/delta-query-overview. */
export const DELTA_FILTER_IDS = 50;
/** A `users` or `groups` subscription lives at most 41,760 minutes: learn.microsoft.com/graph/change-notifications-overview. */
export const DIRECTORY_SUBSCRIPTION_LONGEST_MS = 41_760 * 60_000;
/** One to contacts 10,080, without resource data: same page. */
export const CONTACT_SUBSCRIPTION_LONGEST_MS = 10_080 * 60_000;
/** Entries of a contact's multi-value fields, found in live answers (400 beyond): github.com/microsoftgraph/microsoft-graph-docs issue 15276. */
export const CONTACT_EMAIL_ADDRESSES = 3;
export const CONTACT_BUSINESS_PHONES = 2;
/** By analogy: nobody has written down what Exchange answers to one more. */
export const CONTACT_HOME_PHONES = 2;
export const CONTACT_IM_ADDRESSES = 3;
/** Contacts on one page, accepted by the service (`$top`): github.com/microsoftgraph/microsoft-graph-docs issue 4798. */
export const CONTACT_PAGE_LARGEST = 1_000;

export interface GraphLimits {
  /** Batches in flight, at most. */
  readonly concurrency: number;
  /** Sub-requests in any 10 seconds, at most. */
  readonly requestsPer10s: number;
  /** Whether extensions inside a create count against the pool of extensions; `unknown` unless given. */
  readonly inlineExtensions?: 'counted' | 'uncounted' | 'unknown';
}

/** What of a tenant's limits is this process's: all of them, unless others work for the tenant as well. */
export interface Share {
  /** Of the batches in flight: above 0, to 1. */
  readonly concurrency: number;
  /** Of everything that is counted in a window of 10 seconds: above 0, to 1. */
  readonly windows: number;
}

export interface ThrottleOptions {
  readonly limits: GraphLimits;
  /** Microsoft's windows unless given. */
  readonly windows?: Partial<Windows>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Calls per mailbox in one batch, and its place in the order of sending. */
export interface Ticket {
  readonly order: number;
  readonly calls: ReadonlyMap<string, number>;
}

/** What in a batch counts against more than the number of calls. */
export interface Weight {
  /** Calls that work on open extensions. */
  readonly extensions: number;
  /** Bytes of binary bodies, by mailbox. The rest is small: 10,000 contacts, a mailbox's ten minutes, are under 20 MB. */
  readonly uploads: ReadonlyMap<string, number>;
}

const WEIGHTLESS: Weight = { extensions: 0, uploads: new Map() };

/**
 * What one tenant has been asked and has asked us to do. A mailbox is free, full (four calls at work, or its ten
 * minutes used up) or resting (until its not-before); the tenant as a whole likewise. A rest is only ever prolonged:
 * a shorter Retry-After never replaces a longer one. The key `''` stands for calls that touch no mailbox.
 */
export interface Throttle {
  /** How many more calls of this mailbox may join a batch that holds `joined` of it already. */
  room(mailbox: string, joined: number): number;
  /** Some of its four are at work: a batch is under way that will end. */
  isAtWork(mailbox: string): boolean;
  /** Until when the mailbox rests, or has used up its ten minutes; 0 when it does not. Milliseconds since 1970. */
  restsUntil(mailbox: string): number;
  /** When `calls` more may be sent to the tenant at the earliest; `Infinity` while every slot is taken. */
  sendableAt(calls: number): number;
  /** Until when the tenant as a whole asked to wait; 0 when it did not. */
  tenantRestsUntil(): number;
  /** How many more batches may be sent now. */
  spareBatches(): number;
  /** Batches that may be in flight together. */
  window(): number;
  begin(calls: ReadonlyMap<string, number>, weight?: Weight): Ticket;
  /** Calls on open extensions that may be sent now, and from when on as many as asked for may be. */
  readonly extensions: Pick<ExtensionPool, 'room' | 'roomAt' | 'isCounted' | 'answered'>;
  /**
   * The share of its pool that the directory told of (0.8 and more), or none: what we spent is that share of what is there
   * for us, others of the same app included.
   */
  directoryShare(share: number | undefined): void;
  end(ticket: Ticket, health: Health): void;
  /** A mailbox asked to wait, until `retryAt` if it said so. Returns until when it rests now. */
  mailboxRefused(mailbox: string, ticket: Ticket, retryAt?: number): number;
  /** `mayPass`: a 503, which may come from one machine of many, while others answer. */
  tenantRefused(ticket: Ticket, retryAt?: number, mayPass?: boolean): number;
  /** A call succeeded: the next wait without a Retry-After starts small again. */
  mailboxAnswered(mailbox: string): void;
  tenantAnswered(): void;
  /** Brings back what the source or the tenant as a whole asked of a process before: a not-before, in milliseconds since 1970. */
  restore(scope: 'source' | 'tenant', until: number): void;
  /**
   * The share of the tenant's limits, from now on. However small it is: one batch may be in flight, and a window takes a full
   * one. What one mailbox takes is not shared: one process at a time works on it.
   */
  take(share: Share): void;
}

export function createThrottle({ limits, clock, random, windows }: ThrottleOptions): Throttle {
  const batches = adaptiveConcurrency(limits.concurrency);
  const budget = new SlidingBudget(limits.requestsPer10s, TENANT_SPAN_MS);
  const tenant = new Rest();
  const mailboxes = new MailboxStates({ ...WINDOWS, ...windows }, UPLOAD_LARGEST);
  const pool = { count: EXTENSION_REQUESTS, spanMs: TENANT_SPAN_MS };
  const extensions = new ExtensionPool(pool, limits.inlineExtensions ?? 'unknown');
  const directoryUnits = mailboxes.windows.directory.count;

  return {
    room: (key, joined) => {
      const { atWork, budget } = mailboxes.of(key);
      if (key === '') return Math.max(0, budget.room(clock.now()) - joined);
      // Beyond four of one mailbox in one batch, Graph itself keeps the fifth waiting.
      const concurrent = atWork === 0 ? Infinity : MAILBOX_CONCURRENT - atWork - joined;
      return Math.max(0, Math.min(budget.room(clock.now()) - joined, concurrent));
    },
    isAtWork: (key) => (mailboxes.find(key)?.atWork ?? 0) > 0,
    restsUntil: (key) => mailboxes.restsUntil(key, clock.now()),
    sendableAt: (calls) =>
      batches.spare() > 0 ? Math.max(tenant.until, budget.roomAt(calls, clock.now())) : Infinity,
    tenantRestsUntil: () => (tenant.until > clock.now() ? tenant.until : 0),
    spareBatches: () => batches.spare(),
    window: () => batches.window(),
    extensions,
    directoryShare: (share) => {
      const { budget } = mailboxes.of('');
      const { count } = mailboxes.windows.directory;
      const ours = Math.floor(budget.spent(clock.now()) / (share ?? SHARE_TOLD_FROM));
      if (share === undefined && ours <= budget.limit) return;
      budget.limitTo(Math.min(count, Math.max(DIRECTORY_LEAST, ours)));
    },
    begin: (calls, { extensions: extended, uploads } = WEIGHTLESS) => {
      const now = clock.now();
      extensions.spend(extended, now);
      for (const [key, bytes] of uploads) mailboxes.uploaded(key, bytes, now);
      for (const [key, count] of calls) {
        const mailbox = mailboxes.of(key);
        mailbox.atWork += Math.min(count, BATCH_PARALLEL);
        mailbox.budget.spend(count, now);
        budget.spend(count, now);
      }
      return { order: batches.begin(), calls };
    },
    end: ({ order, calls }, health) => {
      for (const [key, count] of calls) mailboxes.of(key).atWork -= Math.min(count, BATCH_PARALLEL);
      batches.end(order, health);
      mailboxes.tidy(clock.now());
    },
    mailboxRefused: (key, { order }, retryAt) => {
      const { rest } = mailboxes.of(key);
      rest.refuse({ now: clock.now(), batch: order, retryAt }, random);
      return rest.until;
    },
    tenantRefused: ({ order }, retryAt, mayPass = false) => {
      tenant.refuse({ now: clock.now(), batch: order, retryAt, mayPass }, random);
      return tenant.until;
    },
    mailboxAnswered: (key) => mailboxes.find(key)?.rest.answered(),
    tenantAnswered: () => tenant.answered(),
    restore: (scope, until) => (scope === 'tenant' ? tenant : mailboxes.of('').rest).prolong(until),
    take: ({ concurrency, windows: part }) => {
      const of = (whole: number): number => Math.max(BATCH_LARGEST, Math.floor(whole * part));
      batches.limitTo(Math.max(1, Math.floor(limits.concurrency * concurrency)));
      budget.limitTo(Math.min(limits.requestsPer10s, of(limits.requestsPer10s)));
      extensions.limitTo(of(EXTENSION_REQUESTS));
      mailboxes.limitDirectory(Math.min(directoryUnits, of(directoryUnits)));
    },
  };
}
