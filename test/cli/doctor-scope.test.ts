import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { the, troubles, Ward } from './ward.ts';

const MAIN = ['User.Read.All', 'Group.Read.All', 'Contacts.ReadWrite'];
const NOBODYS = '6a1f0a2e-7b1c-4d55-9d39-0f4b8c2d7e10';
const NOTIFIED = { port: 9 };

let ward: Ward;

describe('permissions', () => {
  afterEach(() => ward.close());

  test.each([
    ['User.Read.All', ['permissions', 'mailbox']],
    ['Group.Read.All', ['permissions', 'groups']],
  ])('%s is missing', async (name, named) => {
    ward = await Ward.open({ roles: MAIN.filter((role) => role !== name) });
    const seen = await ward.look();
    expect(the('failed', 'permissions', seen)).toMatchObject({
      found: expect.stringMatching(new RegExp(`^${name} is missing: it reads `)),
      remedy: expect.stringContaining(`grant ${name} as an application permission`),
    });
    expect(troubles(seen)).toEqual(named);
    expect(seen.code).toBe(1);
  });

  test('more than is needed is a failure too', async () => {
    ward = await Ward.open({ roles: [...MAIN, 'Mail.Read', 'GroupMember.Read.All'] });
    const seen = await ward.look();
    expect(seen.findings.filter(({ check }) => check === 'permissions').map(({ found }) => found)).toEqual([
      'Mail.Read is granted and not needed',
      'GroupMember.Read.All is granted and not needed',
    ]);
    expect(seen.code).toBe(1);
  });

  test('GroupMember.Read.All does without notifications, and not with them', async () => {
    ward = await Ward.open({ roles: ['User.Read.All', 'GroupMember.Read.All', 'Contacts.ReadWrite'] });
    expect(troubles(await ward.look())).toEqual([]);
    await ward.configure(NOTIFIED);
    const { findings } = await ward.look();
    expect(findings.filter(({ check }) => check === 'permissions').map(({ found }) => found)).toEqual([
      expect.stringMatching(/^Group.Read.All is missing/),
      'GroupMember.Read.All is granted and not needed',
    ]);
  });

  test('none for Contacts is right where Exchange grants it', async () => {
    ward = await Ward.open({ switches: { exchangeScoped: true } });
    const seen = await ward.look();
    expect(troubles(seen)).toEqual([]);
    expect(the('well', 'permissions', seen).found).toContain('which is right where Exchange grants it');
  });

  test('and wrong where nobody does: the mailbox says so', async () => {
    ward = await Ward.open({ roles: MAIN.slice(0, 2) });
    const seen = await ward.look();
    expect(troubles(seen)).toEqual(['mailbox']);
    expect(the('failed', 'mailbox', seen)).toMatchObject({
      found: expect.stringContaining('neither in the token nor granted in Exchange'),
      remedy: expect.stringContaining('RBAC for Applications'),
    });
  });

  test('what reads contacts and writes none is no Contacts.ReadWrite', async () => {
    ward = await Ward.open({ roles: [...MAIN.slice(0, 2), 'Contacts.Read'] });
    const seen = await ward.look();
    expect(the('failed', 'permissions', seen).found).toBe('Contacts.Read is granted and not needed');
  });

  test.each([
    ['AdministrativeUnit.Read.All', { source: { administrativeUnits: [NOBODYS] } }],
    ['OrgContact.Read.All', { source: { orgContacts: true } }],
    ['MailboxSettings.Read', { source: { groups: [NOBODYS], include: ['shared-mailboxes'] } }],
  ])('%s is needed by an option alone', async (name, more) => {
    ward = await Ward.open({ roles: [...MAIN, name] });
    expect(the('failed', 'permissions', await ward.look()).found).toBe(`${name} is granted and not needed`);
    await ward.configure({ jobs: { staff: { groups: [], more } } });
    expect(the('well', 'permissions', await ward.look()).found).toContain(name);
    await ward.close();
    ward = await Ward.open();
    await ward.configure({ jobs: { staff: { groups: [], more } } });
    expect(the('failed', 'permissions', await ward.look()).found).toContain(`${name} is missing`);
  });
});

describe('groups and mailboxes of a job', () => {
  beforeAll(async () => {
    ward = await Ward.open();
  });
  afterAll(() => ward.close());

  test('a group that does not exist, one that is empty, and the sizes of nested ones', async () => {
    const { directory } = ward.tenant;
    const empty = directory.addGroup({ displayName: 'Empty' });
    const outer = directory.addGroup({ displayName: 'Outer' });
    directory.addMember(outer.id, ward.population.source.id);
    await ward.configure({ jobs: { staff: { groups: [NOBODYS, empty.id, outer.id] } } });
    const seen = await ward.look();
    expect(seen.findings.filter(({ check }) => check === 'groups')).toMatchObject([
      { about: `staff ${NOBODYS}`, state: 'failed', found: 'there is no such group' },
      { about: `staff ${empty.id}`, state: 'warning', found: 'nobody is in this group (shown)' },
      { about: `staff ${outer.id}`, state: 'well', found: '8 people (shown)' },
    ]);
  });

  test('one of the mailboxes is enough, whoever has none yet', async () => {
    const [first, second] = ward.population.owners.map(({ id }) => id);
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const jobs = { staff: { groups: [ward.population.source.id], target: { users: [first, second] } } };
    await ward.configure({ jobs });
    ward.tenant.mailboxes.setState(first, 'none');
    expect(the('well', 'mailbox', await ward.look()).found).toBe(`the mailbox of ${second} can be read`);
    ward.tenant.mailboxes.setState(second, 'none');
    expect(the('failed', 'mailbox', await ward.look()).found).toMatch(
      /^none of 2 that were tried has a mailbox/,
    );
    ward.tenant.mailboxes.setState(second, 'out-of-scope');
    expect(the('failed', 'mailbox', await ward.look()).remedy).toContain('application access policy');
  });

  test('a target group, a unit, and nobody at all', async () => {
    const { directory, mailboxes } = ward.tenant;
    const owner = directory.addUser({ displayName: 'New', mail: 'new@contoso.example' });
    directory.updateUser(owner.id, { assignedLicenses: [mailboxLicense] });
    mailboxes.setState(owner.id, 'ok');
    const group = directory.addGroup({ displayName: 'Receiving' });
    const source = [ward.population.source.id];
    await ward.configure({ jobs: { staff: { groups: source, target: { groups: [group.id] } } } });
    expect(the('warning', 'mailbox', await ward.look()).found).toBe('nobody is there who receives');
    directory.addMember(group.id, owner.id);
    expect(the('well', 'mailbox', await ward.look()).found).toContain(owner.id);
  });
});
