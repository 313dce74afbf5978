import { createHash } from 'node:crypto';
import type { Ledger } from '../engine/ledger-port.ts';
import type { SubscriptionNeeds } from '../engine/subscribe.ts';
import { routesOf } from '../jobs/routes.ts';
import type { Config, NotificationsConfig } from '../kit/config/config.ts';
import { notificationUrl, type Connection } from './connect.ts';
import type { Surroundings } from './service.ts';
import { clientStateFor, subscribedIn } from './subscribed.ts';

interface Opened {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly ledger: Ledger;
  readonly changes: SubscriptionNeeds['changes'];
  readonly connections: ReadonlyMap<string, Connection>;
}

/** What keeps the subscriptions of every tenant that is connected. */
export function subscriptionNeeds(
  { config, surroundings, ledger, changes, connections }: Opened,
  notifications: NotificationsConfig,
): SubscriptionNeeds[] {
  const routes = config.jobs.flatMap(routesOf);
  const key = notifications.clientStateKey.bytes();
  return config.tenants.flatMap(({ id, tenantId }) => {
    const connection = connections.get(id);
    if (!connection) return [];
    return {
      ...surroundings,
      tenant: id,
      book: ledger.subscriptions,
      counters: ledger.counters,
      changes,
      subscriptions: connection.subscriptions,
      resources: subscribedIn(id, routes, ledger),
      notificationUrl: notificationUrl(notifications.publicUrl),
      keyId: createHash('sha256').update(key).digest('hex').slice(0, 8),
      clientState: (resource, nonce) => clientStateFor(resource, { nonce, tenantId, key }),
    };
  });
}
