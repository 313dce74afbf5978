import { describe, expect, test } from 'vitest';
import { listShelf, readShelf } from '../../src/graph/adoptable.ts';
import { assertBatchable } from '../../src/graph/batch.ts';
import { listChanges, readChanges } from '../../src/graph/contact-changes.ts';
import { patchContact, unstampContact } from '../../src/graph/contacts.ts';
import { classify } from '../../src/graph/faults.ts';
import { MARK_PROPERTY, readMark } from '../../src/graph/marks.ts';
import { assertSchema } from './schema.ts';

const PLACE = { mailbox: 'box', folder: 'AA/+=' };
const FIELDS = ['displayName', 'jobTitle'] as const;
const HOST = 'https://graph.microsoft.com/v1.0';
const answer = (body: unknown) => ({ status: 200, headers: {}, body });

const refused = (status: number, code: string) =>
  classify(
    { status, headers: {}, body: { error: { code } } },
    listChanges(PLACE, { link: '/t', fields: FIELDS }),
  ).kind;
const marked = (value: string) => ({ singleValueExtendedProperties: [{ id: MARK_PROPERTY, value }] });

describe('changes of a folder', () => {
  test('start with the fields of a card, and go on by the link alone', () => {
    const start = listChanges(PLACE, { link: null, fields: FIELDS });
    expect(new URL(start.url, HOST).searchParams.get('$select')).toBe('id,displayName,jobTitle');
    expect(start).toMatchObject({
      method: 'GET',
      mailbox: 'box',
      delta: true,
      headers: { Prefer: 'IdType="ImmutableId", odata.maxpagesize=500' },
    });
    const next = listChanges(PLACE, {
      link: '/users/box/contactFolders/AA/contacts/delta?$deltatoken=t',
      fields: FIELDS,
    });
    expect(next.url).toBe('/users/box/contactFolders/AA/contacts/delta?$deltatoken=t');
    for (const call of [start, next]) assertBatchable(call);
  });

  test('are read with what is there and what is gone, and where to go on', () => {
    const value = [
      { id: 'a', displayName: 'Ann' },
      { id: 'b', '@removed': { reason: 'deleted' } },
    ];
    const link = `${HOST}/users/box/contactFolders/AA/contacts/delta`;
    expect(readChanges(answer({ value, '@odata.nextLink': `${link}?$skiptoken=s` }), FIELDS)).toMatchObject({
      changes: [
        { item: 'a', card: { displayName: 'Ann', jobTitle: null } },
        { item: 'b', card: null },
      ],
      link: '/users/box/contactFolders/AA/contacts/delta?$skiptoken=s',
      last: false,
    });
    expect(
      readChanges(answer({ value: [], '@odata.deltaLink': `${link}?$deltatoken=d` }), FIELDS),
    ).toMatchObject({
      link: '/users/box/contactFolders/AA/contacts/delta?$deltatoken=d',
      last: true,
    });
  });

  test.each([
    {},
    { value: [] },
    { '@odata.deltaLink': `${HOST}/x` },
    { value: [], '@odata.deltaLink': `${HOST}/x`, '@odata.nextLink': `${HOST}/y` },
    { value: [{ displayName: 'nobody' }], '@odata.deltaLink': `${HOST}/x` },
  ])('that cannot be read are no changes: %j', (body) => {
    expect(() => readChanges(answer(body), FIELDS)).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  });

  test('tell a worn-out token from a folder that is gone', () => {
    expect(refused(410, 'SyncStateNotFound')).toBe('resync');
    expect(refused(404, 'SyncStateNotFound')).toBe('resync');
    expect(refused(404, 'ErrorItemNotFound')).toBe('not-found');
  });
});

describe('adopted contacts', () => {
  const mark = { deployment: 'd1', route: 'staff', sourceId: 'id-1' };

  test('are written with a mark of their own, wherever they stand, and lose it again', () => {
    const item = { mailbox: 'box', folder: null, item: 'AQ=' };
    const patch = patchContact(item, { displayName: 'Ann' }, { adopt: mark });
    expect(patch).toMatchObject({ url: '/users/box/contacts/AQ%3D' });
    expect(patch.body).toEqual({ displayName: 'Ann', ...marked('linked:d1/staff/id-1') });
    expect(readMark(patch.body)).toEqual({ ...mark, linked: true });
    const unstamp = unstampContact(item, { gone: false });
    expect(unstamp.body).toEqual(marked('-'));
    expect(readMark(unstamp.body)).toBeUndefined();
    for (const { body } of [patch, unstamp]) assertSchema('contactUpdateRequest', body);
  });

  test('are looked for by the other mark, of which only the existence can be asked', () => {
    const call = listShelf({ mailbox: 'box', folder: null, extension: 'com.other', fields: FIELDS });
    const query = new URL(call.url, HOST).searchParams;
    expect(call.url).toMatch(/^\/users\/box\/contacts\?/);
    expect(query.get('$filter')).toBe("extensions/any(f:f/id eq 'com.other')");
    expect(query.get('$expand')).toContain("extensions($filter=id eq 'com.other')");
    assertBatchable(call);
    const all = listShelf({ ...PLACE, extension: null, fields: FIELDS });
    expect(new URL(all.url, HOST).searchParams.get('$filter')).toBeNull();
    const contact = {
      id: 'a',
      extensions: [
        { id: 'Microsoft.OutlookServices.OpenTypeExtension.com.other', reference: 'id-1', version: 3 },
      ],
    };
    const page = answer({ value: [contact, { id: 'b' }] });
    expect(
      readShelf(page, { extension: 'com.other', fields: FIELDS }).items.map(({ item, values }) => [
        item,
        values,
      ]),
    ).toEqual([
      ['a', ['Microsoft.OutlookServices.OpenTypeExtension.com.other', 'id-1']],
      ['b', null],
    ]);
  });
});
