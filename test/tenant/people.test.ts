import { describe, expect, it } from 'vitest';
import { departure } from './http/schema.ts';
import { probe } from './probe.ts';

const WORKPLACE = {
  country: 'Germany',
  usageLocation: 'DE',
  city: 'Köln',
  state: 'NRW',
  streetAddress: 'Domplatz 1',
  postalCode: '50667',
  officeLocation: 'Dom',
  employeeType: 'Employee',
  employeeId: '4711',
  mailNickname: 'ada',
  userPrincipalName: 'ada@contoso.example',
  proxyAddresses: ['SMTP:ada@contoso.example', 'smtp:a@contoso.example'],
  otherMails: ['ada@home.example'],
  imAddresses: ['ada@contoso.example'],
  faxNumber: '+49 221 1',
  showInAddressList: false,
  isResourceAccount: false,
  onPremisesDistinguishedName: 'CN=ada,OU=Staff,DC=contoso,DC=example',
};

describe('what the directory knows of a person', () => {
  it('shows every attribute that is selected, and fifteen extension attributes', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser({
      ...WORKPLACE,
      onPremisesExtensionAttributes: { extensionAttribute3: 'x' },
    });
    const names = [...Object.keys(WORKPLACE), 'onPremisesExtensionAttributes'].join(',');
    const { body } = await ask('GET', `users/${user.id}?$select=${names}`);
    expect(body).toMatchObject(WORKPLACE);
    const attributes = body['onPremisesExtensionAttributes'] as Record<string, unknown>;
    expect(Object.keys(attributes)).toHaveLength(15);
    expect(attributes).toMatchObject({
      extensionAttribute3: 'x',
      extensionAttribute1: null,
      extensionAttribute15: null,
    });
    expect(departure('user', body)).toBeUndefined();
    const listed = await ask('GET', `users?$select=${names}`);
    expect(listed.value[0]).toMatchObject(WORKPLACE);
  });

  it('shows nothing as null, and lists of nothing as empty', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser();
    const names = [...Object.keys(WORKPLACE), 'onPremisesExtensionAttributes'].join(',');
    const { body } = await ask('GET', `users/${user.id}?$select=${names}`);
    expect(body).toMatchObject({ country: null, proxyAddresses: [], otherMails: [] });
    expect(departure('user', body)).toBeUndefined();
  });

  it('reports a change of a selected attribute, and of no other', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser({ country: 'Germany' });
    const first = await ask('GET', 'users/delta?$select=country,onPremisesExtensionAttributes');
    tenant.directory.updateUser(user.id, { city: 'Bonn' });
    const quiet = await ask('GET', String(first.deltaLink));
    expect(quiet.value).toEqual([]);
    tenant.directory.updateUser(user.id, { country: 'France' });
    const told = await ask('GET', String(quiet.deltaLink));
    expect(told.value).toMatchObject([{ id: user.id, country: 'France' }]);
    tenant.directory.updateUser(user.id, { onPremisesExtensionAttributes: { extensionAttribute9: 'red' } });
    const again = await ask('GET', String(told.deltaLink));
    expect(again.value).toMatchObject([{ onPremisesExtensionAttributes: { extensionAttribute9: 'red' } }]);
  });
});

describe('managers', () => {
  it('are read by their own path, or expanded', async () => {
    const { tenant, ask } = probe();
    const boss = tenant.directory.addUser({ displayName: 'Grace' });
    const user = tenant.directory.addUser({ displayName: 'Ada', manager: boss.id });
    expect((await ask('GET', `users/${user.id}/manager?$select=id,displayName`)).body).toMatchObject({
      '@odata.type': '#microsoft.graph.user',
      id: boss.id,
      displayName: 'Grace',
    });
    expect(await ask('GET', `users/${boss.id}/manager`)).toMatchObject({
      status: 404,
      code: 'Request_ResourceNotFound',
    });
    const expanded = await ask(
      'GET',
      `users/${user.id}?$select=displayName&$expand=manager($select=displayName)`,
    );
    expect(expanded.body).toMatchObject({
      displayName: 'Ada',
      manager: { id: boss.id, displayName: 'Grace' },
    });
    expect(expanded.body['manager']).not.toHaveProperty('jobTitle');
    expect((await ask('GET', `users/${boss.id}?$expand=manager`)).body).not.toHaveProperty('manager');
    tenant.directory.deleteUser(boss.id);
    expect((await ask('GET', `users/${user.id}/manager`)).status).toBe(404);
    expect((await ask('GET', `users/${user.id}?$expand=manager`)).body).not.toHaveProperty('manager');
  });

  it('show in delta by id where they are selected', async () => {
    const { tenant, ask } = probe();
    const boss = tenant.directory.addUser();
    const user = tenant.directory.addUser();
    const first = await ask('GET', 'users/delta?$select=displayName,manager');
    tenant.directory.updateUser(user.id, { manager: boss.id });
    const told = await ask('GET', String(first.deltaLink));
    expect(told.value).toMatchObject([{ id: user.id, 'manager@delta': [{ id: boss.id }] }]);
  });
});
