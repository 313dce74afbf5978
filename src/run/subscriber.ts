import { createInTurn } from '../kit/in-turn.ts';
import { keepSubscriptions, type SubscriptionNeeds } from '../engine/subscribe.ts';

/**
 * Keeps the subscriptions of every tenant true, one check at a time: a timer and a lifecycle event must not both make
 * the same one. Returns the tenants that had a gap. `renewNow`: ids to renew although they are young.
 */
export type Subscriber = (renewNow?: ReadonlySet<string>) => Promise<ReadonlySet<string>>;

export function createSubscriber(tenants: readonly SubscriptionNeeds[]): Subscriber {
  const inTurn = createInTurn();
  return (renewNow) =>
    inTurn('subscriptions', async () => {
      const gaps = new Set<string>();
      for (const one of tenants) if (await keepSubscriptions(one, renewNow)) gaps.add(one.tenant);
      return gaps;
    });
}
