import { SEED_ATTRIBUTES } from '../kit/mapping-fixture.ts';
import { describe, expect, test } from 'vitest';
import {
  createContact,
  findContacts,
  getContact,
  listContacts,
  patchContact,
  readContact,
  readContactPage,
  removeContact,
} from '../../src/graph/contacts.ts';
import {
  getDeletedItem,
  getUser,
  groupsDeltaStart,
  readGroupDelta,
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
import { createSubscriptionsApi, DIRECTORY_TERMS } from '../../src/graph/subscriptions.ts';
import { fieldsOf, type Card } from '../../src/model/card.ts';
import { Fault } from '../../src/model/fault.ts';
import { settled } from './batch-server.ts';
import { driverOnTenant } from './driver-on-tenant.ts';

const CARD: Card = {
  displayName: 'Ann O’Hara',
  givenName: 'Ann',
  surname: 'O’Hara',
  jobTitle: 'Engineer',
  department: null,
  companyName: null,
  emailAddresses: [{ name: 'Ann', address: 'ann@example.com' }],
  mobilePhone: '+49 1',
  businessPhones: [],
};
const FIELDS = fieldsOf(CARD);
const MARK = { deployment: 'd1', route: 'staff', sourceId: 's1' };
const licensed = { assignedLicenses: [{ skuId: '00000000-0000-0000-0000-000000000001', disabledPlans: [] }] };

describe('against the simulated tenant', () => {
  test('a folder from its creation to its removal', async () => {
    const { tenant, packer, awaited } = await driverOnTenant();
    const { id: mailbox } = tenant.directory.addUser(licensed);
    const owner = { deployment: 'd1', route: 'staff' };
    const { folder } = readFolder(
      await awaited(packer.call(createFolder({ mailbox }, owner, { name: 'Directory', generation: 1 }))),
      'POST',
    );
    const place = { mailbox, folder };
    await awaited(packer.call(renameFolder(place, 'Company Directory')));
    await awaited(packer.call(writeGeneration(place, 2)));
    const wanted = { folder, name: 'Company Directory', owner: 'd1/staff', generation: 2 };
    expect(readFolder(await awaited(packer.call(getFolder(place))), 'GET')).toEqual(wanted);
    expect(readFolderPage(await awaited(packer.call(listFolders({ mailbox })))).folders).toContainEqual(
      wanted,
    );
    await awaited(packer.call(removeFolder(place, 'permanent')));
    await expect(awaited(packer.call(getFolder(place)))).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('a contact from its creation to its removal, found by its mark', async () => {
    const { tenant, packer, awaited } = await driverOnTenant();
    const { id: mailbox } = tenant.directory.addUser(licensed);
    const folders = await awaited(packer.call(createFolder({ mailbox }, MARK, { name: 'F', generation: 1 })));
    const place = { mailbox, folder: readFolder(folders, 'POST').folder };
    const created = readContact(
      await awaited(packer.call(createContact(place, CARD, { mark: MARK, marks: 'both' }))),
      { method: 'POST', fields: FIELDS },
    );
    expect(created).toMatchObject({ card: CARD, mark: MARK });
    const item = { ...place, item: created.item };
    await awaited(packer.call(patchContact(item, { displayName: 'Ann', mobilePhone: null, surname: null })));
    const wanted = {
      item: created.item,
      card: { ...CARD, displayName: 'Ann', mobilePhone: null, surname: null },
      mark: MARK,
    };
    expect(
      readContact(await awaited(packer.call(getContact(item, FIELDS))), { method: 'GET', fields: FIELDS }),
    ).toEqual(wanted);
    expect(
      readContactPage(await awaited(packer.call(findContacts(place, MARK, FIELDS))), FIELDS).items,
    ).toEqual([wanted]);
    expect(
      readContactPage(
        await awaited(packer.call(findContacts(place, { ...MARK, sourceId: 's2' }, FIELDS))),
        FIELDS,
      ).items,
    ).toEqual([]);
    await awaited(packer.call(removeContact(item, 'permanent')));
    expect(
      readContactPage(await awaited(packer.call(findContacts(place, MARK, FIELDS))), FIELDS).items,
    ).toEqual([]);
    expect(tenant.oracles.violations).toEqual([]);
  });

  test('a folder is read to its last page', async () => {
    const { tenant, packer, awaited, clock } = await driverOnTenant();
    const { id: mailbox } = tenant.directory.addUser(licensed);
    const folders = await awaited(packer.call(createFolder({ mailbox }, MARK, { name: 'F', generation: 1 })));
    const place = { mailbox, folder: readFolder(folders, 'POST').folder };
    const marks = Array.from({ length: 45 }, (_, index) => ({ ...MARK, sourceId: `s${index}` }));
    await settled(
      clock,
      marks.map((mark) => packer.call(createContact(place, CARD, { mark, marks: 'extendedProperty' }))),
    );
    const seen: unknown[] = [];
    let pages = 0;
    for (let link: string | undefined = ''; link !== undefined; pages += 1) {
      const call = listContacts(place, { fields: FIELDS, ...(link === '' ? { top: 20 } : { link }) });
      const page = readContactPage(await awaited(packer.call(call)), FIELDS);
      seen.push(...page.items.map(({ mark }) => mark?.sourceId));
      link = page.next;
    }
    expect(pages).toBe(3);
    expect(new Set(seen)).toEqual(new Set(marks.map(({ sourceId }) => sourceId)));
    expect(seen).toHaveLength(45);
  });

  test('people, groups and their delta', async () => {
    const { tenant, packer, awaited, round } = await driverOnTenant();
    const ann = tenant.directory.addUser({ displayName: 'Ann', ...licensed });
    const group = tenant.directory.addGroup({ displayName: 'G' });
    tenant.directory.addMember(group.id, ann.id);
    expect(readPerson(await awaited(packer.call(getUser(ann.id, SEED_ATTRIBUTES))))).toMatchObject({
      id: ann.id,
      displayName: 'Ann',
      licences: 1,
    });
    const groups = (await round(groupsDeltaStart([group.id]))).flatMap((step) =>
      'items' in step ? step.items.map(readGroupDelta) : [],
    );
    expect(groups.flatMap(({ members }) => members)).toContainEqual({
      id: ann.id,
      kind: 'person',
      left: false,
    });
    const first = (await round(usersDeltaStart(SEED_ATTRIBUTES))).at(-1);
    tenant.directory.deleteUser(ann.id);
    const second = await round(first?.kind === 'last' ? first.deltaLink : '');
    expect(second.flatMap((step) => ('items' in step ? step.items.map(readUserDelta) : []))).toContainEqual({
      id: ann.id,
      removed: 'changed',
    });
    await expect(awaited(packer.call(getUser(ann.id, SEED_ATTRIBUTES)))).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await awaited(packer.call(getDeletedItem(ann.id)))).toMatchObject({ status: 200 });
  });

  test.each(['none', 'on-premises', 'out-of-scope', 'alternating'] as const)(
    'a mailbox that is %s',
    async (state) => {
      const { tenant, packer, awaited } = await driverOnTenant();
      const { id: mailbox } = tenant.directory.addUser(licensed);
      tenant.mailboxes.setState(mailbox, state);
      const place = { mailbox, folder: 'f' };
      for (let time = 0; time < 2; time += 1) {
        await expect(awaited(packer.call(listContacts(place, { fields: FIELDS })))).rejects.toMatchObject({
          kind: 'mailbox-unavailable',
          object: mailbox,
        });
      }
    },
  );

  test('subscriptions: create, conflict, list, renew, remove', async () => {
    const { client, clock, awaited } = await driverOnTenant();
    const api = createSubscriptionsApi({ client, clock });
    const wanted = {
      resource: 'users',
      notificationUrl: 'https://sync.example/n',
      lifecycleNotificationUrl: 'https://sync.example/l',
      clientState: 'c',
      expires: clock.now() + 86_400_000,
      immutableIds: false,
      ...DIRECTORY_TERMS,
    };
    const created = await awaited(api.create(wanted));
    await expect(awaited(api.create(wanted))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await awaited(api.list())).toMatchObject([
      { id: created.id, resource: 'users', notificationUrl: wanted.notificationUrl },
    ]);
    expect((await awaited(api.renew(created.id, wanted.expires + 60_000, wanted.longestMs))).expires).toBe(
      wanted.expires + 60_000,
    );
    expect([await awaited(api.remove(created.id)), await awaited(api.remove(created.id))]).toEqual([
      'removed',
      'absent',
    ]);
  });

  test('under a claims challenge the work goes on', async () => {
    const { tenant, packer, awaited } = await driverOnTenant();
    const { id } = tenant.directory.addUser();
    await awaited(packer.call(getUser(id, SEED_ATTRIBUTES)));
    tenant.revokeTokens();
    expect(await awaited(packer.call(getUser(id, SEED_ATTRIBUTES)))).toMatchObject({ status: 200 });
  });

  test('a storm of throttling: no call to a mailbox before its Retry-After, never five at a time', async () => {
    const { tenant, packer, clock } = await driverOnTenant({
      throttleInside: 0.1,
      throttleOutside: 0.02,
      unavailable503: 0.03,
    });
    const mailboxes = Array.from({ length: 8 }, () => tenant.directory.addUser(licensed).id);
    const untilDone = async (mailbox: string): Promise<void> => {
      for (;;) {
        try {
          await packer.call(listFolders({ mailbox }));
          return;
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          await clock.sleep(error.retryAt === undefined ? 500 : error.retryAt - clock.now());
        }
      }
    };
    await settled(
      clock,
      mailboxes.flatMap((mailbox) => Array.from({ length: 40 }, () => untilDone(mailbox))),
    );
    expect(tenant.faultCounts.get('throttleInside')).toBeGreaterThan(5);
    expect(tenant.oracles.violations).toEqual([]);
  });
});
