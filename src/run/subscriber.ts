import { keepSubscriptions, type SubscriptionNeeds } from '../engine/subscribe.ts';
import { createInTurn } from '../kit/in-turn.ts';

/**
 * Keeps the subscriptions of one tenant true, one check at a time: a timer and a lifecycle event must not both make the
 * same one. `renewNow`: ids to renew although they are young. Nothing happens for a tenant without subscriptions.
 */
export type Subscriber = (tenant: string, renewNow?: ReadonlySet<string>) => Promise<void>;

export function createSubscriber(tenants: readonly SubscriptionNeeds[]): Subscriber {
  const inTurn = createInTurn();
  const byTenant = new Map(tenants.map((one) => [one.tenant, one]));
  return async (tenant, renewNow) => {
    const needs = byTenant.get(tenant);
    if (needs) await inTurn(tenant, () => keepSubscriptions(needs, renewNow));
  };
}
