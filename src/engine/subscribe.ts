import { Fault, type FaultKind } from '../model/fault.ts';
import type { Change } from '../model/change.ts';
import { ownerOfContacts, plainPath } from '../model/contact-path.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { toldOf } from '../kit/told.ts';
import type { Counters, SubscriptionBook } from './ledger-books.ts';
import type { Outlet } from './queue-port.ts';
import { missedLook } from './shared-looks.ts';
import type { Subscribable, Subscriptions, SubscriptionState } from './subscription-port.ts';

/** What keeps the subscriptions of one tenant true. */
export interface SubscriptionNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly book: SubscriptionBook;
  readonly subscriptions: Subscriptions;
  /** The tenant's configuration key. */
  readonly tenant: string;
  /** What is subscribed to at the moment; what was subscribed to before and is not among it is ended. */
  readonly resources: () => Promise<readonly Subscribable[]>;
  readonly notificationUrl: string;
  /** Names the client state key in use; a subscription made under another one is made anew. */
  readonly keyId: string;
  readonly clientState: (resource: string, nonce: string) => string;
  readonly counters: Pick<Counters, 'set'>;
  readonly changes: Pick<Outlet<Change>, 'send'>;
}

/** Asked for a little less than the longest life, since the other side's clock decides. */
const SHORTENED_MS = 60 * 60_000;
const DAY_MS = 86_400_000;
/** Whoever works renews daily (`keep`): what was not renewed for so long belongs to nobody who does. */
const ABANDONED_MS = 2 * DAY_MS;
/** What is no matter of one mailbox alone. */
const OF_ALL: ReadonlySet<FaultKind> = new Set<FaultKind>(['lease-lost', 'unauthorized']);

/** The ledger's counter that holds since when a sweep of a tenant is wanted (milliseconds since 1970). */
export function sweepWanted(tenant: string): string {
  return `sweep wanted|${tenant}`;
}

/** The same, of the want that a sweep has met: where they differ, a sweep is due. */
export function sweepMade(tenant: string): string {
  return `sweep made|${tenant}`;
}

type Known = SubscriptionState & { readonly nonce: string };

/** What a check goes by. */
interface Check {
  readonly needs: SubscriptionNeeds;
  /** What the ledger says that we have. */
  readonly known: readonly Known[];
  /** What there is under this app registration, by plain path. */
  readonly live: ReadonlyMap<string, readonly SubscriptionState[]>;
  readonly renewNow: ReadonlySet<string>;
}

/**
 * Brings the tenant's subscriptions to what is wanted: missing ones are made, ageing ones renewed, outdated or forsaken
 * ones for our resources replaced. Of users and groups nothing is said when one is lost, so this runs on a timer.
 * Where there was a gap, a sweep is asked for, or a look at the mailbox: nobody announced what happened meanwhile.
 */
export async function keepSubscriptions(
  needs: SubscriptionNeeds,
  renewNow: ReadonlySet<string> = new Set(),
): Promise<void> {
  const wanted = await needs.resources();
  const known = await needs.book.all(needs.tenant);
  const resources = new Set(wanted.map(({ resource }) => resource));
  for (const one of known) if (!resources.has(one.resource)) await end(needs, one);
  if (wanted.length === 0) return;
  const live = Map.groupBy(await needs.subscriptions.list(), ({ resource }) => plainPath(resource));
  for (const subject of wanted) {
    const work = (): Promise<void> => keepOne({ needs, known, live, renewNow }, subject);
    await (subject.mailbox === null ? work() : apart(needs, subject.resource, work));
  }
}

async function end(needs: SubscriptionNeeds, { id, resource }: Known): Promise<void> {
  const { tenant } = needs;
  const work = async (): Promise<void> => {
    await remove(needs, id);
    await needs.book.forget(tenant, id);
    needs.log.tell('subscription-ended', { tenant, resource, subscription: id });
  };
  await (ownerOfContacts(resource) === null ? work() : apart(needs, resource, work));
}

/** A mailbox that is not to be had, or has its fill of subscriptions, keeps no other one from being told of. */
async function apart(needs: SubscriptionNeeds, resource: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Fault) || OF_ALL.has(error.kind)) throw error;
    needs.log.tell('subscription-refused', {
      tenant: needs.tenant,
      resource,
      error: toldOf(error),
    });
  }
}

async function keepOne(check: Check, subject: Subscribable): Promise<void> {
  const { needs, known } = check;
  const live = check.live.get(plainPath(subject.resource)) ?? [];
  const ours = known.find((one) => one.resource === subject.resource);
  const current = live.find((one) => one.id === ours?.id && isGood(needs, one, ours.nonce));
  if (current && ours) {
    await keep(check, subject, { ...ours, expires: Math.min(ours.expires, current.expires) });
    await removeSpares(needs, current, live);
    return;
  }
  const rivals = live.filter((one) => isRival(check, subject, one));
  if (rivals.length > 0) return yieldTo(needs, subject, rivals);
  if (ours) await needs.book.forget(needs.tenant, ours.id);
  await replace(needs, subject, live);
}

