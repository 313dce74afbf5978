import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RuleConfig } from '../../src/kit/config/rules.ts';
import { total } from '../tenant/counts.ts';
import { idsOf, Town, type JobPart } from './town.ts';

let town: Town;
beforeEach(() => {
  town = new Town();
});
afterEach(() => town.close());

const departmentIs = (...values: string[]): RuleConfig => ({
  kind: 'test',
  attribute: 'department',
  test: { kind: 'in', values },
});
const inUnit = (unit: string): RuleConfig => ({
  kind: 'test',
  attribute: 'onPremisesDistinguishedName',
  test: { kind: 'ends with', values: [unit] },
});

const ruled = (where: RuleConfig): JobPart => ({ source: { where }, target: { kind: 'licensed' } });

describe('scope follows people', () => {
  test('demand 9: a rule that somebody begins or ceases to fit, in every mailbox', async () => {
    const [one, two] = [town.owner(), town.owner()];
    const [ann, bob] = [town.person({ department: 'Sales' }), town.person({ department: 'IT' })];
    await town.configure({
      staff: { source: { where: departmentIs('sales') }, target: { kind: 'licensed' } },
    });
    expect([town.shownTo(one), town.shownTo(two)]).toEqual([idsOf(ann), idsOf(ann)]);
    town.tenant.directory.updateUser(bob.id, { department: 'SALES' });
    town.tenant.directory.updateUser(ann.id, { department: null });
    await town.rest();
    expect([town.shownTo(one), town.shownTo(two)]).toEqual([idsOf(bob), idsOf(bob)]);
  });

  test('an attribute that no contact shows is noticed all the same', async () => {
    const owner = town.owner();
    const unit = 'OU=Staff,DC=contoso,DC=com';
    const ann = town.person({ onPremisesDistinguishedName: `CN=Ann,${unit}` });
    await town.configure({ staff: { source: { where: inUnit(`,${unit}`) }, target: { kind: 'licensed' } } });
    expect(town.shownTo(owner)).toEqual(idsOf(ann));
    town.tenant.directory.updateUser(ann.id, {
      onPremisesDistinguishedName: 'CN=Ann,OU=Externals,DC=contoso,DC=com',
    });
    await town.rest();
    expect(town.shownTo(owner)).toEqual(new Set());
  });

  test.each([
    ['hidden from the address list', { showInAddressList: false }],
    ['disabled', { accountEnabled: false }],
    ['turned into a guest', { userType: 'Guest' as const }],
    ['out of reach', { mail: null }],
  ])('demand 9: whoever is %s goes, and comes back', async (_name, changes) => {
    const owner = town.owner();
    const ann = town.person();
    const back = {
      showInAddressList: null,
      accountEnabled: true,
      userType: 'Member' as const,
      mail: ann.mail,
    };
    const source = { groups: [town.group(ann).id] };
    await town.configure({ staff: { source, target: { kind: 'licensed' } } });
    expect(town.shownTo(owner)).toEqual(idsOf(ann));
    town.tenant.directory.updateUser(ann.id, changes);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(new Set());
    town.tenant.directory.updateUser(ann.id, back);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(ann));
  });
});

describe('demand 9: shared mailboxes by choice', () => {
  const account = { accountEnabled: false, surname: null };
  const target = { kind: 'licensed' as const };

  /** The job with and without the option; a shared mailbox, a room, and somebody who left, all of the group. */
  async function play(): Promise<{ shown: unknown; info: string; asked: number }> {
    const owner = town.owner();
    const [info, room, leaver] = [town.person(account), town.person(account), town.person(account)];
    town.tenant.mailboxes.setPurpose(info.id, 'shared');
    town.tenant.mailboxes.setPurpose(room.id, 'room');
    for (const { id } of [info, room]) town.tenant.mailboxes.setState(id, 'ok');
    const source = { groups: [town.group(info, room, leaver).id] };
    const asked = (): number => total(town.tenant.counts, 'GET users/{id}/mailboxSettings/userPurpose');
    await town.configure({ staff: { source, target } });
    expect([town.shownTo(owner), asked()]).toEqual([new Set(), 0]);
    await town.configure({ staff: { source: { ...source, include: ['shared-mailboxes'] }, target } });
    return { shown: town.shownTo(owner), info: info.id, asked: asked() };
  }

  test('are shown; rooms and leavers are not, and nobody with a licence is asked', async () => {
    await town.close();
    town = new Town({ roles: ['MailboxSettings.Read'] });
    const { shown, info, asked } = await play();
    expect([shown, asked]).toEqual([new Set([info]), 3]);
  });

  test('are not shown without the permission, and nothing else is held up', async () => {
    const { shown } = await play();
    expect(shown).toEqual(new Set());
    const { needs } = town.service.assembly;
    expect(await needs.changes.depth()).toMatchObject({ due: 0, delayed: 0, held: 0 });
  });
});

