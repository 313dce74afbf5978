import type { Counters } from '../engine/ledger-books.ts';
import { keepSubscriptions, sweepWanted, type SubscriptionNeeds } from '../engine/subscribe.ts';
import { createInTurn } from '../kit/in-turn.ts';
import type { Change } from '../model/change.ts';
import type { Sweeper } from './sweeper.ts';

/** Keeps the subscriptions of each tenant true. Nothing happens for a tenant without subscriptions. */
export interface Subscriber {
  /**
   * One check at a time: a timer and a lifecycle event must not both make the same one. `renewNow`: ids to renew although they
   * are young.
   */
  check(tenant: string, renewNow?: ReadonlySet<string>): Promise<void>;
  /** The same, with all of them renewed, where another process has heard of something since the last time. */
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
      const known = await needs.book.all(tenant);
      await check(tenant, new Set(known.map(({ id }) => id)));
      await counters.set(doubtsMet(tenant), since);
    },
  };
}

/** Carries out a lifecycle event in the keeper's own process. */
export async function answerEvent(
  change: Change,
  subscriber: Subscriber,
  sweeper: Pick<Sweeper, 'sweep' | 'closeGap'>,
): Promise<void> {
  const { id, tenant } = change;
  await subscriber.check(tenant, new Set([id]));
  if (wasLost(change)) await sweeper.sweep(tenant, 'latest');
  else await sweeper.closeGap(tenant);
}

/** Notifications were lost; otherwise the event merely asks for a renewal. */
function wasLost({ causes }: Change): boolean {
  return causes.some((cause) => cause === 'missed' || cause === 'subscriptionRemoved');
}

/** A lifecycle event that a worker took from the queue: the keeper finds it in the ledger, within a minute. */
export async function tellKeeper(
  counters: Pick<Counters, 'set'>,
  change: Change,
  now: number,
): Promise<void> {
  if (wasLost(change)) await counters.set(sweepWanted(change.tenant), now);
  await counters.set(doubtedAt(change.tenant), now);
}

/** The ledger's counter that holds when a worker last heard of a tenant's subscriptions (milliseconds since 1970). */
function doubtedAt(tenant: string): string {
  return `subscriptions doubted|${tenant}`;
}

/** The same, of the doubt that was met. */
function doubtsMet(tenant: string): string {
  return `subscriptions checked for|${tenant}`;
}