/** So long a subscription is asked for, in milliseconds. */
function lifeOf({ longestMs }: Subscribable): number {
  return longestMs - SHORTENED_MS;
}

/** Another installation under this app registration: it posts elsewhere, was never ours, and somebody renews it. */
function isRival({ needs, known }: Check, subject: Subscribable, one: SubscriptionState): boolean {
  if (one.notificationUrl === needs.notificationUrl || known.some(({ id }) => id === one.id)) return false;
  return one.expires > needs.clock.now() + lifeOf(subject) - ABANDONED_MS;
}

/**
 * An app may subscribe once to a resource (409, whatever the URL): two installations would take it from each other at
 * every check. The one that has it keeps it; here a sweep or a look at every check finds what nobody announces.
 */
async function yieldTo(
  needs: SubscriptionNeeds,
  subject: Subscribable,
  rivals: readonly SubscriptionState[],
): Promise<void> {
  await noteGap(needs, subject);
  for (const { id } of rivals) {
    needs.log.tell('subscription-rivalled', {
      tenant: needs.tenant,
      resource: subject.resource,
      subscription: id,
    });
  }
}

/** Durably: nobody announced what happened while there was no subscription. */
async function noteGap(
  { tenant, clock, counters, changes }: SubscriptionNeeds,
  { mailbox }: Subscribable,
): Promise<void> {
  if (mailbox === null) await counters.set(sweepWanted(tenant), clock.now());
  else await changes.send([missedLook(tenant, mailbox, clock.now())]);
}

function isGood(needs: SubscriptionNeeds, live: SubscriptionState, nonce: string): boolean {
  return live.notificationUrl === needs.notificationUrl && nonce.startsWith(`${needs.keyId}.`);
}

/** Renews daily, with jitter so that a fleet does not renew in step. One that turned out to be gone is made anew. */
async function keep({ needs, renewNow }: Check, subject: Subscribable, ours: Known): Promise<void> {
  const { tenant } = needs;
  const now = needs.clock.now();
  const margin = lifeOf(subject) - DAY_MS * (0.9 + 0.2 * needs.random.float());
  if (!renewNow.has(ours.id) && ours.expires - now > margin) return;
  try {
    const expires = await needs.subscriptions.renew(ours.id, now + lifeOf(subject), subject.longestMs);
    await needs.book.save(tenant, { ...ours, expires });
    needs.log.tell('subscription-renewed', { tenant, resource: ours.resource, subscription: ours.id });
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') {
      await needs.book.forget(tenant, ours.id);
      return create(needs, subject);
    }
    // Nobody asks twice for one that was in doubt: by its age in the ledger the next check tries again.
    if (subject.mailbox !== null) await needs.book.save(tenant, { ...ours, expires: now });
    throw error;
  }
}

/** Two keepers, of which one did not know yet that it was none, may have made one each: everything would be told twice. */
async function removeSpares(
  needs: SubscriptionNeeds,
  current: SubscriptionState,
  live: readonly SubscriptionState[],
): Promise<void> {
  for (const other of live) {
    if (other.id === current.id || other.notificationUrl !== needs.notificationUrl) continue;
    needs.log.tell('subscription-doubled', { tenant: needs.tenant, subscription: other.id });
    await remove(needs, other.id);
    await needs.book.forget(needs.tenant, other.id);
  }
}

/** Whatever else stands in the way for this resource is removed: one that is not ours to verify would only be noise. */
async function replace(
  needs: SubscriptionNeeds,
  subject: Subscribable,
  live: readonly SubscriptionState[],
): Promise<void> {
  const { tenant } = needs;
  for (const other of live) {
    const { resource } = subject;
    needs.log.tell('subscription-replaced', { tenant, resource, subscription: other.id });
    await remove(needs, other.id);
  }
  await create(needs, subject);
}

/** A create whose answer was lost meets itself as a conflict: it was made with a nonce that we do not hold, so it is made anew. */
async function create(needs: SubscriptionNeeds, subject: Subscribable): Promise<void> {
  const { resource, mailbox } = subject;
  // Before: nobody announces what happens until the subscription is there, and a crash must not forget it.
  if (mailbox === null) await noteGap(needs, subject);
  const nonce = `${needs.keyId}.${Buffer.from(needs.random.bytes(16)).toString('base64url')}`;
  const made = await needs.subscriptions.create({
    ...subject,
    clientState: needs.clientState(resource, nonce),
    expires: needs.clock.now() + lifeOf(subject),
  });
  // After, since the look may come at once, but before the ledger knows of it: after a crash it is made anew. A mailbox
  // that takes no subscription is not looked at with every try.
  if (mailbox !== null) await noteGap(needs, subject);
  await needs.book.save(needs.tenant, { ...made, resource, nonce });
  needs.log.tell('subscription-made', { tenant: needs.tenant, resource, subscription: made.id });
}

async function remove(needs: SubscriptionNeeds, id: string): Promise<void> {
  try {
    await needs.subscriptions.remove(id);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error;
  }
}
