import { describe, expect, it } from 'vitest';
import { MAIN_ROLES } from './tenant.ts';
import { probe } from './probe.ts';

const withRole = (...roles: string[]) => ({ app: { roles: [...MAIN_ROLES, ...roles] } });

describe('contacts of the organisation', () => {
  it('are read, listed, and told by delta alone', async () => {
    const { tenant, ask } = probe(withRole('OrgContact.Read.All'));
    const { contacts } = tenant.directory;
    const ada = contacts.add({ displayName: 'Ada', phones: [{ type: 'mobile', number: '+49 1' }] });
    expect((await ask('GET', `contacts/${ada.id}`)).body).toMatchObject({
      displayName: 'Ada',
      phones: [{ type: 'mobile', number: '+49 1' }],
      addresses: [],
    });
    expect((await ask('GET', 'contacts?$select=id')).value).toEqual([{ id: ada.id }]);
    const first = await ask('GET', 'contacts/delta?$select=displayName');
    expect(first.value).toMatchObject([{ id: ada.id, displayName: 'Ada' }]);
    contacts.update(ada.id, { mail: 'ada@x.example' });
    contacts.update(ada.id, { displayName: 'Ada L' });
    const told = await ask('GET', String(first.deltaLink));
    expect(told.value).toMatchObject([{ id: ada.id, displayName: 'Ada L' }]);
    tenant.directory.deleteContact(ada.id);
    const gone = await ask('GET', String(told.deltaLink));
    expect(gone.value).toEqual([{ id: ada.id, '@removed': { reason: 'deleted' } }]);
    expect((await ask('GET', `contacts/${ada.id}`)).status).toBe(404);
    expect((await ask('GET', 'contacts?$select=shoeSize')).status).toBe(400);
  });

  it('may be members of groups', async () => {
    const { tenant, ask } = probe();
    const group = tenant.directory.addGroup();
    const contact = tenant.directory.contacts.add({ displayName: 'Ada' });
    tenant.directory.addMember(group.id, contact.id);
    expect((await ask('GET', `groups/${group.id}/members`)).value).toMatchObject([
      { '@odata.type': '#microsoft.graph.orgContact', id: contact.id },
    ]);
    expect((await ask('GET', `groups/${group.id}/members/microsoft.graph.user`)).value).toEqual([]);
    const delta = await ask('GET', 'groups/delta?$select=members');
    expect(delta.value).toMatchObject([
      { 'members@delta': [{ '@odata.type': '#microsoft.graph.orgContact', id: contact.id }] },
    ]);
  });
});

describe('administrative units', () => {
  it('list direct members, and tell by delta who came and left', async () => {
    const { tenant, ask } = probe(withRole('AdministrativeUnit.Read.All'));
    const { units } = tenant.directory;
    const unit = units.add({ displayName: 'Bayern' });
    const path = 'directory/administrativeUnits';
    const first = await ask('GET', `${path}/delta`);
    expect((await ask('GET', `${path}/delta?$select=id,members`)).status).toBe(400);
    const user = tenant.directory.addUser();
    const group = tenant.directory.addGroup();
    units.addMember(unit.id, { id: user.id, type: 'user' });
    units.addMember(unit.id, { id: group.id, type: 'group' });
    tenant.directory.addMember(group.id, tenant.directory.addUser().id);
    expect((await ask('GET', `${path}/${unit.id}/members?$select=id`)).value).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: user.id },
      { '@odata.type': '#microsoft.graph.group', id: group.id },
    ]);
    units.removeMember(unit.id, user.id);
    const told = await ask('GET', String(first.deltaLink));
    expect(told.deltaLink).toContain(`/${path}/delta?`);
    expect(told.value).toMatchObject([
      {
        id: unit.id,
        'members@delta': [{ id: user.id, '@removed': { reason: 'deleted' } }, { id: group.id }],
      },
    ]);
    expect((await ask('GET', `${path}/${unit.id}`)).body).toMatchObject({ displayName: 'Bayern' });
    expect((await ask('GET', path)).value).toHaveLength(1);
  });

  it('are followed one by one, hold devices, and tell by delta that they were deleted', async () => {
    const { tenant, ask } = probe(withRole('AdministrativeUnit.Read.All'));
    const { units } = tenant.directory;
    const [unit, other] = [units.add(), units.add()];
    units.addMember(unit.id, { id: 'tablet', type: 'device' });
    units.addMember(other.id, { id: tenant.directory.addUser().id, type: 'user' });
    const path = 'directory/administrativeUnits';
    const device = { '@odata.type': '#microsoft.graph.device', id: 'tablet' };
    expect((await ask('GET', `${path}/${unit.id}/members`)).value).toEqual([device]);
    const first = await ask('GET', `${path}/delta?$filter=id%20eq%20'${unit.id}'`);
    expect(first.value).toEqual([{ id: unit.id, 'members@delta': [device] }]);
    units.remove(unit.id, 'soft');
    const gone = await ask('GET', String(first.deltaLink));
    expect(gone.value).toEqual([{ id: unit.id, '@removed': { reason: 'changed' } }]);
    expect((await ask('GET', `${path}/${unit.id}`)).status).toBe(404);
  });
});

