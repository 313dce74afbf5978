import { describe, expect, it } from 'vitest';
import { immutable, makeFolder, marks, probe } from './probe.ts';

describe('folders', () => {
  it('are made under Contacts, which itself is not listed, ten to a page', async () => {
    const on = probe();
    const { id } = on.owner();
    for (let n = 0; n < 12; n += 1) await makeFolder(on, id, `F${n}`);
    const first = await on.ask('GET', `users/${id}/contactFolders`);
    expect(first.value.map(({ displayName }) => displayName)).toEqual(
      Array.from({ length: 10 }, (_, n) => `F${n}`),
    );
    const second = await on.ask('GET', first.nextLink ?? '');
    expect(second.value).toHaveLength(2);
    expect(second.nextLink).toBeUndefined();
    expect(first.value[0]?.['parentFolderId']).toBe(on.tenant.mailboxes.get(id).contacts.id);
  });

  it('can be found by an extended property, with the name in its case and the value in any', async () => {
    const on = probe();
    const { id } = on.owner();
    const property = 'String {6f1f7d0c-3f0a-4c43-9a57-2f8c0f6b3d12} Name Folder';
    await on.ask('POST', `users/${id}/contactFolders`, {
      body: { displayName: 'Ours', singleValueExtendedProperties: [{ id: property, value: 'Gen-1' }] },
    });
    await makeFolder(on, id, 'Theirs');
    const find = async (name: string, value: string): Promise<unknown[]> => {
      const filter = `singleValueExtendedProperties/any(ep: ep/id eq '${name}' and ep/value eq '${value}')`;
      const expand = `singleValueExtendedProperties($filter=id eq '${property}')`;
      const path = `users/${id}/contactFolders?$filter=${encodeURIComponent(filter)}&$expand=${encodeURIComponent(expand)}`;
      return (await on.ask('GET', path)).value;
    };
    expect(await find(property, 'gen-1')).toMatchObject([
      { displayName: 'Ours', singleValueExtendedProperties: [{ value: 'Gen-1' }] },
    ]);
    expect(await find(property.toLowerCase().replace('string', 'String'), 'gen-1')).toEqual([]);
  });

  it.each(['ErrorFolderExists', 'nameAlreadyExists', 'allowed'] as const)(
    'meet a second one of the same name: %s',
    async (folderConflict) => {
      const on = probe({ switches: { folderConflict } });
      const { id } = on.owner();
      await makeFolder(on, id, 'Twice');
      const second = await on.ask('POST', `users/${id}/contactFolders`, { body: { displayName: 'TWICE' } });
      if (folderConflict === 'allowed') expect(second.status).toBe(201);
      else expect(second).toMatchObject({ status: 409, code: folderConflict });
    },
  );

  it.each([200, 204] as const)(
    'keep their id when renamed, and go with all that is in them: %i',
    async (permanentDeleteStatus) => {
      const on = probe({ switches: { permanentDeleteStatus } });
      const { id } = on.owner();
      const contacts = await makeFolder(on, id);
      const folder = contacts.replace(/\/contacts$/, '');
      await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('a') } });
      expect(await on.ask('PATCH', folder, { body: { displayName: 'New name' } })).toMatchObject({
        status: 200,
      });
      expect((await on.ask('GET', contacts)).value).toHaveLength(1);
      expect(await on.ask('POST', `${folder}/permanentDelete`, { body: {} })).toMatchObject({
        status: permanentDeleteStatus,
      });
      expect(await on.ask('GET', contacts)).toMatchObject({ status: 404, code: 'ErrorItemNotFound' });
      expect([...on.tenant.mailboxes.get(id).items()]).toEqual([]);
    },
  );
});

describe('ids', () => {
  it('change with a move, unless immutable ones are asked for in every request', async () => {
    const on = probe();
    const { id } = on.owner();
    const contacts = await makeFolder(on, id);
    const made = await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const listed = await on.ask('GET', contacts, { headers: immutable });
    expect(listed.headers['preference-applied']).toBe('IdType="ImmutableId"');
    const [regular, lasting] = [String(made.body['id']), String(listed.value[0]?.['id'])];
    expect(regular).not.toBe(lasting);
    const mailbox = on.tenant.mailboxes.get(id);
    const [item] = [...mailbox.items()];
    on.tenant.mailboxes.moveContact(id, item!, on.tenant.mailboxes.addFolder(id, 'Mine'));
    const path = (key: string): string => `users/${id}/contacts/${encodeURIComponent(key)}`;
    expect(await on.ask('GET', path(regular))).toMatchObject({ status: 404 });
    expect(await on.ask('GET', path(lasting), { headers: immutable })).toMatchObject({
      status: 200,
      body: { id: lasting },
    });
  });

  it('are long, opaque and case-sensitive, and share all but about 24 bytes within a folder', async () => {
    const on = probe();
    const { id } = on.owner();
    const folder = on.tenant.mailboxes.addFolder(id, 'F');
    const mailbox = on.tenant.mailboxes.get(id);
    const ids = Array.from({ length: 300 }, () =>
      mailbox.ids.immutable(on.tenant.mailboxes.addContact(id, {}, folder)),
    );
    expect(ids.every((text) => text.length > 140 && text.length < 160)).toBe(true);
    expect(new Set(ids.map((text) => text.slice(0, -36))).size).toBe(1);
    expect(new Set(ids).size).toBe(300);
    expect(new Set(ids.map((text) => text.toLowerCase())).size).toBeLessThan(300);
  });

  it('are refused when malformed', async () => {
    const on = probe();
    const { id } = on.owner();
    expect(await on.ask('GET', `users/${id}/contacts/nonsense`)).toMatchObject({
      status: 400,
      code: 'ErrorInvalidIdMalformed',
    });
  });
});

describe('mailboxes that cannot be used', () => {
  it.each([
    ['none', [404, 'MailboxNotEnabledForRESTAPI']],
    ['on-premises', [404, 'MailboxNotEnabledForRESTAPI']],
    ['out-of-scope', [403, 'ErrorAccessDenied']],
  ] as const)('say so: %s', async (state, [status, code]) => {
    const on = probe();
    const { id } = on.owner();
    on.tenant.mailboxes.setState(id, state);
    expect(await on.ask('GET', `users/${id}/contactFolders`)).toMatchObject({ status, code });
  });

  it('alternate between two codes, need a licence, and come a while after it', async () => {
    const on = probe({ switches: { provisioningMs: 60_000 } });
    const { id } = on.tenant.directory.addUser();
    const open = async (user: string): Promise<unknown> =>
      (await on.ask('GET', `users/${user}/contacts`)).code;
    expect(await open(id)).toBe('MailboxNotEnabledForRESTAPI');
    const licensed = on.owner();
    expect(await open(licensed.id)).toBe('MailboxNotEnabledForRESTAPI');
    await on.clock.run(on.clock.now() + 60_000);
    expect(await open(licensed.id)).toBeUndefined();
    on.tenant.mailboxes.setState(licensed.id, 'alternating');
    expect(new Set([await open(licensed.id), await open(licensed.id)])).toEqual(
      new Set(['MailboxNotEnabledForRESTAPI', 'ResourceNotFound']),
    );
    on.tenant.directory.deleteUser(licensed.id);
    expect(await open(licensed.id)).toBe('ResourceNotFound');
  });
});
