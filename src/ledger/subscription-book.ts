import type { SubscriptionBook } from '../engine/ledger-books.ts';
import type { Session } from './session.ts';

export function createSubscriptionBook({ db }: Session): SubscriptionBook {
  return {
    all: (tenant) =>
      db
        .selectFrom('subscriptions')
        .select(['id', 'resource', 'notification_url as notificationUrl', 'expires', 'nonce'])
        .where('tenant', '=', tenant)
        .orderBy('id')
        .execute(),
    save: async (tenant, { id, resource, notificationUrl, expires, nonce }) => {
      const values = { resource, notification_url: notificationUrl, expires, nonce };
      await db
        .insertInto('subscriptions')
        .values({ tenant, id, ...values })
        .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(values))
        .execute();
    },
    forget: async (tenant, id) => {
      await db.deleteFrom('subscriptions').where('tenant', '=', tenant).where('id', '=', id).execute();
    },
  };
}
