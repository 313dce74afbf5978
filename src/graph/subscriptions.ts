import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';
import { at } from './call.ts';
import type { GraphClient, GraphRequest } from './client.ts';
import { IMMUTABLE_IDS } from './contacts.ts';
import { classify, faultOf, unreadable, type GraphAnswer } from './faults.ts';
import { list, text } from '../kit/json.ts';
import { readRetryAfter } from '../kit/retry-after.ts';
import { CONTACT_SUBSCRIPTION_LONGEST_MS, DIRECTORY_SUBSCRIPTION_LONGEST_MS } from './throttle.ts';

export interface Subscription {
  readonly id: string;
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  /** As Graph granted it, which may be later than asked (floor of 45 minutes). Milliseconds since 1970. */
  readonly expires: number;
}

/** What Graph takes of a resource. */
export interface SubscriptionTerms {
  readonly changeType: string;
  readonly longestMs: number;
}

/** `created` is not for users and groups: learn.microsoft.com/graph/api/resources/subscription. A new object comes as `updated`. */
export const DIRECTORY_TERMS: SubscriptionTerms = {
  changeType: 'updated,deleted',
  longestMs: DIRECTORY_SUBSCRIPTION_LONGEST_MS,
};
export const CONTACT_TERMS: SubscriptionTerms = {
  changeType: 'created,updated,deleted',
  longestMs: CONTACT_SUBSCRIPTION_LONGEST_MS,
};

export interface WantedSubscription extends SubscriptionTerms {
  readonly resource: string;
  readonly notificationUrl: string;
  /** Cannot be added later: learn.microsoft.com/graph/change-notifications-lifecycle-events. */
  readonly lifecycleNotificationUrl: string;
  /** At most 128 characters; Graph returns it with every notification, never in a list. */
  readonly clientState: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Notifications name items by ids that stand for ever: learn.microsoft.com/graph/outlook-immutable-id. */
  readonly immutableIds: boolean;
}

export interface SubscriptionsApi {
  /**
   * Graph calls both URLs before it answers. Throws `conflict` when this app has one for the same resource already,
   * `invalid` (`ValidationError`) when the receiver was not reached, `quota` when there are too many.
   */
  create(wanted: WantedSubscription): Promise<Subscription>;
  /** This app's subscriptions, all pages. Sparingly: 25 lists in 20 seconds for an app and tenant (learn.microsoft.com/graph/throttling-limits). */
  list(): Promise<Subscription[]>;
  /** Renews and re-authorizes. Throws `not-found` when it has expired. */
  renew(id: string, expires: number, longestMs: number): Promise<Subscription>;
  /** `absent`: there was none any more. */
  remove(id: string): Promise<'removed' | 'absent'>;
}

const CLOCK_SKEW_MS = 5 * 60_000;
export function createSubscriptionsApi({
  client,
  clock,
}: {
  client: GraphClient;
  clock: Clock;
}): SubscriptionsApi {
  /** A later end than Graph allows is asked for as the latest, less what our clock may be ahead of theirs. */
  const isoExpiry = (expires: number, longestMs: number): string =>
    new Date(Math.min(expires, clock.now() + longestMs - CLOCK_SKEW_MS)).toISOString();
  const ask = async (request: GraphRequest): Promise<GraphAnswer> => {
    const answer = await client.send(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw faultOf(classify(answer, request), { retryAt: readRetryAfter(answer.headers, clock.now()) });
  };
  return {
    create: async ({ expires, longestMs, immutableIds, ...wanted }) => {
      const body = {
        ...wanted,
        expirationDateTime: isoExpiry(expires, longestMs),
        latestSupportedTlsVersion: 'v1_2',
      };
      const headers = immutableIds ? IMMUTABLE_IDS : {};
      return readSubscription(await ask({ method: 'POST', url: '/subscriptions', headers, body }), 'POST');
    },
    list: async () => {
      const found: Subscription[] = [];
      const seen = new Set<string>();
      for (let url: string | null = '/subscriptions'; url !== null;) {
        if (seen.has(url))
          throw new Fault('unavailable', 'the pages of a list lead in a circle', { code: 'NextLinkLoop' });
        seen.add(url);
        const answer: GraphAnswer = await ask({ method: 'GET', url });
        found.push(...itemsOf(answer).map((body) => readSubscription({ ...answer, body }, 'GET')));
        url = text(answer.body, '@odata.nextLink');
      }
      return found;
    },
    renew: async (id, expires, longestMs) => {
      const body = { expirationDateTime: isoExpiry(expires, longestMs) };
      return readSubscription(await ask({ method: 'PATCH', url: at`/subscriptions/${id}`, body }), 'PATCH');
    },
    remove: async (id) => {
      try {
        await ask({ method: 'DELETE', url: at`/subscriptions/${id}` });
        return 'removed';
      } catch (error) {
        if (error instanceof Fault && error.kind === 'not-found') return 'absent';
        throw error;
      }
    },
  };
}

function itemsOf(answer: GraphAnswer): readonly unknown[] {
  const items = list(answer.body, 'value');
  if (items === undefined) throw unreadable(answer.status, 'GET');
  return items;
}

function readSubscription(answer: GraphAnswer, method: string): Subscription {
  const { body } = answer;
  const id = text(body, 'id');
  const resource = text(body, 'resource');
  const expires = Date.parse(text(body, 'expirationDateTime') ?? '');
  if (id === null || resource === null || Number.isNaN(expires)) throw unreadable(answer.status, method);
  return {
    id,
    resource,
    changeType: text(body, 'changeType') ?? '',
    notificationUrl: text(body, 'notificationUrl') ?? '',
    lifecycleNotificationUrl: text(body, 'lifecycleNotificationUrl'),
    expires,
  };
}
