import { expect, it } from 'vitest';
import { departure } from './http/schema.ts';
import { listen } from './listening.ts';
import { makeFolder, markId, marks } from './probe.ts';

it('answers in the shapes that Microsoft publishes', async () => {
  const on = await listen();
  const { directory } = on.tenant;
  const owner = on.owner({ displayName: 'Ada', companyName: 'Contoso' });
  const group = directory.addGroup({ displayName: 'G' });
  directory.addMember(group.id, owner.id);
  const leaver = directory.addUser();
  directory.deleteUser(leaver.id);
  const contacts = await makeFolder(on, owner.id);
  const fields = {
    displayName: 'B',
    emailAddresses: [{ name: 'B', address: 'b@x.example' }],
    businessPhones: ['1'],
  };
  await on.ask('POST', contacts, { body: { ...fields, ...marks('u1') } });
  const expand = `extensions($filter=id eq 'app.entra-contact-sync'),singleValueExtendedProperties($filter=id eq '${markId}')`;
  const folder = contacts.replace(/\/contacts$/, '');
  const answers: [string, string][] = [
    ['usersPage', 'users?$select=displayName,companyName,assignedLicenses,accountEnabled,userType'],
    ['user', `users/${owner.id}`],
    ['groupsPage', 'groups'],
    ['directoryObjectsPage', `groups/${group.id}/members`],
    ['userDeltaPage', 'users/delta'],
    ['groupDeltaPage', 'groups/delta'],
    ['contactFoldersPage', `users/${owner.id}/contactFolders`],
    ['contactFolder', folder],
    ['contactsPage', `${contacts}?$expand=${encodeURIComponent(expand)}`],
    ['subscriptionsPage', 'subscriptions'],
    ['odataError', `users/${leaver.id}`],
    ['odataError', 'nowhere'],
  ];
  for (const [shape, path] of answers) {
    const { body } = await on.ask('GET', path);
    expect([path, departure(shape, body)]).toEqual([path, undefined]);
  }
  const batch = await on.batch(answers.map(([, url], n) => ({ id: `${n}`, method: 'GET', url })));
  expect(departure('batchResponse', batch.body)).toBeUndefined();
  expect(departure('contactsPage', { value: [{ faxNumber: '1' }] })).toContain('/value/0');
});
