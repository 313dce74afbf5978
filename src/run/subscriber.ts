import type { Counters } from '../engine/ledger-books.ts';
import type { Needs } from '../engine/needs.ts';
import { missedLook } from '../engine/shared-looks.ts';
import { keepSubscriptions, sweepWanted, type SubscriptionNeeds } from '../engine/subscribe.ts';
import { createInTurn } from '../kit/in-turn.ts';
import type { Change } from '../model/change.ts';
import { ownerOfContacts } from '../model/contact-path.ts';
import type { Sweeper } from './sweeper.ts';

/** Keeps the subscriptions of each tenant true. Nothing happens for a tenant without subscriptions. */
export interface Subscriber {
  /**
   * One check at a time: a timer and a lifecycle event must not both make the same one. `renewNow`: ids to renew although they
   * are young.
   */
  check(tenant: string, renewNow?: ReadonlySet<string>): Promise<void>;
  /**
   * The same, where another process has heard of something since the last time: with those to people and groups renewed, and
   * to the contacts of mailboxes, of which there are many, those that it was about.
   */
  meetDoubts(tenant: string): Promise<void>;
}

export function createSubscriber(
  tenants: readonly SubscriptionNeeds[],
  counters: Pick<Counters, 'read' | 'set'>,
): Subscriber {
  const inTurn = createInTurn();
  const byTenant = new Map(tenants.map((one) => [one.tenant, one]));
  const check: Subscriber['check'] = async (tenant, renewNow) => {
    const needs = byTenant.get(tenant);
    if (needs) await inTurn(tenant, () => keepSubscriptions(needs, renewNow));
  };
  return {
    check,
    meetDoubts: async (tenant) => {
      const needs = byTenant.get(tenant);
      const since = await counters.read(doubtedAt(tenant));
      if (!needs || since === (await counters.read(doubtsMet(tenant)))) return;
      const inDoubt: string[] = [];
      const told = new Map<string, number>();
      for (const { id, resource } of await needs.book.all(tenant)) {
        const about = aboutContacts(tenant, resource);
        const heard = about === null ? since : await counters.read(doubtedAt(about));
        if (about !== null && heard === (await counters.read(doubtsMet(about)))) continue;
        inDoubt.push(id);
        if (about !== null) told.set(about, heard);
      }
      await check(tenant, new Set(inDoubt));
      for (const [about, heard] of told) await counters.set(doubtsMet(about), heard);
      await counters.set(doubtsMet(tenant), since);
    },
  };
}

type Told = Pick<Needs, 'ledger' | 'changes' | 'clock'>;

/** Carries out a lifecycle event in the keeper's own process. */
export async function answerEvent(
  needs: Told,
  change: Change,
  { subscriber, sweeper }: { subscriber: Subscriber; sweeper: Pick<Sweeper, 'sweep' | 'closeGap'> },
): Promise<void> {
  const { id, tenant } = change;
  const resource = await resourceOf(needs, change);
  const isSeen = await lookAtOwner(needs, change, resource);
  await subscriber.check(tenant, new Set([id]));
  if (wasLost(change) && !isSeen) await sweeper.sweep(tenant, 'latest');
  else await sweeper.closeGap(tenant);
}

/** What the subscription is about; null where it is none of ours, any more. */
async function resourceOf({ ledger }: Told, { id, tenant }: Change): Promise<string | null> {
  const known = await ledger.subscriptions.all(tenant);
  return known.find((one) => one.id === id)?.resource ?? null;
}

/** Where notifications about a mailbox were lost, it alone is looked at. False: they were about the directory. */
async function lookAtOwner(
  { changes, clock }: Told,
  change: Change,
  resource: string | null,
): Promise<boolean> {
  const mailbox = resource === null ? null : ownerOfContacts(resource);
  if (mailbox === null) return false;
  if (wasLost(change)) await changes.send([missedLook(change.tenant, mailbox, clock.now())]);
  return true;
}

/** Notifications were lost; otherwise the event merely asks for a renewal. */
function wasLost({ causes }: Change): boolean {
  return causes.some((cause) => cause === 'missed' || cause === 'subscriptionRemoved');
}

/** A lifecycle event that a worker took from the queue: the keeper finds it in the ledger, within a minute. */
export async function tellKeeper(needs: Told, change: Change): Promise<void> {
  const { counters } = needs.ledger;
  const { tenant } = change;
  const now = needs.clock.now();
  const resource = await resourceOf(needs, change);
  const isSeen = await lookAtOwner(needs, change, resource);
  if (wasLost(change) && !isSeen) await counters.set(sweepWanted(tenant), now);
  const about = resource === null ? null : aboutContacts(tenant, resource);
  if (about !== null) await counters.set(doubtedAt(about), now);
  await counters.set(doubtedAt(tenant), now);
}

/** What doubts about a mailbox's contacts are noted under; null: about the directory, under the tenant itself. */
function aboutContacts(tenant: string, resource: string): string | null {
  return ownerOfContacts(resource) === null ? null : `${tenant}|${resource}`;
}

/** The ledger's counter that holds when a worker last heard of these subscriptions (milliseconds since 1970). */
function doubtedAt(about: string): string {
  return `subscriptions doubted|${about}`;
}

/** The same, of the doubt that was met. */
function doubtsMet(about: string): string {
  return `subscriptions checked for|${about}`;
}
