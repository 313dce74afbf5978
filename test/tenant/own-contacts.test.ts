import { describe, expect, it } from 'vitest';
import { immutable, makeFolder, marks, probe, type Probe } from './probe.ts';

const SENSITIVITY = 'Integer 0x36';
const HOUR_MS = 3_600_000;

const expanded = (id: string): string =>
  `$expand=${encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${id}')`)}`;

/** The sensitivity of every contact of a folder by name, as a client reads it. */
async function sensitivities(on: Probe, contacts: string, id = SENSITIVITY): Promise<Map<string, unknown>> {
  const { value } = await on.ask('GET', `${contacts}?$select=displayName&${expanded(id)}`);
  return new Map(
    value.map((contact) => [String(contact['displayName']), contact['singleValueExtendedProperties']]),
  );
}

const path = (contacts: string, id: unknown): string => `${contacts}/${encodeURIComponent(String(id))}`;

describe('what owners do in their default folder', () => {
  it('is read by a client as they left it: added, edited, copied, moved, removed', async () => {
    const on = probe();
    const { id } = on.owner();
    const { mailboxes } = on.tenant;
    const contacts = `users/${id}/contacts`;
    const ada = mailboxes.addContact(id, { displayName: 'Ada', personalNotes: 'Tea', jobTitle: 'x' });
    const bob = mailboxes.addContact(id, { displayName: 'Bob' });
    const family = mailboxes.addFolder(id, 'Family');
    mailboxes.editContact(id, ada, { jobTitle: null, mobilePhone: '+49 171 1' });
    mailboxes.setCategories(id, ada, ['Business', 'Private']);
    mailboxes.copyContact(id, ada, family);
    const names = async (): Promise<unknown[]> =>
      (await on.ask('GET', contacts)).value.map(({ displayName }) => displayName);
    expect(await names()).toEqual(['Ada', 'Bob']);
    const [read] = (await on.ask('GET', contacts)).value;
    const fields = {
      jobTitle: null,
      mobilePhone: '+49 171 1',
      personalNotes: 'Tea',
      categories: ['Business', 'Private'],
    };
    expect(read).toMatchObject(fields);
    const inFamily = await on.ask('GET', `users/${id}/contactFolders/${family.id}/contacts`);
    expect(inFamily.value).toMatchObject([{ displayName: 'Ada', ...fields }]);
    mailboxes.setCategories(id, ada, []);
    expect((await on.ask('GET', contacts)).value[0]?.['categories']).toEqual([]);
    mailboxes.moveContact(id, ada, family);
    mailboxes.deleteContact(id, bob);
    expect(await names()).toEqual([]);
    mailboxes.moveContact(id, bob, mailboxes.get(id).contacts);
    expect(await names()).toEqual(['Bob']);
  });

  it('carries its time, which every write moves on, and which tells people from clients', async () => {
    const on = probe();
    const { id } = on.owner();
    const { mailboxes } = on.tenant;
    const contacts = `users/${id}/contacts`;
    const item = mailboxes.addContact(id, { displayName: 'Ada' });
    const one = path(contacts, mailboxes.get(id).ids.regular(item));
    const seen: unknown[] = [(await on.ask('GET', one)).body['lastModifiedDateTime']];
    const writes: readonly (() => unknown)[] = [
      () => mailboxes.editContact(id, item, { jobTitle: 'x' }),
      () => mailboxes.setSensitivity(id, item, 'private'),
      () => mailboxes.setCategories(id, item, ['A']),
      () => on.ask('PATCH', one, { body: { jobTitle: 'y' } }),
    ];
    for (const write of writes) {
      await on.clock.run(on.clock.now() + HOUR_MS);
      const before = (await on.ask('GET', one)).body;
      await write();
      const { body } = await on.ask('GET', one);
      expect(body['lastModifiedDateTime']).toBe(new Date(on.clock.now()).toISOString().replace('.000Z', 'Z'));
      expect(body['@odata.etag']).toBe(`W/"${String(body['changeKey'])}"`);
      expect(body['changeKey']).not.toBe(before['changeKey']);
      seen.push(body['lastModifiedDateTime']);
    }
    expect(new Set(seen).size).toBe(5);
    expect(item.editedAt).toBe(on.clock.now() - HOUR_MS);
    const made = await on.ask('POST', contacts, { body: { displayName: 'Bob' }, headers: immutable });
    const ours = mailboxes.get(id).item(String(made.body['id']));
    expect(ours).toMatchObject({ editedAt: undefined, modifiedAt: on.clock.now() });
  });

  it.each([true, false])('may keep the time of a contact that moves: %s', async (moveTouchesContact) => {
    const on = probe({ switches: { moveTouchesContact } });
    const { id } = on.owner();
    const { mailboxes } = on.tenant;
    const item = mailboxes.addContact(id, { displayName: 'Ada' }, mailboxes.addFolder(id, 'Family'));
    const then = on.clock.now();
    await on.clock.run(then + HOUR_MS);
    mailboxes.moveContact(id, item, mailboxes.get(id).contacts);
    const [read] = (await on.ask('GET', `users/${id}/contacts`)).value;
    expect(Date.parse(String(read?.['lastModifiedDateTime']))).toBe(
      then + (moveTouchesContact ? HOUR_MS : 0),
    );
  });

  it.each([
    ['honoured', 412],
    ['ignored', 204],
  ] as const)('may stand against a removal that knew nothing of it: %s', async (ifMatch, status) => {
    const on = probe({ switches: { ifMatch } });
    const { id } = on.owner();
    const contacts = `users/${id}/contacts`;
    const made = await on.ask('POST', contacts, { body: { displayName: 'Ada', ...marks('u1') } });
    const mailbox = on.tenant.mailboxes.get(id);
    const [item] = mailbox.items();
    on.tenant.mailboxes.editContact(id, item!, { jobTitle: 'x' });
    const one = path(contacts, made.body['id']);
    const headers = { 'If-Match': String(made.body['@odata.etag']) };
    expect((await on.ask('DELETE', one, { headers })).status).toBe(status);
    if (ifMatch === 'ignored') return;
    const { body } = await on.ask('GET', one);
    const current = { 'If-Match': String(body['@odata.etag']) };
    expect((await on.ask('DELETE', one, { headers: current })).status).toBe(204);
  });
});

describe('sensitivity', () => {
  it('is an extended property, set by owners and clients, and no field', async () => {
    const on = probe();
    const { id } = on.owner();
    const { mailboxes } = on.tenant;
    const contacts = `users/${id}/contacts`;
    const levels = ['normal', 'personal', 'private', 'confidential'] as const;
    for (const level of levels)
      mailboxes.setSensitivity(id, mailboxes.addContact(id, { displayName: level }), level);
    const read = await sensitivities(on, contacts);
    for (const [number, level] of levels.entries())
      expect(read.get(level)).toEqual([{ id: SENSITIVITY, value: String(number) }]);
    expect(await sensitivities(on, contacts, 'Integer 0x0036')).toEqual(read);
    expect((await on.ask('GET', contacts)).value[0]).not.toHaveProperty('singleValueExtendedProperties');
    const body = { displayName: 'Bob', singleValueExtendedProperties: [{ id: SENSITIVITY, value: '2' }] };
    await on.ask('POST', contacts, { body });
    expect((await sensitivities(on, contacts)).get('Bob')).toEqual([{ id: SENSITIVITY, value: '2' }]);
    const [folder, bob] = [await makeFolder(on, id), [...mailboxes.get(id).items()].at(-1)];
    mailboxes.moveContact(id, bob!, mailboxes.get(id).folderNamed('Company Directory')!);
    expect([...(await sensitivities(on, folder)).keys()]).toEqual(['Bob']);
  });

  it('cannot be filtered by, as only text can', async () => {
    const on = probe();
    const filter = `singleValueExtendedProperties/any(ep: ep/id eq '${SENSITIVITY}' and ep/value eq '2')`;
    const asked = `users/${on.owner().id}/contacts?$filter=${encodeURIComponent(filter)}`;
    expect(await on.ask('GET', asked)).toMatchObject({ status: 400, code: 'ErrorInvalidRequest' });
  });

  it.each([
    ['zero', [{ id: SENSITIVITY, value: '0' }]],
    ['absent', undefined],
  ] as const)('of a contact that nobody marked may be told: %s', async (plainSensitivity, expected) => {
    const on = probe({ switches: { plainSensitivity } });
    const { id } = on.owner();
    on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    expect((await sensitivities(on, `users/${id}/contacts`)).get('Ada')).toEqual(expected);
  });

  it('stays with a copy and with a contact whose marks are gone', async () => {
    const on = probe({ switches: { copyKeepsMarks: false } });
    const { id } = on.owner();
    const { mailboxes } = on.tenant;
    await on.ask('POST', `users/${id}/contacts`, { body: { displayName: 'Ada', ...marks('u1') } });
    const [item] = mailboxes.get(id).items();
    mailboxes.setSensitivity(id, item!, 'private');
    const copy = mailboxes.copyContact(id, item!);
    mailboxes.stripMarks(id, item!);
    for (const { content } of [item!, copy])
      expect(content).toMatchObject({ extensions: [], properties: [{ id: SENSITIVITY, value: '2' }] });
  });
});

describe('what a client may find of the default folder', () => {
  it.each([
    ['kept', 'Tea'],
    ['ignored', null],
  ] as const)(
    'notes of a create may be ignored, those of a change are not: %s',
    async (notesAtCreate, notes) => {
      const on = probe({ switches: { notesAtCreate } });
      const { id } = on.owner();
      for (const contacts of [`users/${id}/contacts`, await makeFolder(on, id)]) {
        const made = await on.ask('POST', contacts, { body: { displayName: 'Ada', personalNotes: 'Tea' } });
        expect(made.body['personalNotes']).toBe(notes);
        const one = path(contacts, made.body['id']);
        await on.ask('PATCH', one, { body: { personalNotes: 'Coffee' } });
        expect((await on.ask('GET', one)).body['personalNotes']).toBe('Coffee');
      }
    },
  );

  it.each([
    ['offered', 200],
    ['absent', 400],
  ] as const)('its delta may be had without its id: %s', async (defaultContactsDelta, status) => {
    const on = probe({ switches: { defaultContactsDelta } });
    const { id } = on.owner();
    const { mailboxes } = on.tenant;
    const item = mailboxes.addContact(id, { displayName: 'Ada' });
    const first = await on.ask('GET', `users/${id}/contacts/delta?$select=displayName`);
    expect(first.status).toBe(status);
    const byId = await on.ask('GET', `users/${id}/contactFolders/${item.folder.id}/contacts/delta`);
    expect(byId.value).toMatchObject([{ displayName: 'Ada' }]);
    if (status === 400) return;
    expect(first.value).toMatchObject([{ displayName: 'Ada' }]);
    const family = mailboxes.addFolder(id, 'Family');
    mailboxes.addContact(id, { displayName: 'Bob' }, family);
    const was = mailboxes.get(id).ids.regular(item);
    mailboxes.moveContact(id, item, family);
    const next = await on.ask('GET', first.deltaLink ?? '');
    expect(next.value).toEqual([{ id: was, '@removed': { reason: 'deleted' } }]);
    expect(new URL(next.deltaLink ?? '').pathname).toBe(`/v1.0/users/${id}/contacts/delta`);
  });

  it.each([
    ['known', 200],
    ['unknown', 404],
  ] as const)('it may go by a well-known name: %s', async (wellKnownContacts, status) => {
    const on = probe({ switches: { wellKnownContacts } });
    const { id } = on.owner();
    const read = await on.ask('GET', `users/${id}/contactFolders/contacts`);
    expect(read.status).toBe(status);
    const made = await on.ask('POST', `users/${id}/contactFolders/contacts/contacts`, {
      body: { displayName: 'Ada' },
    });
    expect(made.status).toBe(status === 200 ? 201 : 404);
    if (status === 404) return;
    const [contact] = (await on.ask('GET', `users/${id}/contacts`)).value;
    expect(contact).toMatchObject({ displayName: 'Ada', parentFolderId: read.body['id'] });
    const delta = await on.ask('GET', `users/${id}/contactFolders/contacts/contacts/delta`);
    expect(delta.value).toMatchObject([{ displayName: 'Ada' }]);
  });
});
