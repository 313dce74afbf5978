import { createHash } from 'node:crypto';
import type { Ledger } from '../engine/ledger-port.ts';
import type { SubscriptionNeeds } from '../engine/subscribe.ts';
import { routesOf } from '../jobs/routes.ts';
import type { Config, NotificationsConfig, TenantConfig } from '../kit/config/config.ts';
import { makeClientState } from '../model/client-state.ts';
import { notificationUrl, SUBSCRIBED, type Connection } from './connect.ts';
import type { Surroundings } from './service.ts';

interface Opened {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly ledger: Ledger;
  readonly connections: ReadonlyMap<string, Connection>;
}

/** What keeps the subscriptions of every tenant that is connected. */
export function subscriptionNeeds(
  { config, surroundings, ledger, connections }: Opened,
  notifications: NotificationsConfig,
): SubscriptionNeeds[] {
  const served = new Set(
    config.jobs.flatMap(routesOf).flatMap(({ sourceTenant, targetTenant }) => [sourceTenant, targetTenant]),
  );
  const key = notifications.clientStateKey.bytes();
  return config.tenants.flatMap((tenant) => {
    const connection = connections.get(tenant.id);
    if (!connection) return [];
    return {
      ...surroundings,
      tenant: tenant.id,
      book: ledger.subscriptions,
      counters: ledger.counters,
      subscriptions: connection.subscriptions,
      // Each notification costs a read: none is asked for where no job is.
      resources: served.has(tenant.id) ? SUBSCRIBED : [],
      notificationUrl: notificationUrl(notifications.publicUrl),
      keyId: createHash('sha256').update(key).digest('hex').slice(0, 8),
      clientState: (resource, nonce) => clientStateFor(tenant, { resource, nonce, key }),
    };
  });
}

function clientStateFor(
  tenant: TenantConfig,
  { resource, nonce, key }: { resource: string; nonce: string; key: Uint8Array },
): string {
  const subscribed = SUBSCRIBED.find((one) => one === resource);
  if (!subscribed) throw new Error(`Nobody reads notifications about ${resource}.`);
  return makeClientState({
    kind: 'notification',
    resource: subscribed,
    nonce,
    tenantId: tenant.tenantId,
    key,
  });
}
