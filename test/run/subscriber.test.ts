import { expect, test } from 'vitest';
import { sweepWanted } from '../../src/engine/subscribe.ts';
import type { Change } from '../../src/model/change.ts';
import { answerEvent, createSubscriber, tellKeeper, type Subscriber } from '../../src/run/subscriber.ts';
import { TENANT } from '../bench/service.ts';
import { openClub, type Club } from '../engine/club.ts';

/** Two mailboxes that share contacts, everything subscribed to, and what became of it since. */
interface Scene extends Club {
  readonly owners: readonly [string, string];
  readonly subscriber: Subscriber;
  /** Resources whose subscriptions were renewed. */
  readonly renewed: string[];
  /** Whose directory was swept in the keeper's process. */
  readonly swept: string[];
  /** Lifecycle events that arrived, taken off the queue; looks are left out. */
  event(about: string, cause: Change['causes'][number]): Promise<Change>;
  answer(change: Change): Promise<void>;
  sweepIsWanted(): Promise<boolean>;
}

async function openScene(): Promise<Scene> {
  const club = await openClub();
  const owners = [await club.join(club.own), await club.join(club.own)] as const;
  const renewed: string[] = [];
  const swept: string[] = [];
  const { book, subscriptions } = club.needs;
  const renew: typeof subscriptions.renew = async (id, ...until) => {
    const known = await book.all(TENANT);
    renewed.push(known.find((one) => one.id === id)?.resource ?? 'unknown');
    return subscriptions.renew(id, ...until);
  };
  const { ledger } = club.engine;
  const needs = { ...club.needs, subscriptions: { ...subscriptions, renew } };
  const subscriber = createSubscriber([needs], ledger.counters);
  await club.clock.through(subscriber.check(TENANT));
  await club.told();
  const wanted = await ledger.counters.read(sweepWanted(TENANT));
  const sweeper = {
    sweep: async (tenant: string) => swept.push(tenant),
    closeGap: async () => {},
  };
  return {
    ...club,
    owners,
    subscriber,
    renewed,
    swept,
    event: async (about, cause) => {
      const known = await book.all(TENANT);
      const id = known.find(({ resource }) => resource === about)?.id ?? about;
      return { v: 1, kind: 'subscription', tenant: TENANT, id, causes: [cause], at: club.clock.now() };
    },
    answer: (change) => club.clock.through(answerEvent(club.engine, change, { subscriber, sweeper })),
    sweepIsWanted: async () => (await ledger.counters.read(sweepWanted(TENANT))) !== wanted,
  };
}

const at = (mailbox: string): string => `users/${mailbox}/contacts`;

test('what a mailbox has missed asks for a look at it, from the post to the queue', async () => {
  const scene = await openScene();
  const { tenant, owners } = scene;
  tenant.notifier.missNext(1);
  tenant.mailboxes.addContact(owners[0], { displayName: 'Ada' });
  const [line] = await scene.told();
  const known = await scene.needs.book.all(TENANT);
  expect(line).toBe(`subscription ${known.find(({ resource }) => resource === at(owners[0]))?.id} missed`);
  await scene.answer(await scene.event(at(owners[0]), 'missed'));
  expect(await scene.told()).toEqual([`contacts ${owners[0]} missed`]);
  expect([scene.renewed, scene.swept, await scene.sweepIsWanted()]).toEqual([[at(owners[0])], [], false]);
});

test('one that was removed is made anew, and its mailbox alone is looked at', async () => {
  const scene = await openScene();
  const { tenant, owners } = scene;
  const event = await scene.event(at(owners[1]), 'subscriptionRemoved');
  tenant.notifier.removeSubscription(event.id);
  expect(await scene.told()).toEqual([`subscription ${event.id} subscriptionRemoved`]);
  await scene.answer(event);
  expect(scene.subscribed()).toHaveLength(4);
  expect(await scene.told()).toEqual([`contacts ${owners[1]} missed`]);
  expect([scene.renewed, scene.swept, await scene.sweepIsWanted()]).toEqual([[], [], false]);
});

test('about people and groups, or a subscription that nobody knows, the directory is swept as ever', async () => {
  const scene = await openScene();
  for (const about of ['users', 'unknown']) await scene.answer(await scene.event(about, 'missed'));
  expect([scene.swept, await scene.told()]).toEqual([[TENANT, TENANT], []]);
  await tellKeeper(scene.engine, await scene.event('users', 'missed'));
  expect([await scene.sweepIsWanted(), await scene.told()]).toEqual([true, []]);
});

test('a worker sees to the look itself; the keeper renews what it was about, once', async () => {
  const scene = await openScene();
  const { owners, subscriber, clock } = scene;
  await tellKeeper(scene.engine, await scene.event(at(owners[0]), 'missed'));
  expect(await scene.told()).toEqual([`contacts ${owners[0]} missed`]);
  await tellKeeper(scene.engine, await scene.event(at(owners[1]), 'reauthorizationRequired'));
  expect(await scene.told()).toEqual([]);
  expect(await scene.sweepIsWanted()).toBe(false);
  await clock.through(subscriber.meetDoubts(TENANT));
  expect(scene.renewed.toSorted()).toEqual(['groups', 'users', ...owners.map(at)].toSorted());
  await clock.through(subscriber.meetDoubts(TENANT));
  expect(scene.renewed).toHaveLength(4);
  await tellKeeper(scene.engine, await scene.event(at(owners[1]), 'reauthorizationRequired'));
  await clock.through(subscriber.meetDoubts(TENANT));
  expect(scene.renewed.slice(4).toSorted()).toEqual(['groups', 'users', at(owners[1])].toSorted());
});
