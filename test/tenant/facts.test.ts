import { describe, expect, it } from 'vitest';
import { listen } from './listening.ts';
import { makeFolder, marks, probe } from './probe.ts';

describe('notifications about groups', () => {
  it.each([
    ['flag', [{ '@removed': 'deleted' }]],
    ['object', [{ '@removed': { reason: 'deleted' } }]],
    ['partial', undefined],
    ['none', undefined],
  ] as const)(
    'name members as a flag, an object, in part or not at all: %s',
    async (memberHints, expected) => {
      const on = await listen({ switches: { memberHints } });
      const group = on.tenant.directory.addGroup();
      const user = on.tenant.directory.addUser();
      on.tenant.directory.addMember(group.id, user.id);
      await on.clock.run();
      on.posts.length = 0;
      on.tenant.directory.removeMember(group.id, user.id);
      await on.clock.run();
      const data = on.items()[0]?.['resourceData'] as Record<string, unknown>;
      expect(data['members@delta']).toEqual(expected?.map((hint) => ({ id: user.id, ...hint })));
    },
  );
});

describe('a new picture', () => {
  it.each([true, false])('may be told as a change of the person: %s', async (photoNotifies) => {
    const on = await listen({ switches: { photoNotifies } });
    const user = on.tenant.directory.addUser();
    await on.clock.run();
    on.posts.length = 0;
    on.tenant.photos.set(user.id, { bytes: Uint8Array.of(0xff, 0xd8), width: 48, height: 48 });
    await on.clock.run();
    expect(on.items()).toHaveLength(photoNotifies ? 1 : 0);
  });

  it.each(['plain', 'url'] as const)('comes in either alphabet: %s', async (base64) => {
    const { tenant, batch } = probe({ switches: { base64 } });
    const user = tenant.directory.addUser();
    tenant.photos.set(user.id, { bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xfb, 0xff), width: 48, height: 48 });
    const asked = await batch([{ id: '1', method: 'GET', url: `users/${user.id}/photo/$value` }]);
    expect(asked.parts.get('1')?.body).toBe(base64 === 'plain' ? '/9j/+/8=' : '_9j_-_8');
  });
});

describe('a change of a manager', () => {
  it.each([
    ['everywhere', 1, 1],
    ['delta', 1, 0],
    ['nowhere', 0, 0],
  ] as const)('may be told of %s', async (managerTold, inDelta, notified) => {
    const on = await listen({ switches: { managerTold } });
    const [boss, user] = [on.tenant.directory.addUser(), on.tenant.directory.addUser()];
    await on.clock.run();
    const first = await on.clock.through(on.ask('GET', 'users/delta?$select=displayName,manager'));
    on.posts.length = 0;
    on.tenant.directory.updateUser(user.id, { manager: boss.id });
    await on.clock.run();
    const told = await on.clock.through(on.ask('GET', String(first.deltaLink)));
    expect([told.value.length, on.items().length]).toEqual([inDelta, notified]);
    on.posts.length = 0;
    on.tenant.directory.deleteUser(boss.id);
    on.tenant.directory.restoreUser(boss.id);
    await on.clock.run();
    // Of the manager it is told twice, and of whoever has none meanwhile as of any other change.
    const again = await on.clock.through(on.ask('GET', String(told.deltaLink)));
    expect(again.value.some(({ id }) => id === user.id)).toBe(inDelta === 1);
    expect(on.items().filter((item) => JSON.stringify(item).includes(user.id))).toHaveLength(2 * notified);
  });
});

describe('what Exchange takes', () => {
  it.each(['contacts', 'beside'] as const)(
    'new folders may lie beside Contacts: %s',
    async (newFolderParent) => {
      const on = probe({ switches: { newFolderParent } });
      const owner = on.owner();
      const ours = on.tenant.mailboxes.get(owner.id);
      const made = await on.ask('POST', `users/${owner.id}/contactFolders`, {
        body: { displayName: 'Staff' },
      });
      const { contacts, root } = ours;
      expect(made.body['parentFolderId']).toBe(newFolderParent === 'beside' ? root.id : contacts.id);
      const { value } = await on.ask('GET', `users/${owner.id}/contactFolders`);
      expect(value.map(({ displayName }) => displayName)).toEqual(['Staff']);
    },
  );

  it.each([
    ['known', 201],
    ['all', 400],
  ] as const)('may limit more lists than are known to be: %s', async (listLimits, status) => {
    const on = probe({ switches: { listLimits } });
    const contacts = await makeFolder(on, on.owner().id);
    const answers = await Promise.all(
      [{ homePhones: ['1', '2', '3'] }, { imAddresses: ['a', 'b', 'c', 'd'] }].map((body) =>
        on.ask('POST', contacts, { body: { displayName: 'A', ...body } }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
  });

  it.each([null, 255])('may limit texts: %s', async (textMax) => {
    const on = probe({ switches: { textMax } });
    const contacts = await makeFolder(on, on.owner().id);
    const long = 'x'.repeat(256);
    const status = textMax === null ? 201 : 400;
    expect((await on.ask('POST', contacts, { body: { displayName: long } })).status).toBe(status);
    const notes = { displayName: 'A', personalNotes: long };
    expect((await on.ask('POST', contacts, { body: notes })).status).toBe(201);
  });

  it.each([null, 512])('may limit extensions: %s', async (extensionBytesMax) => {
    const on = probe({ switches: { extensionBytesMax } });
    const contacts = await makeFolder(on, on.owner().id);
    const status = extensionBytesMax === null ? 201 : 400;
    const small = { displayName: 'A', ...marks('u1') };
    expect((await on.ask('POST', contacts, { body: small })).status).toBe(201);
    const large = { displayName: 'A', ...marks('u'.repeat(600)) };
    expect((await on.ask('POST', contacts, { body: large })).status).toBe(status);
  });

  it.each([true, false])('contacts may lose their marks in a copy: %s', async (copyKeepsMarks) => {
    const on = probe({ switches: { copyKeepsMarks } });
    const owner = on.owner();
    const contacts = await makeFolder(on, owner.id);
    await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const mailbox = on.tenant.mailboxes.get(owner.id);
    const [ours] = mailbox.items();
    if (ours === undefined) throw new Error('No contact was made');
    const copy = on.tenant.mailboxes.copyContact(owner.id, ours, mailbox.contacts);
    expect(copy.content.fields).toEqual(ours.content.fields);
    expect(copy.content.properties).toHaveLength(copyKeepsMarks ? 1 : 0);
    expect(copy.content.extensions).toHaveLength(copyKeepsMarks ? 1 : 0);
  });
});
