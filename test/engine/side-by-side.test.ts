import { afterEach, beforeEach, expect, test } from 'vitest';
import { idsOf, Town } from './town.ts';

let town: Town;
beforeEach(() => {
  town = new Town();
});
afterEach(() => town.close());

test('two jobs, each with its people, audience and folder: somebody in both leaves one', async () => {
  const [seller, buyer] = [town.owner(), town.owner()];
  const [ann, bob] = [town.person(), town.person()];
  const customersTeam = town.group(ann, bob);
  const sales = town.group(seller);
  const staff = town.group(ann, bob, seller, buyer);
  await town.configure({
    staff: { source: { groups: [staff.id] }, target: { kind: 'licensed' } },
    customers: { source: { groups: [customersTeam.id] }, target: { kind: 'chosen', groups: [sales.id] } },
  });
  const folders = (): unknown => ({
    seller: [town.shownTo(seller, 'staff'), town.shownTo(seller, 'customers')],
    buyer: [town.shownTo(buyer, 'staff'), town.shownTo(buyer, 'customers')],
  });
  expect(folders()).toEqual({
    seller: [idsOf(ann, bob, buyer), idsOf(ann, bob)],
    buyer: [idsOf(ann, bob, seller), null],
  });
  const { directory } = town.tenant;
  const before = town.writes();
  directory.removeMember(customersTeam.id, ann.id);
  await town.rest();
  expect(folders()).toEqual({
    seller: [idsOf(ann, bob, buyer), idsOf(bob)],
    buyer: [idsOf(ann, bob, seller), null],
  });
  expect(town.writes() - before).toBe(1);

  // The mailbox leaves one audience and stays in the other.
  directory.removeMember(sales.id, seller.id);
  await town.rest();
  expect(folders()).toEqual({
    seller: [idsOf(ann, bob, buyer), null],
    buyer: [idsOf(ann, bob, seller), null],
  });
});

test('a change of one job leaves the other alone, and a job that is gone takes its folder along', async () => {
  const [owner, ann, bob] = [town.owner(), town.person(), town.person()];
  const target = { kind: 'licensed' as const };
  const staff = { source: { users: [ann.id, bob.id] }, target };
  await town.configure({ staff, friends: { source: { users: [ann.id, bob.id] }, target } });
  const before = town.writes();
  await town.configure({ staff, friends: { source: { users: [bob.id] }, target } });
  expect([town.shownTo(owner, 'staff'), town.shownTo(owner, 'friends')]).toEqual([
    idsOf(ann, bob),
    idsOf(bob),
  ]);
  expect(town.writes() - before).toBe(1);
  await town.configure({ staff });
  expect([town.shownTo(owner, 'staff'), town.shownTo(owner, 'friends')]).toEqual([idsOf(ann, bob), null]);
});
