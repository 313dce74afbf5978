import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contactWrites } from '../tenant/counts.ts';
import type { Group } from '../tenant/directory/objects.ts';
import { MAILBOXES } from './household.ts';
import { openMappedHousehold, type MappedHousehold } from './mapped-household.ts';
import { until } from './until.ts';

let all: MappedHousehold;
beforeEach(async () => {
  all = await openMappedHousehold();
});
afterEach(async () => {
  const { home } = all;
  await home.untilQuiet();
  expect(home.tenant.oracles.violations).toEqual([]);
  expect(home.tenant.oracles.count('foreign-touched')).toBe(0);
  await home.close();
});

describe('opt-out groups', () => {
  let privacy: Group;
  let works: Group;
  beforeEach(async () => {
    const { directory } = all.home.tenant;
    privacy = directory.addGroup({ displayName: 'No private numbers' });
    works = directory.addGroup({ displayName: 'Works council' });
    directory.addMember(privacy.id, works.id);
    await all.run({ optOut: [{ fields: ['mobilePhone'], groups: [privacy.id] }] });
    await all.home.untilRight();
  });

  test('a number vanishes with the notification about the group, also about one inside it, and comes back', async () => {
    const { directory } = all.home.tenant;
    const { id } = all.home.somebody();
    directory.updateUser(id, { mobilePhone: '+49 151 1110000', department: 'IT' });
    await all.untilAllShow(id, { mobilePhone: '+491511110000' });
    for (const group of [privacy, works]) {
      const counts = await all.counted(async () => {
        directory.addMember(group.id, id);
        await all.untilAllShow(id, { mobilePhone: null });
      });
      expect(contactWrites(counts)).toBe(MAILBOXES);
      expect(all.shown(id)[0]).toMatchObject({ department: 'IT' });
      directory.removeMember(group.id, id);
      await all.untilAllShow(id, { mobilePhone: '+491511110000' });
    }
  });

  test('a newcomer who is a member is never shown with the number', async () => {
    const { directory } = all.home.tenant;
    const newcomer = directory.addUser({ displayName: 'New Comer', mobilePhone: '+49 151 1110000' });
    directory.addMember(works.id, newcomer.id);
    await all.home.untilQuiet();
    directory.addMember(all.home.population.source.id, newcomer.id);
    await until(() =>
      all.owners.every((owner) =>
        [...all.home.folderOf(owner).items.values()].some(
          ({ content }) => content.fields['displayName'] === 'New Comer',
        ),
      ),
    );
    expect(all.shown(newcomer.id).map((fields) => fields['mobilePhone'] ?? null)).toEqual([null, null, null]);
  });

  test('an opt-out that is configured later takes the numbers away, and one that is dropped gives them back', async () => {
    const { directory } = all.home.tenant;
    const { id } = all.home.somebody();
    directory.updateUser(id, { businessPhones: ['+49 30 1112222'] });
    directory.addMember(works.id, id);
    await all.untilAllShow(id, { businessPhones: ['+49301112222'], mobilePhone: null });
    await all.run({ optOut: [{ fields: ['mobilePhone', 'businessPhones'], groups: [privacy.id] }] });
    await all.untilAllShow(id, { businessPhones: [] });
    await all.run({});
    await all.untilAllShow(id, { businessPhones: ['+49301112222'] });
    await all.home.untilRight();
  });
});
