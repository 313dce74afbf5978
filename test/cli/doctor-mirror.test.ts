import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { NO_ID } from '../../src/kit/config/no-id.ts';
import { the, troubles, Ward, type Seen } from './ward.ts';

const ROLES = ['User.Read.All', 'Contacts.ReadWrite'];
const NOBODYS = '6a1f0a2e-7b1c-4d55-9d39-0f4b8c2d7e10';

const NOTIFIED = {
  notifications: { publicUrl: 'http://127.0.0.1:9', clientStateKey: 'env:CONTACT_SYNC_CLIENT_STATE_KEY' },
};

let ward: Ward;
afterEach(() => ward.close());

/** An installation whose one job is a mirror over a shared mailbox without a licence. */
async function open(roles: readonly string[] = ROLES): Promise<{ hub: string }> {
  ward = await Ward.open({ roles });
  const { directory, mailboxes } = ward.tenant;
  const { id } = directory.addUser({ displayName: 'Shared contacts', accountEnabled: false });
  mailboxes.setPurpose(id, 'shared');
  return { hub: id };
}

async function look(
  hub: string,
  members: unknown = { mailboxes: 'licensed' },
  more: Readonly<Record<string, unknown>> = {},
): Promise<Seen> {
  const { tenantId, clientId } = ward.tenant;
  const whole = {
    tenants: { contoso: { tenantId, clientId, credential: { certificate: './app.pem' } } },
    jobs: { shared: { kind: 'mirror', tenant: 'contoso', members, hub: { mailbox: hub } } },
    ...more,
  };
  await writeFile(ward.file('contact-sync.yaml'), JSON.stringify(whole), { mode: 0o600 });
  return ward.look();
}

describe('the doctor of a mirror', () => {
  test('finds the hub, the members with a licence, and the permissions: two are enough', async () => {
    const { hub } = await open();
    const seen = await look(hub);
    expect(troubles(seen)).toEqual([]);
    expect(seen.code).toBe(0);
    expect(the('well', 'hub', seen)).toMatchObject({
      about: 'shared',
      found: `the mailbox of the hub is found, and its folders can be read (${hub})`,
    });
    // Eight people, of whom two have a mailbox; the hub is not among the members.
    const { length } = ward.population.owners;
    expect(the('well', 'members', seen).found).toMatch(new RegExp(`^\\d+ people; ${length} with a licence$`));
    expect(the('well', 'permissions', seen).found).toBe('Contacts.ReadWrite, User.Read.All');
    expect(the('well', 'mailbox', seen).found).toContain('can be read');
  });

  test('a hub that is not there, that has no mailbox, that is closed to the app, or is not filled in yet', async () => {
    const { hub } = await open();
    expect(the('failed', 'hub', await look(NOBODYS))).toMatchObject({
      found: expect.stringContaining('the mailbox of the hub is not found'),
      remedy: expect.stringContaining('Object ID of the shared mailbox'),
    });
    ward.tenant.mailboxes.setState(hub, 'none');
    expect(the('failed', 'hub', await look(hub)).found).toContain('has no mailbox in Exchange Online');
    ward.tenant.mailboxes.setState(hub, 'out-of-scope');
    expect(the('failed', 'hub', await look(hub)).remedy).toContain('application access policy');
    const seen = await look(NO_ID);
    expect(the('failed', 'configuration', seen).found).toBe(
      'the mailbox of the hub is still to be filled in',
    );
    expect(the('skipped', 'hub', seen).found).toBe('the mailbox of the hub is still to be filled in');
  });

  test.each(ROLES)('without %s', async (name) => {
    const { hub } = await open(ROLES.filter((role) => role !== name));
    const seen = await look(hub);
    if (name === 'User.Read.All')
      expect(the('failed', 'permissions', seen).found).toContain('User.Read.All is missing');
    // Whether Exchange grants it for some mailboxes, the mailboxes say.
    else expect(the('failed', 'hub', seen).found).toContain('neither in the token nor granted in Exchange');
    expect(seen.code).toBe(1);
  });

  test('groups take the permission to read them; nothing else does', async () => {
    const { hub } = await open([...ROLES, 'Group.Read.All']);
    expect(the('failed', 'permissions', await look(hub)).found).toBe(
      'Group.Read.All is granted and not needed',
    );
    const { id } = ward.population.source;
    expect(troubles(await look(hub, { mailboxes: { groups: [id] } }))).toEqual([]);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['both are there', [...ROLES, 'Group.Read.All', 'Contacts.Read'], []],
    ['what reads contacts is not', [...ROLES, 'Group.Read.All'], ['Contacts.Read is missing: it hears']],
    ['what reads groups is not', [...ROLES, 'Contacts.Read'], ['Group.Read.All is missing: it reads']],
    ['Exchange grants what is about contacts', ['User.Read.All', 'Group.Read.All'], []],
  ])('notifications of groups and of contacts take two more: %s', async (_what, roles, missing) => {
    const { hub } = await open(roles);
    const { findings } = await look(hub, undefined, NOTIFIED);
    const found = findings.filter(({ check, state }) => check === 'permissions' && state !== 'well');
    expect(found.map((one) => one.found)).toEqual(missing.map((text) => expect.stringContaining(text)));
  });

  test('members of a group, by name, without a licence, and one who is not there', async () => {
    const { hub } = await open([...ROLES, 'Group.Read.All']);
    const [owner] = ward.population.owners;
    if (owner === undefined) throw new Error('There are two.');
    const { directory } = ward.tenant;
    const group = directory.addGroup({ displayName: 'Members' });
    for (const id of [owner.id, hub]) directory.addMember(group.id, id);
    const rule = { mailboxes: { groups: [group.id] }, except: { where: { city: 'Ulm' } } };
    expect(the('well', 'members', await look(hub, rule)).found).toBe(
      '1 person; 1 with a licence, before rules and exceptions',
    );
    const named = await look(hub, { mailboxes: { users: [owner.id, NOBODYS] } });
    expect(the('well', 'members', named).found).toBe('1 person; 1 with a licence');
    expect(the('failed', 'members', named)).toMatchObject({
      about: `shared ${NOBODYS}`,
      found: 'there is no such user',
    });
    const empty = directory.addGroup({ displayName: 'Nobody' });
    expect(the('warning', 'members', await look(hub, { mailboxes: { groups: [empty.id] } })).found).toBe(
      '0 people; 0 with a licence',
    );
    const absent = await look(hub, { mailboxes: { groups: [NOBODYS] } });
    expect(the('failed', 'groups', absent).found).toBe('there is no such group');
    expect(the('warning', 'members', absent).remedy).toContain('see "members" of the job');
    expect(
      the('failed', 'configuration', await look(hub, { mailboxes: { users: [NO_ID] } })).remedy,
    ).toContain('members.mailboxes.users');
  });
});
