import { Fault } from '../model/fault.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Counters, SubscriptionBook } from './ledger-books.ts';
import type { Subscriptions, SubscriptionState } from './subscription-port.ts';

/** What keeps the subscriptions of one tenant true. */
export interface SubscriptionNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly book: SubscriptionBook;
  readonly subscriptions: Subscriptions;
  /** The tenant's configuration key. */
  readonly tenant: string;
  /** What is subscribed to; what was subscribed to before and is not among them is ended. */
  readonly resources: readonly string[];
  readonly notificationUrl: string;
  /** Names the client state key in use; a subscription made under another one is made anew. */
  readonly keyId: string;
  readonly clientState: (resource: string, nonce: string) => string;
  readonly counters: Pick<Counters, 'set'>;
}

/** Microsoft Graph, resource type subscription: users and groups live at most 41,760 minutes (29 days). */
const LONGEST_LIFE_MS = 41_760 * 60_000;
/** Asked for a little less than the maximum, since Graph's clock decides. */
const LIFE_MS = LONGEST_LIFE_MS - 60 * 60_000;
const DAY_MS = 86_400_000;
/** Whoever works renews daily (`keep`): what was not renewed for so long belongs to nobody who does. */
const ABANDONED_MS = 2 * DAY_MS;

/** The ledger's counter that holds since when a sweep of a tenant is wanted (milliseconds since 1970). */
export function sweepWanted(tenant: string): string {
  return `sweep wanted|${tenant}`;
}

/** The same, of the want that a sweep has met: where they differ, a sweep is due. */
export function sweepMade(tenant: string): string {
  return `sweep made|${tenant}`;
}

/**
 * Brings the tenant's subscriptions to what is wanted: missing ones are made, ageing ones renewed, outdated or forsaken
 * ones for our resources replaced. For users and groups Graph says nothing when one is lost, so this runs on a timer.
 * Where there was a gap, a sweep is asked for: nobody announced what happened meanwhile.
 */
export async function keepSubscriptions(
  needs: SubscriptionNeeds,
  renewNow: ReadonlySet<string> = new Set(),
): Promise<void> {
  const known = await needs.book.all(needs.tenant);
  for (const { id, resource } of known) {
    if (needs.resources.includes(resource)) continue;
    await remove(needs, id);
    await needs.book.forget(needs.tenant, id);
    needs.log.info('subscription ended: no job needs it', {
      tenant: needs.tenant,
      resource,
      subscription: id,
    });
  }
  if (needs.resources.length === 0) return;
  const live = await needs.subscriptions.list();
  for (const resource of needs.resources) {
    const ours = known.find((one) => one.resource === resource);
    const current = live.find((one) => one.id === ours?.id && isGood(needs, one, ours.nonce));
    if (current && ours) {
      await keep(needs, { ...ours, expires: current.expires }, renewNow.has(current.id));
      await removeSpares(needs, current, live);
    } else {
      const rivals = live.filter((one) => resourceOf(one) === resource && isRival(needs, one, known));
      if (rivals.length > 0) await yieldTo(needs, resource, rivals);
      else {
        if (ours) await needs.book.forget(needs.tenant, ours.id);
        await replace(needs, resource, live);
      }
    }
  }
}

/** Graph may put a slash before it, and spell it in its own case. */
function resourceOf({ resource }: SubscriptionState): string {
  return resource.replace(/^\//, '').toLowerCase();
}

/** Another installation under this app registration: it posts elsewhere, was never ours, and somebody renews it. */
function isRival(
  { clock, notificationUrl }: SubscriptionNeeds,
  one: SubscriptionState,
  known: readonly SubscriptionState[],
): boolean {
  if (one.notificationUrl === notificationUrl || known.some(({ id }) => id === one.id)) return false;
  return one.expires > clock.now() + LIFE_MS - ABANDONED_MS;
}

/**
 * Graph lets an app subscribe once to a resource (409, whatever the URL): two installations would take it from each other at
 * every check. The one that has it keeps it; here a sweep at every check finds what nobody announces.
 */
async function yieldTo(
  needs: SubscriptionNeeds,
  resource: string,
  rivals: readonly SubscriptionState[],
): Promise<void> {
  await needs.counters.set(sweepWanted(needs.tenant), needs.clock.now());
  for (const { id } of rivals) {
    needs.log.error(
      'another installation has the subscription under the same app registration: give each its own; changes are asked for meanwhile',
      { tenant: needs.tenant, resource, subscription: id },
    );
  }
}

function isGood(needs: SubscriptionNeeds, live: SubscriptionState, nonce: string): boolean {
  return live.notificationUrl === needs.notificationUrl && nonce.startsWith(`${needs.keyId}.`);
}

/** Renews daily, with jitter so that a fleet does not renew in step. One that turned out to be gone is made anew. */
async function keep(
  needs: SubscriptionNeeds,
  ours: SubscriptionState & { nonce: string },
  renewNow: boolean,
): Promise<void> {
  const now = needs.clock.now();
  const margin = LIFE_MS - DAY_MS * (0.9 + 0.2 * needs.random.float());
  if (!renewNow && ours.expires - now > margin) return;
  try {
    const expires = await needs.subscriptions.renew(ours.id, now + LIFE_MS);
    await needs.book.save(needs.tenant, { ...ours, expires });
    needs.log.info('subscription renewed', {
      tenant: needs.tenant,
      resource: ours.resource,
      subscription: ours.id,
    });
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error;
    await needs.book.forget(needs.tenant, ours.id);
    await create(needs, ours.resource);
  }
}

/** Two keepers, of which one did not know yet that it was none, may have made one each: everything would be told twice. */
async function removeSpares(
  needs: SubscriptionNeeds,
  current: SubscriptionState,
  live: readonly SubscriptionState[],
): Promise<void> {
  for (const other of live) {
    const isSpare = other.id !== current.id && other.notificationUrl === needs.notificationUrl;
    if (!isSpare || resourceOf(other) !== resourceOf(current)) continue;
    needs.log.warn('a second subscription removed', { tenant: needs.tenant, subscription: other.id });
    await remove(needs, other.id);
    await needs.book.forget(needs.tenant, other.id);
  }
}

/** Whatever else stands in the way for this resource is removed: one that is not ours to verify would only be noise. */
async function replace(
  needs: SubscriptionNeeds,
  resource: string,
  live: readonly SubscriptionState[],
): Promise<void> {
  for (const other of live) {
    if (resourceOf(other) !== resource) continue;
    needs.log.warn('subscription replaced', { tenant: needs.tenant, resource, subscription: other.id });
    await remove(needs, other.id);
  }
  await create(needs, resource);
}

/** A create whose answer was lost meets itself as a conflict: it was made with a nonce that we do not hold, so it is made anew. */
async function create(needs: SubscriptionNeeds, resource: string): Promise<void> {
  // Durably, before: nobody announces what happens until the subscription is there, and a crash must not forget it.
  await needs.counters.set(sweepWanted(needs.tenant), needs.clock.now());
  const nonce = `${needs.keyId}.${Buffer.from(needs.random.bytes(16)).toString('base64url')}`;
  const wanted = {
    resource,
    clientState: needs.clientState(resource, nonce),
    expires: needs.clock.now() + LIFE_MS,
  };
  const made = await needs.subscriptions.create(wanted);
  await needs.book.save(needs.tenant, { ...made, resource, nonce });
  needs.log.info('subscription made', { tenant: needs.tenant, resource, subscription: made.id });
}

async function remove(needs: SubscriptionNeeds, id: string): Promise<void> {
  try {
    await needs.subscriptions.remove(id);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error;
  }
}
