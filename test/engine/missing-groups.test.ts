import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { missingGroupsOf } from '../../src/engine/exceptions.ts';
import type { Group, User } from '../tenant/directory/objects.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { Town } from './town.ts';

let town: Town;
let owner: User;
let people: User[];

beforeEach(() => {
  town = new Town();
  owner = town.owner();
  people = Array.from({ length: 6 }, (_, number) =>
    town.person({ mobilePhone: `+49151500${1000 + number}` }),
  );
});
afterEach(() => town.close());

const idsOf = (): string[] => people.map(({ id }) => id);

/** Numbers that can be read in the owner's folder. */
function numbers(): number {
  const folder = town.tenant.mailboxes.get(owner.id).folderNamed('staff');
  return [...(folder?.items.values() ?? [])].filter(({ content }) => content.fields.mobilePhone).length;
}

async function withhold(group: Group): Promise<void> {
  await town.configure({
    staff: {
      source: { users: idsOf() },
      target: { kind: 'licensed' },
      mapping: mappingOf(`optOut: [{ fields: [mobilePhone], groups: [${group.id}] }]`),
    },
  });
}

const keptFor = async (): Promise<(readonly string[])[]> => {
  const { ledger, routes } = town.service.assembly.needs;
  return (await missingGroupsOf(ledger, routes)).map((one) => one.keptFor);
};

async function approve(job: string | null): Promise<void> {
  const { ledger } = town.service.assembly.needs;
  await ledger.guard.approve(job, town.clock.now());
  await town.rest();
}

/** Polls, second looks, the keeper's chores, and what is too old to be kept after some days. */
async function later(): Promise<void> {
  await town.clock.run(town.clock.now() + 1_800_000);
  await town.service.assembly.needs.ledger.guard.forgetBefore(town.clock.now() + 7 * 86_400_000);
  await town.rest();
}

describe('an opt-out group that is deleted', () => {
  test('goes on withholding, whatever happens, until its job is approved', async () => {
    const shy = town.group(...people);
    await withhold(shy);
    expect(numbers()).toBe(0);
    town.tenant.directory.deleteGroup(shy.id);
    await later();
    // Whoever changes is shaped as before; whoever is new was never asked.
    town.tenant.directory.updateUser(people[0]?.id ?? '', {
      jobTitle: 'Baker',
      mobilePhone: '+491515001999',
    });
    await town.rest();
    expect([numbers(), await keptFor()]).toEqual([0, [['staff']]]);
    await withhold(shy);
    expect([numbers(), await keptFor()]).toEqual([0, [['staff']]]);
    await approve('another');
    expect(numbers()).toBe(0);
    await approve('staff');
    expect([numbers(), await keptFor()]).toEqual([people.length, [[]]]);
  });

  test('withholds as well where it is nested in one', async () => {
    const inner = town.group(...people);
    const outer = town.group();
    town.tenant.directory.addMember(outer.id, inner.id);
    await withhold(outer);
    town.tenant.directory.deleteGroup(inner.id);
    await later();
    expect([numbers(), await keptFor()]).toEqual([0, [['staff']]]);
    await approve(null);
    expect(numbers()).toBe(people.length);
  });

  test('asks for nothing when it was empty', async () => {
    const shy = town.group();
    await withhold(shy);
    town.tenant.directory.deleteGroup(shy.id);
    await later();
    expect([numbers(), await keptFor()]).toEqual([people.length, [[]]]);
  });

  test('lets a member go who leaves it while it is there', async () => {
    const shy = town.group(...people);
    await withhold(shy);
    town.tenant.directory.removeMember(shy.id, people[0]?.id ?? '');
    await town.rest();
    expect([numbers(), await keptFor()]).toEqual([1, []]);
  });

  test('keeps nothing any more when the configuration does without it', async () => {
    const shy = town.group(...people);
    await withhold(shy);
    town.tenant.directory.deleteGroup(shy.id);
    await later();
    await town.configure({ staff: { source: { users: idsOf() }, target: { kind: 'licensed' } } });
    expect([numbers(), await keptFor()]).toEqual([people.length, []]);
  });
});

test('whom a deleted group keeps out stays out, and a mailbox that it keeps from receiving does not join', async () => {
  const second = town.owner();
  const [barred, quiet] = [town.group(...people.slice(0, 2)), town.group(second)];
  const shown = people.slice(2).map(({ id }) => id);
  await town.configure({
    staff: {
      source: { users: idsOf(), except: { groups: [barred.id] } },
      target: { kind: 'licensed', except: { groups: [quiet.id] } },
    },
  });
  for (const { id } of [barred, quiet]) town.tenant.directory.deleteGroup(id);
  await later();
  expect([town.shownTo(owner), town.shownTo(second)]).toEqual([new Set(shown), null]);
  await approve('staff');
  expect([town.shownTo(owner), town.shownTo(second)]).toEqual([new Set(idsOf()), new Set(idsOf())]);
});

test('a group of the configuration that does not exist is named', async () => {
  const typo = '11111111-2222-4333-8444-555555555555';
  const group = town.group();
  const jobs = (id: string) => ({
    staff: { source: { users: idsOf(), except: { groups: [id] } }, target: { kind: 'licensed' as const } },
  });
  await town.configure(jobs(group.id));
  expect(await keptFor()).toEqual([]);
  await town.configure(jobs(typo));
  const { ledger, routes } = town.service.assembly.needs;
  expect(await missingGroupsOf(ledger, routes)).toMatchObject([
    { tenant: 'contoso', group: typo, keptFor: [] },
  ]);
  expect(town.shownTo(owner)).toEqual(new Set(idsOf()));
});
