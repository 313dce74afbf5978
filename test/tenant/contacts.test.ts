import { describe, expect, it } from 'vitest';
import { makeFolder, markId, marks, probe } from './probe.ts';

describe('contacts', () => {
  it('answer a create with the extension, and without the extended property', async () => {
    const on = probe();
    const contacts = await makeFolder(on, on.owner().id);
    const made = await on.ask('POST', contacts, {
      body: { displayName: 'Ada', givenName: 'Ada', ...marks('u1') },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      displayName: 'Ada',
      businessPhones: [],
      mobilePhone: null,
      extensions: [
        { id: 'Microsoft.OutlookServices.OpenTypeExtension.app.entra-contact-sync', sourceId: 'u1' },
      ],
    });
    expect(made.body).not.toHaveProperty('singleValueExtendedProperties');
    expect(made.body['@odata.etag']).toMatch(/^W\/"/);
  });

  it('are found by the value of the mark, in their folder only', async () => {
    const on = probe();
    const { id } = on.owner();
    const [ours, other] = [await makeFolder(on, id, 'Ours'), await makeFolder(on, id, 'Other')];
    await on.ask('POST', ours, { body: { displayName: 'Ada', ...marks('u1') } });
    await on.ask('POST', ours, { body: { displayName: 'Bob', ...marks('u2') } });
    const filter = encodeURIComponent(
      `singleValueExtendedProperties/any(ep: ep/id eq '${markId}' and ep/value eq 'D1/Staff/U1')`,
    );
    expect((await on.ask('GET', `${ours}?$filter=${filter}&$select=displayName`)).value).toMatchObject([
      { displayName: 'Ada' },
    ]);
    expect((await on.ask('GET', `${other}?$filter=${filter}`)).value).toEqual([]);
  });

  it('are counted on request, beyond the page', async () => {
    const on = probe();
    const contacts = await makeFolder(on, on.owner().id);
    for (let n = 0; n < 3; n += 1) await on.ask('POST', contacts, { body: { displayName: `C${n}` } });
    const counted = await on.ask('GET', `${contacts}?$count=true&$top=1&$select=id`);
    expect(counted.body['@odata.count']).toBe(3);
    expect(counted.value).toHaveLength(1);
    expect((await on.ask('GET', contacts)).body).not.toHaveProperty('@odata.count');
  });

  it('show marks when expanded by id, ten to a page unless asked for more', async () => {
    const on = probe();
    const { id } = on.owner();
    const contacts = await makeFolder(on, id);
    for (let n = 0; n < 11; n += 1)
      await on.ask('POST', contacts, { body: { displayName: `C${n}`, ...marks(`u${n}`) } });
    const expand = `extensions($filter=id eq 'app.entra-contact-sync'),singleValueExtendedProperties($filter=id eq '${markId}')`;
    const path = `${contacts}?$select=displayName&$expand=${encodeURIComponent(expand)}`;
    const first = await on.ask('GET', path);
    expect(first.value).toHaveLength(10);
    expect(first.value[3]).toMatchObject({
      extensions: [{ sourceId: 'u3' }],
      singleValueExtendedProperties: [{ id: markId, value: 'd1/staff/u3' }],
    });
    const rest = await on.ask('GET', first.nextLink ?? '');
    expect(rest.value).toMatchObject([{ displayName: 'C10', extensions: [{ sourceId: 'u10' }] }]);
    expect((await on.ask('GET', `${path}&$top=1000`)).value).toHaveLength(11);
    expect(await on.ask('GET', `${path}&$top=1001`)).toMatchObject({ status: 400 });
  });

  it('keep what a PATCH does not name, clear what it nulls, replace lists as a whole', async () => {
    const on = probe();
    const contacts = await makeFolder(on, on.owner().id);
    const body = { displayName: 'Ada', jobTitle: 'Engineer', mobilePhone: '1', businessPhones: ['2', '3'] };
    const made = await on.ask('POST', contacts, { body: { ...body, ...marks('u1') } });
    const path = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    const changed = await on.ask('PATCH', path, { body: { mobilePhone: null, businessPhones: ['4'] } });
    expect(changed.body).toMatchObject({
      displayName: 'Ada',
      jobTitle: 'Engineer',
      mobilePhone: null,
      businessPhones: ['4'],
    });
    expect(changed.body['@odata.etag']).not.toBe(made.body['@odata.etag']);
  });

  it('get a new display name when a name part changes without it', async () => {
    const on = probe();
    const contacts = await makeFolder(on, on.owner().id);
    const made = await on.ask('POST', contacts, {
      body: { displayName: 'Ada (IT)', givenName: 'Ada', surname: 'B', ...marks('u1') },
    });
    const path = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    expect((await on.ask('PATCH', path, { body: { surname: 'C' } })).body['displayName']).toBe('Ada C');
    const named = await on.ask('PATCH', path, { body: { surname: 'D', displayName: 'Ada (IT)' } });
    expect(named.body['displayName']).toBe('Ada (IT)');
  });

  it.each([
    [
      'a fourth address',
      { emailAddresses: ['a', 'b', 'c', 'd'].map((x) => ({ name: x, address: `${x}@x.example` })) },
    ],
    ['a third business phone', { businessPhones: ['1', '2', '3'] }],
    ['an unknown field', { faxNumber: '1' }],
    [
      'a nested value in an extension',
      { extensions: [{ ...(marks('u')['extensions'] as object[])[0], deep: { a: 1 } }] },
    ],
    [
      'a reserved extension name',
      {
        extensions: [
          { '@odata.type': 'microsoft.graph.openTypeExtension', extensionName: 'com.microsoft.x' },
        ],
      },
    ],
    [
      'a property id without a GUID',
      { singleValueExtendedProperties: [{ id: 'String Name Mark', value: 'x' }] },
    ],
  ])('are refused with %s', async (_what, wrong) => {
    const on = probe();
    const contacts = await makeFolder(on, on.owner().id);
    expect(await on.ask('POST', contacts, { body: { displayName: 'A', ...wrong } })).toMatchObject({
      status: 400,
    });
    expect((await on.ask('GET', contacts)).value).toEqual([]);
  });

  it('are trimmed, and lose what is no plain address, when Exchange normalises', async () => {
    const on = probe({ switches: { normalises: true } });
    const contacts = await makeFolder(on, on.owner().id);
    const emailAddresses = [
      { name: 'A', address: 'not an address' },
      { name: 'B', address: 'b@x.example' },
    ];
    const made = await on.ask('POST', contacts, {
      body: { displayName: ' Ada ', emailAddresses, ...marks('u1') },
    });
    expect(made.body).toMatchObject({ displayName: 'Ada', emailAddresses: [{ address: 'b@x.example' }] });
  });

  it.each([
    ['honoured', 412],
    ['ignored', 200],
  ] as const)('compare etags or do not: %s', async (ifMatch, status) => {
    const on = probe({ switches: { ifMatch } });
    const contacts = await makeFolder(on, on.owner().id);
    const made = await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const path = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    const headers = { 'If-Match': String(made.body['@odata.etag']) };
    expect(await on.ask('PATCH', path, { body: { jobTitle: 'x' }, headers })).toMatchObject({ status: 200 });
    expect(await on.ask('PATCH', path, { body: { jobTitle: 'y' }, headers })).toMatchObject({ status });
  });

  it.each([
    ['default-folder', 1],
    ['all-folders', 2],
  ] as const)('the short path shows one folder, or all: %s', async (contactsShow, count) => {
    const on = probe({ switches: { contactsShow } });
    const { id } = on.owner();
    on.tenant.mailboxes.addContact(id, { displayName: 'Mine' });
    await on.ask('POST', await makeFolder(on, id), { body: { displayName: 'Ada', ...marks('u1') } });
    expect((await on.ask('GET', `users/${id}/contacts`)).value).toHaveLength(count);
  });

  it('go to Deleted Items, or past it', async () => {
    const on = probe();
    const { id } = on.owner();
    const contacts = await makeFolder(on, id);
    const paths: string[] = [];
    for (const source of ['u1', 'u2']) {
      const made = await on.ask('POST', contacts, { body: { displayName: source, ...marks(source) } });
      paths.push(`${contacts}/${encodeURIComponent(String(made.body['id']))}`);
    }
    expect(await on.ask('DELETE', paths[0] ?? '')).toMatchObject({ status: 204 });
    expect(await on.ask('POST', `${paths[1]}/permanentDelete`, { body: {} })).toMatchObject({ status: 204 });
    expect(await on.ask('GET', paths[0] ?? '')).toMatchObject({ status: 404, code: 'ErrorItemNotFound' });
    expect([...on.tenant.mailboxes.get(id).deletedItems.items.values()]).toHaveLength(1);
  });
});

describe('extensions', () => {
  it('are never shown without a filter, and never listed', async () => {
    const on = probe();
    const contacts = await makeFolder(on, on.owner().id);
    const made = await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const path = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    const code = 'ErrorGraphExtensionExpandRequiresFilter';
    expect(await on.ask('GET', `${path}?$expand=extensions`)).toMatchObject({ status: 400, code });
    expect(await on.ask('GET', `${path}/extensions`)).toMatchObject({
      status: 400,
      code: 'ErrorInvalidRequest',
    });
    expect((await on.ask('GET', path)).body).not.toHaveProperty('extensions');
    const filter = encodeURIComponent(`Extensions/any(f:f/sourceId eq 'u1')`);
    expect(await on.ask('GET', `${contacts}?$filter=${filter}`)).toMatchObject({ status: 400 });
  });

  it('are added, merged and removed on an existing contact', async () => {
    const on = probe();
    const { id } = on.owner();
    const contacts = await makeFolder(on, id);
    const { extensions, ...rest } = marks('u1') as { extensions: unknown[] };
    const made = await on.ask('POST', contacts, { body: { displayName: 'A', ...rest } });
    const path = `${contacts}/${encodeURIComponent(String(made.body['id']))}/extensions`;
    expect(await on.ask('POST', path, { body: extensions[0] })).toMatchObject({ status: 201 });
    expect(await on.ask('POST', path, { body: extensions[0] })).toMatchObject({ status: 409 });
    const full = 'Microsoft.OutlookServices.OpenTypeExtension.app.entra-contact-sync';
    expect((await on.ask('PATCH', `${path}/${full}`, { body: { route: 'other' } })).body).toMatchObject({
      sourceId: 'u1',
      route: 'other',
    });
    expect(await on.ask('PATCH', `${path}/${full}`, { body: { route: null } })).toMatchObject({
      status: 400,
    });
    expect(await on.ask('DELETE', `${path}/app.entra-contact-sync`)).toMatchObject({ status: 204 });
    expect(await on.ask('GET', `${path}/app.entra-contact-sync`)).toMatchObject({ status: 404 });
  });
});
