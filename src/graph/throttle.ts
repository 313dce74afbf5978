import type { Clock } from '../kit/clock.ts';
import type { Random } from '../kit/random.ts';
import { adaptiveConcurrency, type Health } from './adaptive-concurrency.ts';
import { Rest } from './rest.ts';
import { SlidingBudget } from './sliding-budget.ts';

/** Sub-requests in one batch: learn.microsoft.com/graph/json-batching. */
export const BATCH_LARGEST = 20;
/** Sub-requests of one batch that Graph runs against Outlook at a time: learn.microsoft.com/graph/throttling-limits. */
export const BATCH_PARALLEL = 4;
/** Concurrent requests of one app to one mailbox: learn.microsoft.com/graph/throttling-limits, Outlook. */
export const MAILBOX_CONCURRENT = 4;
/** Requests of one app to one mailbox in ten minutes: same page. */
const MAILBOX_REQUESTS = { count: 10_000, spanMs: 600_000 } as const;
/** The span of the tenant's configured budget; the app's own ceiling over all tenants is 130,000 in it: same page. */
const TENANT_SPAN_MS = 10_000;
/** Ids in the `$filter` of one delta query: learn.microsoft.com/graph/delta-query-overview. */
export const DELTA_FILTER_IDS = 50;
/** A `users` or `groups` subscription lives at most 41,760 minutes: learn.microsoft.com/graph/change-notifications-overview. */
export const DIRECTORY_SUBSCRIPTION_LONGEST_MS = 41_760 * 60_000;
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
}

export interface ThrottleOptions {
  readonly limits: GraphLimits;
  readonly clock: Clock;
  readonly random: Random;
}

/** Calls per mailbox in one batch, and its place in the order of sending. */
export interface Ticket {
  readonly order: number;
  readonly calls: ReadonlyMap<string, number>;
}

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
  begin(calls: ReadonlyMap<string, number>): Ticket;
  end(ticket: Ticket, health: Health): void;
  /** A mailbox asked to wait, until `retryAt` if it said so. Returns until when it rests now. */
  mailboxRefused(mailbox: string, ticket: Ticket, retryAt?: number): number;
  tenantRefused(ticket: Ticket, retryAt?: number): number;
  /** A call succeeded: the next wait without a Retry-After starts small again. */
  mailboxAnswered(mailbox: string): void;
  tenantAnswered(): void;
  /** Brings back a not-before that was kept over a restart. */
  restore(mailbox: string, retryAt: number): void;
}

class Mailbox {
  readonly rest = new Rest();
  readonly budget: SlidingBudget;
  /** Calls that Graph may be running against it at this moment. */
  atWork = 0;

  constructor(limit: number) {
    this.budget = new SlidingBudget(limit, MAILBOX_REQUESTS.spanMs);
  }

  idle(now: number): boolean {
    return this.atWork === 0 && this.rest.until <= now && this.budget.idle(now);
  }
}

class Mailboxes {
  readonly #known = new Map<string, Mailbox>();
  #tidiedAt = 0;

  find(key: string): Mailbox | undefined {
    return this.#known.get(key);
  }

  of(key: string): Mailbox {
    let mailbox = this.#known.get(key);
    if (mailbox === undefined) {
      mailbox = new Mailbox(key === '' ? Infinity : MAILBOX_REQUESTS.count);
      this.#known.set(key, mailbox);
    }
    return mailbox;
  }

  /** Forgets, once per window, the mailboxes of which nothing need be remembered. */
  tidy(now: number): void {
    if (now - this.#tidiedAt < MAILBOX_REQUESTS.spanMs) return;
    this.#tidiedAt = now;
    for (const [key, mailbox] of this.#known) if (mailbox.idle(now)) this.#known.delete(key);
  }
}

export function createThrottle({ limits, clock, random }: ThrottleOptions): Throttle {
  const batches = adaptiveConcurrency(limits.concurrency);
  const budget = new SlidingBudget(limits.requestsPer10s, TENANT_SPAN_MS);
  const tenant = new Rest();
  const mailboxes = new Mailboxes();

  return {
    room: (key, joined) => {
      if (key === '') return Infinity;
      const { atWork, budget } = mailboxes.of(key);
      // Beyond four of one mailbox in one batch, Graph itself keeps the fifth waiting.
      const concurrent = atWork === 0 ? Infinity : MAILBOX_CONCURRENT - atWork - joined;
      return Math.max(0, Math.min(budget.room(clock.now()) - joined, concurrent));
    },
    isAtWork: (key) => (mailboxes.find(key)?.atWork ?? 0) > 0,
    restsUntil: (key) => {
      const mailbox = mailboxes.find(key);
      const now = clock.now();
      const until = mailbox === undefined ? 0 : Math.max(mailbox.rest.until, mailbox.budget.roomAt(1, now));
      return until > now ? until : 0;
    },
    sendableAt: (calls) =>
      batches.spare() > 0 ? Math.max(tenant.until, budget.roomAt(calls, clock.now())) : Infinity,
    tenantRestsUntil: () => (tenant.until > clock.now() ? tenant.until : 0),
    spareBatches: () => batches.spare(),
    window: () => batches.window(),
    begin: (calls) => {
      const now = clock.now();
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
    tenantRefused: ({ order }, retryAt) => {
      tenant.refuse({ now: clock.now(), batch: order, retryAt }, random);
      return tenant.until;
    },
    mailboxAnswered: (key) => mailboxes.find(key)?.rest.answered(),
    tenantAnswered: () => tenant.answered(),
    restore: (key, retryAt) => mailboxes.of(key).rest.prolong(retryAt),
  };
}
