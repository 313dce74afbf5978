import { describe, expect, test } from 'vitest';
import {
  createContact,
  findContacts,
  getContact,
  listContacts,
  listMarks,
  patchContact,
  readContact,
  readContactPage,
  removeContact,
} from '../../src/graph/contacts.ts';
import { assertBatchable } from '../../src/graph/batch.ts';
import { MARK_EXTENSION, MARK_PROPERTY } from '../../src/graph/marks.ts';
import { fieldsOf, type Card } from '../../src/model/card.ts';
import { assertSchema } from './schema.ts';

const PLACE = { mailbox: 'box', folder: "AAMk/+='x" };
const ITEM = { ...PLACE, item: 'AQ==' };
const ROOT = `/users/box/contactFolders/AAMk%2F%2B%3D'x/contacts`;
const MARK = { deployment: 'd1', route: 'staff', sourceId: "o'1" };
const CARD: Card = {
  displayName: 'Ann',
  givenName: 'A',
  surname: null,
  jobTitle: null,
  department: 'D',
  companyName: null,
  emailAddresses: [{ name: 'Ann', address: 'a@example.com' }],
  mobilePhone: null,
  businessPhones: ['1'],
};
const FIELDS = fieldsOf(CARD);
const query = (url: string): URLSearchParams => new URL(url, 'https://graph.example').searchParams;
const property = (value: string, id = MARK_PROPERTY) => ({ singleValueExtendedProperties: [{ id, value }] });

const answer = (value: unknown, status = 200) => ({ status, headers: {}, body: value });

describe('contact calls', () => {
  test('create carries the card and both marks', () => {
    const call = createContact(PLACE, CARD, { mark: MARK, marks: 'both' });
    assertSchema('contactCreateRequest', call.body);
    expect(call).toMatchObject({ method: 'POST', url: ROOT, mailbox: 'box' });
    expect(call.body).toEqual({
      ...CARD,
      singleValueExtendedProperties: [
        {
          id: 'String {6f1f7d0c-3f0a-4c43-9a57-2f8c0f6b3d11} Name EntraContactSyncMark',
          value: "d1/staff/o'1",
        },
      ],
      extensions: [
        {
          '@odata.type': 'microsoft.graph.openTypeExtension',
          extensionName: 'app.entra-contact-sync',
          deployment: 'd1',
          route: 'staff',
          sourceId: "o'1",
        },
      ],
    });
  });

  test('the extended property alone where there are no open extensions', () => {
    const { body } = createContact(PLACE, CARD, { mark: MARK, marks: 'extendedProperty' });
    assertSchema('contactCreateRequest', body);
    expect(body).not.toHaveProperty('extensions');
  });

  test('entries that Exchange would refuse the contact for are left out', () => {
    const many = {
      ...CARD,
      emailAddresses: Array.from({ length: 5 }, () => ({ name: null, address: 'a@example.com' })),
      businessPhones: ['1', '2', '3'],
    };
    assertSchema('contactCreateRequest', createContact(PLACE, many, { mark: MARK, marks: 'both' }).body);
    assertSchema('contactUpdateRequest', patchContact(ITEM, many).body);
  });

  test('patch writes the fields given and no others; null and an empty list clear', () => {
    const call = patchContact(ITEM, { displayName: 'Ann', mobilePhone: null, businessPhones: [] });
    assertSchema('contactUpdateRequest', call.body);
    expect(call).toMatchObject({ method: 'PATCH', url: `${ROOT}/AQ%3D%3D` });
    expect(call.body).toEqual({ displayName: 'Ann', mobilePhone: null, businessPhones: [] });
  });

  test('remove is permanent or to Deleted Items', () => {
    expect(removeContact(ITEM, 'permanent')).toMatchObject({
      method: 'POST',
      url: `${ROOT}/AQ%3D%3D/permanentDelete`,
      body: {},
    });
    expect(removeContact(ITEM, 'deletedItems')).toMatchObject({ method: 'DELETE', url: `${ROOT}/AQ%3D%3D` });
    expect(removeContact(ITEM, 'deletedItems')).not.toHaveProperty('body');
  });

  test('find asks for the value of the mark, with the quote doubled', () => {
    const { url } = findContacts(PLACE, MARK, FIELDS);
    expect(query(url).get('$filter')).toBe(
      `singleValueExtendedProperties/any(ep: ep/id eq '${MARK_PROPERTY}' and ep/value eq 'd1/staff/o''1')`,
    );
    expect(query(url).get('$expand')).toBe(`singleValueExtendedProperties($filter=id eq '${MARK_PROPERTY}')`);
  });

  test('list asks for fields and mark, at most 1,000 on a page, and follows a link as it is', () => {
    expect(query(listContacts(PLACE, { fields: FIELDS }).url).get('$top')).toBe('1000');
    expect(query(listContacts(PLACE, { fields: FIELDS, top: 5000 }).url).get('$top')).toBe('1000');
    expect(query(listContacts(PLACE, { fields: FIELDS, top: 50 }).url).get('$select')).toContain(
      'businessPhones',
    );
    expect(listContacts(PLACE, { fields: FIELDS, link: '/users/box/x?$skip=10' }).url).toBe(
      '/users/box/x?$skip=10',
    );
  });

  test('every call may go into a batch, counts against its mailbox and asks for immutable ids', () => {
    const mark = { mark: MARK, marks: 'both' } as const;
    const calls = [
      createContact(PLACE, CARD, mark),
      patchContact(ITEM, CARD),
      removeContact(ITEM, 'permanent'),
      removeContact(ITEM, 'deletedItems'),
      getContact(ITEM, FIELDS),
      findContacts(PLACE, MARK, FIELDS),
      listContacts(PLACE, { fields: FIELDS }),
      listMarks(PLACE, 0),
      listMarks(PLACE, 999),
    ];
    for (const call of calls) {
      assertBatchable(call);
      expect(call).toMatchObject({ mailbox: 'box', headers: { Prefer: 'IdType="ImmutableId"' } });
    }
    expect(createContact({ ...PLACE, priority: 'bulk' }, CARD, mark).priority).toBe('bulk');
  });
});

