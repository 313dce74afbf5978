import SqliteDatabase from 'better-sqlite3';
import { expect, test } from 'vitest';
import { keepSubscriptions, type SubscriptionNeeds } from '../../src/engine/subscribe.ts';
import type { SubscriptionState } from '../../src/engine/subscription-port.ts';
import { silentLog } from '../../src/kit/log.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { SUBSCRIBED } from '../../src/run/subscribed.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const OURS = 'https://sync.example/notifications';

test('of two that a keeper and a late one made, one stays; those of others stay as they are', async () => {
  const clock = new VirtualClock();
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  const live: SubscriptionState[] = [];
  let made = 0;
  const needs: SubscriptionNeeds = {
    clock,
    random: seededRandom(1),
    log: silentLog,
    book: ledger.subscriptions,
    counters: ledger.counters,
    tenant: 'contoso',
    resources: async () => SUBSCRIBED.slice(0, 1),
    changes: { send: async () => {} },
    notificationUrl: OURS,
    keyId: 'key',
    clientState: (_resource, nonce) => nonce,
    subscriptions: {
      list: async () => [...live],
      create: async ({ resource, expires }) => {
        const one = { id: `s${(made += 1)}`, resource, notificationUrl: OURS, expires };
        live.push(one);
        return one;
      },
      renew: async (_id, expires) => expires,
      remove: async (id) =>
        void live.splice(
          live.findIndex((one) => one.id === id),
          1,
        ),
    },
  };
  // Both found none, and both made one.
  const late = { ...needs, subscriptions: { ...needs.subscriptions, list: async () => [] } };
  await keepSubscriptions(needs);
  const first = await ledger.subscriptions.all('contoso');
  await keepSubscriptions({ ...late, book: { ...ledger.subscriptions, all: async () => [] } });
  expect([first.length, live.map(({ id }) => id)]).toEqual([1, ['s1', 's2']]);
  live.push({ id: 'theirs', resource: 'groups', notificationUrl: OURS, expires: 1 });
  live.push({ id: 'staging', resource: 'users', notificationUrl: 'https://staging.example/n', expires: 1 });
  await keepSubscriptions(needs);
  await keepSubscriptions(needs);
  expect(live.map(({ id }) => id)).toEqual(['s1', 'theirs', 'staging']);
  expect((await ledger.subscriptions.all('contoso')).map(({ id }) => id)).toEqual(['s1']);
});