describe('what a mailbox is for', () => {
  it('is told of one at a time, to whoever may read settings', async () => {
    const { tenant, ask, owner } = probe(withRole('MailboxSettings.Read'));
    const shared = owner();
    tenant.mailboxes.setPurpose(shared.id, 'shared');
    const path = `users/${shared.id}/mailboxSettings`;
    expect((await ask('GET', `${path}/userPurpose`)).body).toMatchObject({ value: 'shared' });
    expect((await ask('GET', path)).body).toMatchObject({ userPurpose: 'shared' });
    expect((await ask('GET', `users/${owner().id}/mailboxSettings/userPurpose`)).body).toMatchObject({
      value: 'user',
    });
    const nobody = tenant.directory.addUser();
    expect((await ask('GET', `users/${nobody.id}/mailboxSettings/userPurpose`)).status).toBe(404);
    expect((await ask('GET', `users?$select=mailboxSettings`)).status).toBe(400);
    expect((await ask('GET', `users/delta?$select=mailboxSettings`)).status).toBe(400);
  });
});

describe('permissions', () => {
  it('are demanded for everything, and the three of the main job open nothing more', async () => {
    const { tenant, ask, owner } = probe();
    const mailbox = owner();
    const refused = {
      'contacts/delta': 'Authorization_RequestDenied',
      'directory/administrativeUnits/delta': 'Authorization_RequestDenied',
      [`users/${mailbox.id}/mailboxSettings/userPurpose`]: 'ErrorAccessDenied',
    };
    for (const [path, code] of Object.entries(refused))
      expect(await ask('GET', path)).toMatchObject({ status: 403, code });
    tenant.photos.set(mailbox.id, { bytes: Uint8Array.of(0xff, 0xd8), width: 48, height: 48 });
    for (const path of ['users/delta', 'groups/delta', `users/${mailbox.id}/photo`])
      expect((await ask('GET', path)).status).toBe(200);
    const blind = probe({ app: { roles: [] } });
    for (const path of ['users', 'groups', 'users/delta', 'groups/delta'])
      expect(await blind.ask('GET', path)).toMatchObject({
        status: 403,
        code: 'Authorization_RequestDenied',
      });
  });

  it('may come from Exchange alone: then they open mailboxes and stand in no token', async () => {
    const { tenant, ask, owner } = probe({ switches: { exchangeScoped: true } });
    const path = `users/${owner().id}/contactFolders`;
    expect((await ask('POST', path, { body: { displayName: 'Staff' } })).status).toBe(201);
    const claims = Buffer.from(tenant.issueToken().split('.')[1] ?? '', 'base64url').toString('utf8');
    expect(claims).not.toContain('Contacts.ReadWrite');
    const without = probe({ app: { roles: ['User.Read.All'] } });
    expect(await without.ask('GET', `users/${without.owner().id}/contactFolders`)).toMatchObject({
      status: 403,
      code: 'ErrorAccessDenied',
    });
  });
});