describe('reading contacts', () => {
  const body = { id: 'i1', ...CARD, '@odata.etag': 'x' };

  test('a page: card and mark of each, foreign ones without a mark, and the way to the next page', () => {
    const page = readContactPage(
      answer({
        value: [{ ...body, ...property('d1/staff/u1') }, { id: 'foreign' }],
        '@odata.nextLink': 'https://graph.example/v1.0/users/box/x?$skip=2',
      }),
      FIELDS,
    );
    expect(page.next).toBe('/users/box/x?$skip=2');
    expect(page.items).toEqual([
      { item: 'i1', card: CARD, mark: { deployment: 'd1', route: 'staff', sourceId: 'u1' } },
      {
        item: 'foreign',
        card: expect.objectContaining({ displayName: null, emailAddresses: [], businessPhones: [] }),
        mark: undefined,
      },
    ]);
  });

  test('the answer to a create shows the extension only, under its long name', () => {
    const extensions = [
      {
        id: `Microsoft.OutlookServices.OpenTypeExtension.${MARK_EXTENSION}`,
        deployment: 'd1',
        route: 'a/b',
        sourceId: 'u',
      },
    ];
    expect(
      readContact(answer({ ...body, extensions }, 201), { method: 'POST', fields: FIELDS }).mark,
    ).toEqual({
      deployment: 'd1',
      route: 'a/b',
      sourceId: 'u',
    });
  });

  test('a route may hold slashes; the GUID may come in capitals', () => {
    const id = MARK_PROPERTY.replace(/\{.*\}/, (guid) => guid.toUpperCase());
    expect(
      readContact(answer({ ...body, ...property('d1/crm/in/u1', id) }), { method: 'GET', fields: FIELDS })
        .mark,
    ).toEqual({
      deployment: 'd1',
      route: 'crm/in',
      sourceId: 'u1',
    });
  });

  test.each([['d1'], ['d1/staff'], ['//'], ['']])('%j is no mark of ours', (value) => {
    expect(
      readContact(answer({ ...body, ...property(value) }), { method: 'GET', fields: FIELDS }).mark,
    ).toBeUndefined();
  });

  test('an extension of somebody else is no mark of ours', () => {
    const extensions = [
      {
        id: 'Microsoft.OutlookServices.OpenTypeExtension.com.other',
        deployment: 'd',
        route: 'r',
        sourceId: 's',
      },
    ];
    expect(
      readContact(answer({ ...body, extensions }), { method: 'GET', fields: FIELDS }).mark,
    ).toBeUndefined();
  });

  test('of a contact no more is read than what is asked for', () => {
    const full = { ...body, personalNotes: 'private', birthday: '1980-01-01T00:00:00Z' };
    const fields = ['displayName', 'businessAddress', 'categories'] as const;
    expect(readContact(answer(full), { method: 'GET', fields }).card).toEqual({
      displayName: 'Ann',
      businessAddress: { street: null, city: null, state: null, postalCode: null, countryOrRegion: null },
      categories: [],
    });
    expect(query(getContact(ITEM, fields).url).get('$select')).toBe(
      'id,displayName,businessAddress,categories',
    );
  });

  test('an address that Exchange dropped reads as none', () => {
    expect(
      readContact(answer({ id: 'i', emailAddresses: [{ name: 'x' }, { address: 'b@example.com' }] }), {
        method: 'GET',
        fields: FIELDS,
      }).card.emailAddresses,
    ).toEqual([{ name: null, address: 'b@example.com' }]);
  });

  test('what cannot be read is a failure: unknown for a write, never an empty list', () => {
    expect(() => readContact(answer({}, 201), { method: 'POST', fields: FIELDS })).toThrow(
      expect.objectContaining({ kind: 'unknown-outcome' }),
    );
    expect(() => readContact(answer(undefined), { method: 'GET', fields: FIELDS })).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
    expect(() => readContactPage(answer({}), FIELDS)).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
    expect(() => readContactPage(answer({ value: [{}] }), FIELDS)).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
    expect(() => readContactPage(answer({ value: [], '@odata.nextLink': 'elsewhere' }), FIELDS)).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
  });
});
