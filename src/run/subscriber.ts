import { createInTurn } from '../kit/in-turn.ts';
import { keepSubscriptions, type SubscriptionNeeds } from '../engine/subscribe.ts';

/**
 * Keeps the subscriptions of every tenant true, one check at a time: a timer and a lifecycle event must not both make
 * the same one. `renewNow`: ids to renew although they are young.
 */
export type Subscriber = (renewNow?: ReadonlySet<string>) => Promise<void>;

export function createSubscriber(tenants: readonly SubscriptionNeeds[]): Subscriber {
  const inTurn = createInTurn();
  return (renewNow) =>
    inTurn('subscriptions', async () => {
      for (const one of tenants) await keepSubscriptions(one, renewNow);
    });
}
