import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/engine/ports.ts';
import { FOLDER_PROPERTY, MARK_PROPERTY, markValue, type ItemMark } from '../../src/graph/marks.ts';
import { createManagedFolders } from '../../src/targets/managed-folder.ts';
import { driverOnTenant } from '../graph/driver-on-tenant.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { propertyId, type Item } from '../tenant/mailbox/item.ts';
import type { Mailbox } from '../tenant/mailbox/mailbox.ts';

const OWNER = { deployment: 'd1', route: 'staff' };

async function openScene({
  ours,
  removal = 'permanent',
}: {
  ours: number;
  removal?: 'permanent' | 'deletedItems';
}) {
  const driver = await driverOnTenant();
  const { tenant, packer, clock } = driver;
  const { id } = tenant.directory.addUser({ assignedLicenses: [mailboxLicense] });
  const mailbox = tenant.mailboxes.get(id);
  const properties = [{ id: propertyId(FOLDER_PROPERTY), value: 'd1/staff' }];
  const folder = mailbox.createFolder('Company Directory', mailbox.contacts, properties);
  const mark = (number: number, more: Partial<ItemMark> = {}): void => {
    const value = markValue({ ...OWNER, sourceId: `person-${number}`, ...more });
    const content = { fields: {}, extensions: [], properties: [{ id: propertyId(MARK_PROPERTY), value }] };
    mailbox.createItem(folder, content, 'client');
  };
  for (let number = 0; number < ours; number += 1) mark(number);
  const state = { open: true };
  const { deployment } = OWNER;
  const target = createManagedFolders({
    packer,
    deployment,
    marks: 'both',
    contactDelta: true,
    stands: new Map(),
    removal,
    clock,
    admits: () => state.open,
  });
  const clear = (): Promise<Outcome[]> =>
    driver.awaited(
      target.apply([{ kind: 'clear-folder', mailbox: id, folder: folder.id, route: OWNER.route }], 'bulk'),
    );
  return { ...driver, mailbox, folder, mark, clear, state };
}

const isThere = (mailbox: Mailbox): boolean => mailbox.folderNamed('Company Directory') !== undefined;

describe('a folder that leaves', () => {
  test('with nothing but ours in it goes in one call, after a look at every page', async () => {
    const { clear, mailbox, tenant } = await openScene({ ours: 2_500 });
    expect(await clear()).toEqual([{ kind: 'done' }]);
    expect(isThere(mailbox)).toBe(false);
    expect(mailbox.deletedItems.items.size).toBe(0);
    expect(Object.fromEntries(tenant.counts)).toMatchObject({
      '$batch GET users/{id}/contactFolders/{folder}/contacts': 3,
      '$batch POST users/{id}/contactFolders/{folder}/permanentDelete': 1,
    });
    expect(tenant.oracles.violations).toEqual([]);
  });

  test('goes to Deleted Items where that is configured', async () => {
    const { clear, mailbox } = await openScene({ ours: 3, removal: 'deletedItems' });
    expect(await clear()).toEqual([{ kind: 'done' }]);
    expect(mailbox.deletedItems.items.size).toBe(3);
  });

  test.each([
    ['a contact of its owner’s, on the last page', 1_500, (scene: Scene): void => void own(scene)],
    ['another deployment’s', 1_501, (scene: Scene): void => scene.mark(9_999, { deployment: 'd2' }), -1],
    ['another route’s', 1_501, (scene: Scene): void => scene.mark(9_999, { route: 'sales' }), -1],
    ['an original that was adopted', 1_501, (scene: Scene): void => scene.mark(9_999, { linked: true })],
    [
      'a folder below it',
      1_500,
      ({ mailbox, folder }: Scene): void => void mailbox.createFolder('Family', folder),
    ],
  ] as const)('stays with %s', async (...[, ours, add, less = 0]) => {
    const scene = await openScene({ ours: 1_500 });
    add(scene);
    expect(await scene.clear()).toEqual([{ kind: 'kept', ours: ours + less }]);
    expect(isThere(scene.mailbox)).toBe(true);
    expect(scene.tenant.oracles.violations).toEqual([]);
  });

  test('is looked at again when it changes under the look: nothing hides between two pages', async () => {
    const scene = await openScene({ ours: 1_500 });
    const [first] = scene.folder.items.values();
    // The owner's own one is the first of the second page, and slips to the first one when an item before it goes.
    const rest = [...scene.folder.items.values()].slice(1_000);
    for (const item of rest) scene.mailbox.removeItem(item, true);
    const kept = own(scene);
    for (let number = 0; number < 500; number += 1) scene.mark(5_000 + number);
    const cleared = scene.clear();
    const listed = (): number =>
      scene.tenant.counts.get('$batch GET users/{id}/contactFolders/{folder}/contacts') ?? 0;
    await scene.clock.runUntil(() => listed() === 1);
    if (first) scene.mailbox.removeItem(first, true);
    expect(await cleared).toMatchObject([{ kind: 'kept' }]);
    expect(scene.folder.items.has(kept.key)).toBe(true);
    expect(scene.tenant.oracles.violations).toEqual([]);
  });

  test('is left alone when its route is stopped while it waits', async () => {
    const { clear, state, mailbox } = await openScene({ ours: 3 });
    state.open = false;
    expect(await clear()).toMatchObject([{ kind: 'fault', fault: { kind: 'paused' } }]);
    expect(isThere(mailbox)).toBe(true);
  });
});

type Scene = Awaited<ReturnType<typeof openScene>>;

function own({ tenant, mailbox, folder }: Scene): Item {
  return tenant.mailboxes.addContact(mailbox.userId, { displayName: 'Plumber' }, folder);
}