describe('scope follows groups', () => {
  test('demand 9: who joins a group that is excepted, nested or not, goes', async () => {
    const owner = town.owner();
    const [ann, bob, cem] = [town.person(), town.person(), town.person()];
    const board = town.group();
    const unlisted = town.group(board);
    const source = { groups: [town.group(ann, bob, cem).id], except: { groups: [unlisted.id] } };
    await town.configure({ staff: { source, target: { kind: 'licensed' } } });
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob, cem));
    town.tenant.directory.addMember(board.id, ann.id);
    town.tenant.directory.addMember(unlisted.id, bob.id);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(cem));
    town.tenant.directory.removeMember(board.id, ann.id);
    await town.rest();
    expect(town.shownTo(owner)).toEqual(idsOf(ann, cem));
  });

  test('demand 5: a group beyond every page size, with nested and dynamic ones inside, is shown whole', async () => {
    const owner = town.owner();
    const people = Array.from({ length: 1_300 }, () => town.person());
    const nested = Array.from({ length: 120 }, () => town.person());
    const ruled = Array.from({ length: 110 }, () => town.person());
    const dynamic = town.tenant.directory.addGroup({
      groupTypes: ['DynamicMembership'],
      membershipRule: 'user.department -eq "IT"',
    });
    for (const { id } of ruled) town.tenant.directory.addMember(dynamic.id, id);
    const everybody = town.group(...people, town.group(...nested, dynamic));
    await town.configure({ staff: { source: { groups: [everybody.id] }, target: { kind: 'licensed' } } });
    expect(town.shownTo(owner)).toEqual(idsOf(...people, ...nested, ...ruled));
  });
});

describe('scope follows the configuration', () => {
  test('a narrower rule removes, a wider one adds, and nobody else is written', async () => {
    const owner = town.owner();
    const [ann, bob] = [town.person({ department: 'Sales' }), town.person({ department: 'IT' })];
    await town.configure({ staff: ruled(departmentIs('Sales', 'IT')) });
    expect(town.shownTo(owner)).toEqual(idsOf(ann, bob));
    let before = town.writes();
    await town.configure({ staff: ruled(departmentIs('Sales')) });
    expect([town.shownTo(owner), town.writes() - before]).toEqual([idsOf(ann), 1]);
    before = town.writes();
    await town.configure({ staff: ruled(departmentIs('Sales', 'IT')) });
    expect([town.shownTo(owner), town.writes() - before]).toEqual([idsOf(ann, bob), 1]);
  });

  test('what a change of configuration removes asks the guard first', async () => {
    const owner = town.owner();
    const people = Array.from({ length: 6 }, () => town.person({ department: 'IT' }));
    const guard = { count: 2, percent: 0 };
    const all = {
      source: { users: people.map(({ id }) => id) },
      target: { kind: 'licensed' as const },
      guard,
    };
    await town.configure({ staff: all });
    const except = { where: departmentIs('IT') };
    await town.configure({ staff: { ...all, source: { ...all.source, except } } });
    expect(town.shownTo(owner)?.size).toBe(4);
    expect(await town.service.assembly.needs.ledger.guard.held('staff')).toHaveLength(4);
    // Back as it was: nothing is held any more, and everybody is there again.
    await town.configure({ staff: all });
    expect(town.shownTo(owner)).toEqual(idsOf(...people));
    expect(await town.service.assembly.needs.ledger.guard.held('staff')).toEqual([]);
  });

  test("one's own contact comes and goes with the option, and nothing else is written", async () => {
    const [ann, bob] = [town.owner(), town.owner()];
    const job = { source: { users: [ann.id, bob.id] }, target: { kind: 'licensed' as const } };
    await town.configure({ staff: job });
    expect([town.shownTo(ann), town.shownTo(bob)]).toEqual([idsOf(bob), idsOf(ann)]);
    let before = town.writes();
    await town.configure({ staff: { ...job, ownContact: true } });
    expect([town.shownTo(ann), town.shownTo(bob)]).toEqual([idsOf(ann, bob), idsOf(ann, bob)]);
    expect(town.writes() - before).toBe(2);
    before = town.writes();
    await town.configure({ staff: job });
    expect([town.shownTo(ann), town.shownTo(bob)]).toEqual([idsOf(bob), idsOf(ann)]);
    expect(town.writes() - before).toBe(2);
  });
});
