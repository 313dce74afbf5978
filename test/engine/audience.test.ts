import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RuleConfig } from '../../src/kit/config/rules.ts';
import type { TargetConfig } from '../../src/kit/config/scope.ts';
import type { User } from '../tenant/directory/objects.ts';
import { idsOf, Town } from './town.ts';

let town: Town;
beforeEach(() => {
  town = new Town();
});
afterEach(() => town.close());

const inBerlin: RuleConfig = { kind: 'test', attribute: 'city', test: { kind: 'in', values: ['Berlin'] } };

describe('a mailbox joins the audience and is filled, leaves it and is emptied', () => {
  test('by an attribute of its owner', async () => {
    const [shown, owner] = [town.person(), town.owner({ city: 'Bonn' })];
    const job = { source: { users: [shown.id] }, target: { kind: 'chosen' as const, where: inBerlin } };
    await town.configure({ staff: job });
    expect(town.shownTo(owner)).toBeNull();
    town.tenant.directory.updateUser(owner.id, { city: 'BERLIN' });
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(shown));
    town.tenant.directory.updateUser(owner.id, { city: null });
    await town.rest();
    expect(town.shownTo(owner)).toBeNull();
  });

  test('by an exception', async () => {
    const [shown, owner, other] = [town.person(), town.owner(), town.owner()];
    const board = town.group();
    const target: TargetConfig = { kind: 'licensed', except: { groups: [board.id] } };
    await town.configure({ staff: { source: { users: [shown.id] }, target } });
    town.tenant.directory.addMember(board.id, owner.id);
    await town.rest();
    expect([town.shownTo(owner), town.shownTo(other)]).toEqual([null, idsOf(shown)]);
    town.tenant.directory.removeMember(board.id, owner.id);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(shown));
  });

  test('what leaves through a change of configuration asks the guard first', async () => {
    const shown = town.person();
    const owners = Array.from({ length: 5 }, () => town.owner());
    const job = { source: { users: [shown.id] }, guard: { count: 2, percent: 0 } };
    await town.configure({ staff: { ...job, target: { kind: 'licensed' } } });
    const except = { users: owners.map(({ id }) => id) };
    await town.configure({ staff: { ...job, target: { kind: 'licensed', except } } });
    expect(owners.map((owner) => town.shownTo(owner)).filter((folder) => folder !== null)).toHaveLength(3);
  });
});

const pilot = (first: number): TargetConfig => ({ kind: 'licensed', first });
const chosen = (owners: readonly User[]): User[] => owners.filter((owner) => town.shownTo(owner) !== null);

describe('a pilot', () => {
  test('reaches the first so many; wider adds, narrower takes the last ones back', async () => {
    const shown = town.person();
    const owners = Array.from({ length: 9 }, () => town.owner());
    const source = { users: [shown.id] };
    await town.configure({ staff: { source, target: pilot(3) } });
    const first = chosen(owners);
    expect(first).toHaveLength(3);
    await town.configure({ staff: { source, target: pilot(6) } });
    const wider = chosen(owners);
    expect(wider).toHaveLength(6);
    expect(wider).toEqual(expect.arrayContaining(first));
    await town.configure({ staff: { source, target: pilot(3) } });
    expect(chosen(owners)).toEqual(first);
    await town.configure({ staff: { source, target: { kind: 'licensed' } } });
    expect(chosen(owners)).toEqual(owners);
  });

  test('the guard is asked when it becomes narrower', async () => {
    const owners = Array.from({ length: 8 }, () => town.owner());
    const job = { source: { users: [town.person().id] }, guard: { count: 2, percent: 0 } };
    await town.configure({ staff: { ...job, target: pilot(8) } });
    await town.configure({ staff: { ...job, target: pilot(2) } });
    expect(chosen(owners)).toHaveLength(6);
    expect(await town.service.assembly.needs.ledger.guard.held('staff')).toHaveLength(4);
  });

  test('a newcomer waits; when one of the first leaves, another takes the place', async () => {
    const shown = town.person();
    const owners = Array.from({ length: 4 }, () => town.owner());
    const leaving = town.group();
    const target = { ...pilot(4), except: { groups: [leaving.id] } };
    await town.configure({ staff: { source: { users: [shown.id] }, target } });
    const newcomer = town.owner();
    await town.rest();
    expect(town.shownTo(newcomer)).toBeNull();
    town.tenant.directory.addMember(leaving.id, owners[1]?.id ?? '');
    await town.rest(600_000);
    expect(chosen([...owners, newcomer])).toEqual([...owners, newcomer].toSpliced(1, 1));
  });

  test('somebody who waits is not looked at again and again', async () => {
    const owners = Array.from({ length: 4 }, () => town.owner());
    await town.configure({ staff: { source: { users: [town.person().id] }, target: pilot(1) } });
    await town.rest(3_600_000);
    const { needs } = town.service.assembly;
    expect(chosen(owners)).toHaveLength(1);
    expect((await needs.changes.depth()).delayed).toBe(0);
  });
});
