import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLeftovers, toldFromOf } from '../../src/engine/leftovers.ts';
import { TENANT } from '../bench/service.ts';
import { since, snapshot } from '../tenant/counts.ts';
import { propertyId } from '../tenant/mailbox/item.ts';
import { Town } from './town.ts';

const MAILBOXES = 25;
const FOLDER_MARK = 'String {6f1f7d0c-3f0a-4c43-9a57-2f8c0f6b3d11} Name EntraContactSyncFolder';
const OLD = 'Contoso Contacts';

let town: Town;
beforeEach(() => {
  town = new Town();
});
afterEach(() => town.close());

/** Mailboxes that the job has filled, so that each holds a folder of ours. */
async function filled(): Promise<string[]> {
  const owners = Array.from({ length: MAILBOXES }, () => town.owner().id);
  const source = { users: [town.person().id] };
  await town.configure({ staff: { source, target: { kind: 'licensed' } } });
  return owners;
}

test('a name that stands in several mailboxes is told with its folders and contacts, others are counted', async () => {
  const owners = await filled();
  const { mailboxes } = town.tenant;
  const [first = '', second = '', third = ''] = owners;
  for (const owner of [first, second, third]) {
    const folder = mailboxes.addFolder(owner, OLD);
    for (let n = 0; n < 12; n += 1) mailboxes.addContact(owner, { displayName: `Old ${n}` }, folder);
  }
  // More than a page of folders; Exchange's own are nobody's leftovers.
  for (let n = 0; n < 101; n += 1) mailboxes.addFolder(first, 'Recipient Cache');
  mailboxes.addFolder(second, OLD);
  mailboxes.addFolder(third, 'Family');
  for (const owner of [first, third]) {
    const folder = mailboxes.addFolder(owner, 'staff');
    folder.properties = [{ id: propertyId(FOLDER_MARK), value: 'an-earlier-one/staff' }];
  }
  const before = snapshot(town.tenant.counts);
  const found = await town.clock.through(findLeftovers(town.service.assembly.needs, TENANT));
  expect(found).toMatchObject({ tenant: TENANT, mailboxes: MAILBOXES, unread: [], toldFrom: 2, others: 1 });
  expect(found.names).toMatchObject([
    { name: OLD, madeBy: 'somebody', mailboxes: 3, contacts: 36 },
    { name: 'staff', madeBy: 'another', mailboxes: 2, contacts: 0 },
  ]);
  const [old] = found.names;
  expect(old?.folders.map(({ mailbox, contacts }) => [mailbox, contacts])).toEqual([
    [first, 12],
    [second, 12],
    [second, 0],
    [third, 12],
  ]);
  expect(old?.folders[0]?.folder).toBe(mailboxes.get(first).folderNamed(OLD)?.id);
  // Twenty to a request: two for the listings, one for a second page, one for the counts.
  expect(Object.fromEntries(since(town.tenant.counts, before))).toEqual({
    '$batch GET users/{id}/contactFolders': MAILBOXES + 1,
    '$batch GET users/{id}/contactFolders/{folder}/contacts': 6,
    'POST $batch': 4,
  });
});

test('a mailbox or a folder that cannot be read is said, and no nought', async () => {
  const owners = await filled();
  const { mailboxes } = town.tenant;
  const [first = '', second = '', third = ''] = owners;
  for (const owner of [first, second, third]) mailboxes.addFolder(owner, OLD);
  mailboxes.setState(second, 'out-of-scope');
  const { needs } = town.service.assembly;
  const [target] = needs.targets.values();
  if (!target) throw new Error('There is no target.');
  const targets = new Map([
    [
      TENANT,
      {
        ...target,
        apply: async (...asked: Parameters<typeof target.apply>) => {
          // After the listing, and before the count.
          if (asked[0].some(({ kind }) => kind === 'count')) mailboxes.setState(third, 'none');
          return target.apply(...asked);
        },
      },
    ],
  ]);
  const found = await town.clock.through(findLeftovers({ ...needs, targets }, TENANT));
  expect(found).toMatchObject({
    mailboxes: MAILBOXES - 1,
    unread: [{ reason: 'ErrorAccessDenied', mailboxes: 1 }],
  });
  expect(found.names).toMatchObject([{ name: OLD, mailboxes: 2, contacts: 0 }]);
  expect(found.names[0]?.folders.map(({ contacts }) => contacts)).toEqual([0, null]);
});

test('a name is told from a hundredth of the mailboxes on: at least two, at most ten', () => {
  expect([1, 3, 200, 201, 900, 50_000].map(toldFromOf)).toEqual([2, 2, 2, 3, 9, 10]);
});
