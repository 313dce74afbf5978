import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Group, User } from '../tenant/directory/objects.ts';
import { Town } from './town.ts';

const NUMBER = '+491715550100';

let town: Town;
let [one, two, ann, bob]: User[] = [];
let group: Group;

/** Ann has left the group; the guard lets nobody go. */
beforeEach(async () => {
  town = new Town();
  [one, two] = [town.owner(), town.owner()];
  [ann, bob] = [town.person({ mobilePhone: NUMBER }), town.person()];
  group = town.group(named(ann), named(bob));
  await configure();
  town.tenant.directory.removeMember(group.id, named(ann).id);
  await town.rest();
  expect(await held()).toBe(1);
});
afterEach(() => town.close());

function named(user: User | undefined): User {
  if (!user) throw new Error('The town has four people.');
  return user;
}

async function configure(): Promise<void> {
  await town.configure({
    staff: {
      source: { groups: [group.id] },
      target: { kind: 'licensed' },
      guard: { count: 0, percent: 0 },
    },
  });
}

const held = async (): Promise<number> => (await town.service.assembly.needs.ledger.guard.held()).length;

function numbersOf(user: User | undefined, owner: User | undefined): (string | null)[] {
  const folder = town.tenant.mailboxes.get(named(owner).id).folderNamed('staff');
  return [...(folder?.items.values() ?? [])]
    .filter(({ content }) => content.fields.displayName === named(user).displayName)
    .map(({ content }) => (content.fields.mobilePhone ?? null) as string | null);
}

async function behind(): Promise<number> {
  const { ledger, routes } = town.service.assembly.needs;
  return (await ledger.links.count(routes[0]?.key ?? 0, false)).behind;
}

describe('somebody whose removal is held', () => {
  test('loses a number everywhere when it is cleared at the source', async () => {
    town.tenant.directory.updateUser(named(ann).id, { mobilePhone: null });
    await town.rest();
    expect([numbersOf(ann, one), numbersOf(ann, two)]).toEqual([[null], [null]]);
    expect([await held(), await behind()]).toEqual([1, 0]);
  });

  test('is not put into a mailbox that joins, and changes reach those that have them', async () => {
    const three = town.owner();
    await town.rest();
    expect(town.shownTo(three)).toEqual(new Set([named(bob).id]));
    town.tenant.directory.updateUser(named(ann).id, { mobilePhone: '+491715550199' });
    await town.rest();
    expect([numbersOf(ann, one), numbersOf(ann, three)]).toEqual([['+491715550199'], []]);
  });

  test('gets by the fill what was missed while a job was paused', async () => {
    const { halts } = town.service.assembly.needs.ledger;
    const scope = { kind: 'job', name: 'staff' } as const;
    await halts.set({ scope, mode: 'paused', since: town.clock.now() });
    await town.clock.run(town.clock.now() + 5_000);
    town.tenant.directory.updateUser(named(ann).id, { mobilePhone: null });
    await town.rest();
    expect(numbersOf(ann, one)).toEqual([NUMBER]);
    await halts.lift(scope);
    await town.rest();
    expect([numbersOf(ann, one), await behind()]).toEqual([[null], 0]);
  });

  test('is left as they are, and asked for no more, once they are gone from the directory as well', async () => {
    const before = town.writes();
    town.tenant.directory.deleteUser(named(ann).id);
    await town.clock.run(town.clock.now() + 3_600_000);
    await town.rest();
    // Nobody comes back to somebody who cannot be read.
    expect(await town.service.assembly.needs.changes.depth()).toMatchObject({ due: 0, delayed: 0 });
    expect([numbersOf(ann, one), await held(), await behind(), town.writes() - before]).toEqual([
      [NUMBER],
      1,
      0,
      0,
    ]);
  });

  test('is right at once when they belong again, or goes with an approval', async () => {
    town.tenant.directory.updateUser(named(ann).id, { mobilePhone: null });
    await town.rest();
    const before = town.writes();
    town.tenant.directory.addMember(group.id, named(ann).id);
    await town.rest();
    expect([await held(), await behind(), town.writes() - before]).toEqual([0, 0, 0]);
    town.tenant.directory.removeMember(group.id, named(ann).id);
    await town.rest();
    await town.service.assembly.needs.ledger.guard.approve(null, town.clock.now());
    await town.rest();
    expect(town.shownTo(named(one))).toEqual(new Set([named(bob).id]));
  });
});
