import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { since, snapshot, total } from '../tenant/counts.ts';
import type { AdministrativeUnit } from '../tenant/directory/objects.ts';
import { POLL_MS } from './settlement.ts';
import { idsOf, Town, type JobPart } from './town.ts';

let town: Town;
beforeEach(() => {
  town = new Town({ roles: ['AdministrativeUnit.Read.All'] });
});
afterEach(() => town.close());

function unit(...members: readonly { readonly id: string }[]): AdministrativeUnit {
  const made = town.tenant.directory.units.add();
  for (const { id } of members) town.tenant.directory.units.addMember(made.id, { id, type: 'user' });
  return made;
}
/** Nobody announces members of units: the poll, and what follows. */
const polled = (): Promise<void> => town.rest(POLL_MS + 10_000);
const licensed = { kind: 'licensed' as const };

describe('demand 9: administrative units', () => {
  test('choose people: who joins comes, who leaves goes, within a poll', async () => {
    const [one, two] = [town.owner(), town.owner()];
    const [ann, bob] = [town.person(), town.person()];
    const { units } = town.tenant.directory;
    const bayern = unit(ann);
    await town.configure({ staff: { source: { administrativeUnits: [bayern.id] }, target: licensed } });
    expect([town.shownTo(one), town.shownTo(two)]).toEqual([idsOf(ann), idsOf(ann)]);
    units.addMember(bayern.id, { id: bob.id, type: 'user' });
    units.removeMember(bayern.id, ann.id);
    await polled();
    expect([town.shownTo(one), town.shownTo(two)]).toEqual([idsOf(bob), idsOf(bob)]);
  });

  test('choose mailboxes and exceptions beside groups and lists; a group or a device in one brings nobody', async () => {
    const [one, two, three] = [town.owner(), town.owner(), town.owner()];
    const [ann, bob, cem, dan] = [town.person(), town.person(), town.person(), town.person()];
    const { units } = town.tenant.directory;
    const [shown, hidden, receiving] = [unit(ann, bob), unit(bob), unit(one)];
    units.addMember(shown.id, { id: town.group(dan).id, type: 'group' });
    units.addMember(shown.id, { id: 'tablet', type: 'device' });
    const job: JobPart = {
      source: {
        administrativeUnits: [shown.id],
        groups: [town.group(cem).id],
        except: { administrativeUnits: [hidden.id] },
      },
      target: { kind: 'chosen', administrativeUnits: [receiving.id], users: [two.id] },
    };
    await town.configure({ staff: job });
    expect([town.shownTo(one), town.shownTo(two), town.shownTo(three)]).toEqual([
      idsOf(ann, cem),
      idsOf(ann, cem),
      null,
    ]);
    units.removeMember(hidden.id, bob.id);
    units.addMember(hidden.id, { id: cem.id, type: 'user' });
    units.removeMember(receiving.id, one.id);
    units.addMember(receiving.id, { id: three.id, type: 'user' });
    await polled();
    expect([town.shownTo(one), town.shownTo(three)]).toEqual([null, idsOf(ann, bob)]);
  });

  test('that are deleted take nobody away before somebody has looked', async () => {
    const owner = town.owner();
    const people = [town.person(), town.person()];
    const gone = unit(...people);
    await town.configure({ staff: { source: { administrativeUnits: [gone.id] }, target: licensed } });
    town.tenant.directory.units.remove(gone.id, 'soft');
    await polled();
    expect(town.shownTo(owner)).toEqual(idsOf(...people));
    const { guard } = town.service.assembly.needs.ledger;
    expect(await guard.suspicions()).toMatchObject([{ reason: 'group gone', lost: 2 }]);
    await guard.approve(null, town.clock.now());
    await town.rest();
    expect(town.shownTo(owner)).toEqual(new Set());
  });

  test('an id that was taken for a group is read as the unit that it is', async () => {
    const owner = town.owner();
    const ann = town.person();
    const bayern = unit(ann);
    await town.configure({ staff: { source: { groups: [bayern.id] }, target: licensed } });
    expect(town.shownTo(owner)).toEqual(new Set());
    await town.configure({ staff: { source: { administrativeUnits: [bayern.id] }, target: licensed } });
    expect(town.shownTo(owner)).toEqual(idsOf(ann));
  });

  test('are followed with one request for up to 50, and where there is none nothing is asked', async () => {
    town.owner();
    const units = Array.from({ length: 50 }, () => unit(town.person()).id);
    await town.configure({ staff: { source: { administrativeUnits: units }, target: licensed } });
    await town.rest(POLL_MS);
    let before = snapshot(town.tenant.counts);
    await town.clock.run(town.clock.now() + 3 * POLL_MS);
    const asked = since(town.tenant.counts, before);
    expect([...asked]).toEqual([['GET directory/administrativeUnits/delta', 3]]);
    await town.configure({ staff: { source: { groups: [town.group().id] }, target: licensed } });
    await town.rest(POLL_MS);
    before = snapshot(town.tenant.counts);
    await town.clock.run(town.clock.now() + 3 * POLL_MS);
    expect([...since(town.tenant.counts, before)]).toEqual([]);
  });
});

test('without the permission it is said which one is missing', async () => {
  await town.close();
  town = new Town();
  town.owner();
  await town.configure({ staff: { source: { administrativeUnits: ['u'] }, target: licensed } });
  const { sources } = town.service.assembly.needs;
  const asked = sources.get('contoso')?.changedGroups(null, ['u'], 'unit')[Symbol.asyncIterator]().next();
  const told = expect(asked).rejects.toThrow('the app needs the permission AdministrativeUnit.Read.All');
  await town.clock.run(town.clock.now() + 60_000);
  await told;
  expect(total(town.tenant.counts, 'GET users/delta')).toBe(0);
});
