import { SEED_ATTRIBUTES } from '../kit/mapping-fixture.ts';
import { describe, expect, test } from 'vitest';
import { assertBatchable } from '../../src/graph/batch.ts';
import {
  getDeletedItem,
  getMailboxPurpose,
  getUser,
  groupsDeltaStart,
  readGroupDelta,
  readMailboxPurpose,
  readPerson,
  readUserDelta,
  usersDeltaStart,
} from '../../src/graph/directory.ts';
import {
  createFolder,
  getFolder,
  listFolders,
  readFolder,
  readFolderPage,
  removeFolder,
  renameFolder,
  writeGeneration,
} from '../../src/graph/folders.ts';
import { FOLDER_PROPERTY, GENERATION_PROPERTY } from '../../src/graph/marks.ts';
import { assertSchema } from './schema.ts';

const query = (url: string): URLSearchParams => new URL(url, 'https://graph.example').searchParams;
const answer = (body: unknown, status = 200) => ({ status, headers: {}, body });
const unavailable = expect.objectContaining({ kind: 'unavailable' });

describe('people and groups', () => {
  test('the delta filter of users is what a person is read with', () => {
    expect(query(usersDeltaStart(SEED_ATTRIBUTES)).get('$select')).toBe(
      query(getUser('u', SEED_ATTRIBUTES).url).get('$select'),
    );
    expect(query(getUser('u', SEED_ATTRIBUTES).url).get('$select')?.split(',')).toEqual(
      expect.arrayContaining([
        'id',
        'accountEnabled',
        'userType',
        'assignedLicenses',
        'mail',
        'mobilePhone',
        'businessPhones',
        'companyName',
      ]),
    );
  });

  test('calls name no mailbox: reading people costs no mailbox anything', () => {
    for (const call of [getUser("o'b/1", SEED_ATTRIBUTES), getDeletedItem('u')]) {
      assertBatchable(call);
      expect(call.mailbox).toBeUndefined();
    }
    expect(getUser("o'b/1", SEED_ATTRIBUTES).url).toMatch(/^\/users\/o'b%2F1\?/);
  });

  test('what a mailbox is for is asked of the mailbox, and is never selected', () => {
    const call = getMailboxPurpose("o'b/1");
    assertBatchable(call);
    expect(call).toMatchObject({ url: "/users/o'b%2F1/mailboxSettings/userPurpose", mailbox: "o'b/1" });
    expect(query(getUser('u', ['mail', 'mailboxPurpose']).url).get('$select')).toMatch(/,mail$/);
    expect(readMailboxPurpose(answer({ value: 'Shared' }))).toBe('shared');
    for (const body of [{}, { value: 7 }, null])
      expect(() => readMailboxPurpose(answer(body))).toThrow(unavailable);
  });

  test('a groups delta takes up to 50 groups', () => {
    expect(query(groupsDeltaStart(['a', 'b'])).get('$filter')).toBe("id eq 'a' or id eq 'b'");
    expect(query(groupsDeltaStart(['a'])).get('$select')).toBe('id,members');
    const many = Array.from({ length: 51 }, (_, index) => `g${index}`);
    expect(() => groupsDeltaStart(many)).toThrow(expect.objectContaining({ kind: 'invalid' }));
    expect(() => groupsDeltaStart([])).toThrow(expect.objectContaining({ kind: 'invalid' }));
    expect(groupsDeltaStart(many.slice(0, 50)).startsWith('/groups/delta?')).toBe(true);
  });

  test('reads a person; what is absent is null', () => {
    const person = readPerson(
      answer({ id: 'ABC', assignedLicenses: [{ skuId: 's' }], displayName: 'Ann', businessPhones: ['1'] }),
    );
    expect(person).toMatchObject({
      id: 'abc',
      accountEnabled: null,
      userType: null,
      licences: 1,
      displayName: 'Ann',
      givenName: null,
      surname: null,
      jobTitle: null,
      department: null,
      companyName: null,
      mail: null,
      mobilePhone: null,
      businessPhones: ['1'],
    });
    expect(
      readPerson(answer({ id: 'a', assignedLicenses: [], accountEnabled: false, userType: 'Guest' })),
    ).toMatchObject({
      accountEnabled: false,
      userType: 'Guest',
      licences: 0,
    });
  });

  test.each([[undefined], [{}], [{ id: 'a' }], [{ assignedLicenses: [] }]])(
    '%j is no person: a failure, not an absence',
    (body) => {
      expect(() => readPerson(answer(body))).toThrow(unavailable);
    },
  );

  test('reads entries of delta pages', () => {
    expect(readUserDelta({ id: 'U', displayName: 'x' })).toEqual({ id: 'u', removed: undefined });
    expect(readUserDelta({ id: 'u', '@removed': { reason: 'changed' } }).removed).toBe('changed');
    expect(readUserDelta({ id: 'u', '@removed': { reason: 'deleted' } }).removed).toBe('deleted');
    expect(readUserDelta({ id: 'u', '@removed': {} }).removed).toBe('changed');
    expect(
      readGroupDelta({
        id: 'G',
        'members@delta': [
          { '@odata.type': '#microsoft.graph.user', id: 'A' },
          { '@odata.type': '#Microsoft.Graph.Group', id: 'b', '@removed': { reason: 'deleted' } },
          { '@odata.type': '#microsoft.graph.device', id: 'c' },
        ],
      }),
    ).toEqual({
      id: 'g',
      removed: undefined,
      members: [
        { id: 'a', kind: 'person', left: false },
        { id: 'b', kind: 'group', left: true },
        { id: 'c', kind: 'other', left: false },
      ],
    });
    expect(readGroupDelta({ id: 'g' }).members).toEqual([]);
    expect(() => readUserDelta({})).toThrow(unavailable);
    expect(() => readGroupDelta({ id: 'g', 'members@delta': [{}] })).toThrow(unavailable);
  });
});

describe('folders', () => {
  const MAILBOX = { mailbox: 'box', priority: 'bulk' } as const;
  const PLACE = { ...MAILBOX, folder: 'f/1=' };

  test('bodies fit the schema, calls fit a batch and ask for immutable ids', () => {
    const created = createFolder(
      MAILBOX,
      { deployment: 'd1', route: 'staff' },
      { name: 'Company Directory', generation: 3 },
    );
    assertSchema('contactFolderCreateRequest', created.body);
    expect(created.body).toEqual({
      displayName: 'Company Directory',
      singleValueExtendedProperties: [
        { id: FOLDER_PROPERTY, value: 'd1/staff' },
        { id: GENERATION_PROPERTY, value: '3' },
      ],
    });
    assertSchema('contactFolderUpdateRequest', renameFolder(PLACE, 'New').body);
    assertSchema('contactFolderUpdateRequest', writeGeneration(PLACE, 4).body);
    expect(removeFolder(PLACE, 'permanent')).toMatchObject({
      method: 'POST',
      url: '/users/box/contactFolders/f%2F1%3D/permanentDelete',
      body: {},
    });
    expect(removeFolder(PLACE, 'deletedItems').method).toBe('DELETE');
    for (const call of [
      created,
      listFolders(MAILBOX),
      getFolder(PLACE),
      renameFolder(PLACE, 'x'),
      writeGeneration(PLACE, 1),
      removeFolder(PLACE, 'permanent'),
      removeFolder(PLACE, 'deletedItems'),
    ]) {
      assertBatchable(call);
      expect(call).toMatchObject({
        mailbox: 'box',
        priority: 'bulk',
        headers: { Prefer: 'IdType="ImmutableId"' },
      });
    }
  });

  test('reads whose a folder is, and its generation', () => {
    const marked = {
      id: 'f',
      displayName: 'N',
      singleValueExtendedProperties: [
        { id: GENERATION_PROPERTY, value: '7' },
        { id: FOLDER_PROPERTY, value: 'd1/staff' },
      ],
    };
    const page = readFolderPage(
      answer({
        value: [marked, { id: 'g', displayName: 'Mine' }],
        '@odata.nextLink': 'https://graph.example/v1.0/users/box/contactFolders?$skip=2',
      }),
    );
    expect(page).toEqual({
      folders: [
        { folder: 'f', name: 'N', owner: 'd1/staff', generation: 7 },
        { folder: 'g', name: 'Mine', owner: null, generation: 0 },
      ],
      next: '/users/box/contactFolders?$skip=2',
    });
    expect(listFolders(MAILBOX, page.next).url).toBe(page.next);
  });

  test('what cannot be read is a failure', () => {
    expect(() => readFolderPage(answer({}))).toThrow(unavailable);
    expect(() => readFolder(answer({}, 201), 'POST')).toThrow(
      expect.objectContaining({ kind: 'unknown-outcome' }),
    );
    expect(
      readFolder(
        answer({ id: 'f', singleValueExtendedProperties: [{ id: GENERATION_PROPERTY, value: 'x' }] }),
        'GET',
      ).generation,
    ).toBe(0);
  });
});
