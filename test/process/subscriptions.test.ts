import { afterEach, beforeEach, expect, test } from 'vitest';
import { asked } from './asked.ts';
import { MAILBOXES, type Household } from './household.ts';
import { openHousehold } from './open-household.ts';
import { until } from './until.ts';

let home: Household;
beforeEach(async () => {
  home = await openHousehold();
});
afterEach(() => home.close());

const resources = (): string[] =>
  home.tenant.subscriptions
    .all()
    .map(({ resource }) => resource)
    .toSorted();
const states = (): string[] =>
  home.tenant.subscriptions
    .all()
    .map(({ clientState }) => clientState)
    .toSorted();

async function begin(): Promise<void> {
  await home.start();
  await home.untilRight();
  await home.untilQuiet();
}

test.each(['users', 'groups'])(
  'the subscription to %s vanishes: it is made again at the next check, and a sweep finds what was missed',
  async (resource) => {
    await begin();
    const lost = home.tenant.subscriptions.all().find((one) => one.resource === resource);
    expect(home.tenant.subscriptions.delete(lost?.id ?? '')).toBe(true);
    const { directory } = home.tenant;
    const { id } = home.somebody();
    if (resource === 'users') directory.updateUser(id, { jobTitle: 'Nobody was told' });
    else for (const group of directory.parentsOf(id)) directory.removeMember(group, id);
    expect(home.compare().divergences).toHaveLength(MAILBOXES);

    await home.leap(5 * 60_000);
    await home.untilRight();
    expect(resources()).toEqual(['groups', 'users']);
    await until(async () => (await home.status()).subscriptions.length === 2);
    directory.updateUser(home.somebody().id, { jobTitle: 'Told again' });
    await home.untilRight();
  },
);

test('the key of the client state is replaced: new subscriptions, and late posts under the old key still count', async () => {
  await home.configure({ keys: ['env:K1'] });
  await begin();
  const old = states();
  const { directory, notifier } = home.tenant;
  const { id } = home.somebody();
  directory.updateUser(id, { jobTitle: 'Posted under the old key' });
  await home.untilRight();
  await home.untilQuiet();
  await home.stop();

  await home.configure({ keys: ['env:K2', 'env:K1'] });
  await begin();
  expect(resources()).toEqual(['groups', 'users']);
  expect(states().filter((state) => old.includes(state))).toEqual([]);
  let reads = asked(home.tenant.counts, 'peopleReads');
  notifier.replay();
  await until(() => asked(home.tenant.counts, 'peopleReads') > reads);
  await home.untilQuiet();
  directory.updateUser(home.somebody().id, { jobTitle: 'Posted under the new key' });
  await home.untilRight();
  await home.untilQuiet();
  await home.stop();

  // Under keys that know nothing of the last post's, it is nobody's: answered, and without effect.
  await home.configure({ keys: ['env:K1'] });
  await begin();
  reads = asked(home.tenant.counts, 'peopleReads');
  const delivered = notifier.courier.delivered;
  notifier.replay();
  await until(() => notifier.courier.delivered > delivered);
  await home.untilQuiet();
  expect(asked(home.tenant.counts, 'peopleReads')).toBe(reads);
  expect(home.compare().divergences).toEqual([]);
});
