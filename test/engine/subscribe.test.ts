import { beforeEach, describe, expect, test } from 'vitest';
import { keepSubscriptions, sweepWanted, type SubscriptionNeeds } from '../../src/engine/subscribe.ts';
import type { SubscriptionState } from '../../src/engine/subscription-port.ts';
import { eventOf } from '../../src/kit/events/catalogue.ts';
import { silentLog } from '../../src/kit/log.ts';
import { Fault } from '../../src/model/fault.ts';
import { SUBSCRIBED } from '../../src/run/subscribed.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const TENANT = 'contoso';
const DAY_MS = 86_400_000;

let clock: VirtualClock;
/** What Graph has for the app in the tenant: one for each resource. */
let live: SubscriptionState[];
let removed: string[];

interface Installation {
  readonly needs: SubscriptionNeeds;
  readonly errors: string[];
  readonly counters: Map<string, number>;
}

beforeEach(() => {
  clock = new VirtualClock();
  live = [];
  removed = [];
});

function installation(name: string, keyId = name): Installation {
  const notificationUrl = `https://${name}.example/notifications`;
  const book = new Map<string, SubscriptionState & { nonce: string }>();
  const counters = new Map<string, number>();
  const errors: string[] = [];
  const needs: SubscriptionNeeds = {
    clock,
    random: seededRandom(1),
    log: { ...silentLog, tell: (event) => void (eventOf(event).level === 'error' && errors.push(event)) },
    tenant: TENANT,
    resources: async () => SUBSCRIBED,
    changes: { send: async () => {} },
    notificationUrl,
    keyId,
    clientState: (resource, nonce) => `${resource}.${nonce}`,
    counters: { set: async (counter, value) => void counters.set(counter, value) },
    book: {
      all: async () => [...book.values()],
      save: async (_tenant, one) => void book.set(one.id, one),
      forget: async (_tenant, id) => void book.delete(id),
    },
    subscriptions: {
      list: async () => [...live],
      create: async ({ resource, expires }) => {
        if (live.some((one) => one.resource === resource)) throw new Fault('conflict', 'there is one');
        const made = { id: `${name}-${resource}-${clock.now()}`, resource, notificationUrl, expires };
        live.push(made);
        return made;
      },
      renew: async (id, expires) => {
        live = live.map((one) => (one.id === id ? { ...one, expires } : one));
        return expires;
      },
      remove: async (id) => {
        removed.push(id);
        live = live.filter((one) => one.id !== id);
      },
    },
  };
  return { needs, errors, counters };
}

describe('two installations under one app registration', () => {
  test('the one that has the subscriptions keeps them; the other says so and sweeps at every check', async () => {
    const [production, staging] = [installation('production'), installation('staging')];
    await keepSubscriptions(production.needs);
    for (let check = 1; check < 3 * 288; check += 1) {
      await clock.run(clock.now() + 300_000);
      await keepSubscriptions(production.needs);
      await keepSubscriptions(staging.needs);
      expect(staging.counters.get(sweepWanted(TENANT))).toBe(clock.now());
      expect(staging.errors).toHaveLength(2 * check);
    }
    expect([removed, production.errors]).toEqual([[], []]);
    expect(live.map(({ notificationUrl }) => notificationUrl)).toEqual(
      Array.from({ length: 2 }, () => production.needs.notificationUrl),
    );
  });

  test('one that nobody has renewed for two days is taken over', async () => {
    const [gone, staying] = [installation('gone'), installation('staying')];
    await keepSubscriptions(gone.needs);
    await clock.run(clock.now() + 2 * DAY_MS - 1);
    await keepSubscriptions(staying.needs);
    expect(removed).toEqual([]);
    await clock.run(clock.now() + 1);
    await keepSubscriptions(staying.needs);
    expect(removed).toHaveLength(2);
    expect(live.map(({ notificationUrl }) => notificationUrl)).toEqual(
      Array.from({ length: 2 }, () => staying.needs.notificationUrl),
    );
  });
});

describe('what is our own is replaced at once', () => {
  test.each([
    ['made by an earlier life of this installation, whose ledger is gone', 'here', 'here'],
    ['under another key', 'here', 'another'],
  ])('%s', async (_how, name, keyId) => {
    await keepSubscriptions(installation('here').needs);
    const again = installation(name, keyId);
    await keepSubscriptions(again.needs);
    expect([removed.length, live.length, again.errors]).toEqual([2, 2, []]);
  });

  test('under the URL before', async () => {
    const { needs, errors } = installation('here');
    await keepSubscriptions(needs);
    await keepSubscriptions({ ...needs, notificationUrl: 'https://there.example/notifications' });
    expect([removed.length, live.length, errors]).toEqual([2, 2, []]);
  });
});

test('a tenant in which no job is left loses its subscriptions, and Graph is asked for nothing more', async () => {
  const { needs } = installation('here');
  await keepSubscriptions(needs);
  await keepSubscriptions({ ...needs, resources: async () => [] });
  expect([removed.length, live, await needs.book.all(TENANT)]).toEqual([2, [], []]);
  const subscriptions = { ...needs.subscriptions, list: notToBeAsked };
  await keepSubscriptions({ ...needs, resources: async () => [], subscriptions });
});

function notToBeAsked(): Promise<never> {
  return Promise.reject(new Error('Nothing is to be asked.'));
}
