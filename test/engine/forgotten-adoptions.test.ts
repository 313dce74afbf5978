import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TargetConfig } from '../../src/kit/config/scope.ts';
import { TENANT } from '../bench/service.ts';
import { since, snapshot, total } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import { isAdopted } from '../tenant/mailbox/item.ts';
import { Town } from './town.ts';

/** Until nothing can arrive any more, and the next look for what waits. */
const SETTLED_MS = 4 * 60_000;
const CYNC = 'com.itbaer.cync';

let town: Town;
let shown: User;
let owners: User[];
beforeEach(() => {
  town = new Town({ adoptable: true });
  shown = town.person();
  owners = Array.from({ length: 2 }, () => town.owner());
  const { mailboxes } = town.tenant;
  for (const { id } of owners) {
    const theirs = mailboxes.addContact(id, { displayName: 'From CYNC' });
    mailboxes.extendContact(id, theirs, { name: CYNC, values: { reference: shown.id } });
  }
});
afterEach(() => town.close());

const staff = (target: TargetConfig, { id } = shown) => ({
  staff: { source: { users: [id] }, target, adopt: { cync: true, folder: null } },
});
const first = () => staff({ kind: 'chosen', users: owners.slice(0, 1).map(({ id }) => id) });

/** How many originals bear our mark, in each mailbox. */
const marked = (): number[] =>
  owners.map(
    ({ id }) => [...town.tenant.mailboxes.get(id).items()].filter(({ content }) => isAdopted(content)).length,
  );
const kept = (): number[] => owners.map(({ id }) => [...town.tenant.mailboxes.get(id).items()].length);

test('an adopted contact is let go of in a mailbox without a folder of ours, which a lost ledger forgot', async () => {
  await town.configure(staff({ kind: 'licensed' }));
  expect(marked()).toEqual([1, 1]);
  const mailbox = town.tenant.mailboxes.get(owners[1]?.id ?? '');
  const folder = mailbox.folderNamed('staff');
  if (!folder) throw new Error('There is no folder.');
  mailbox.removeFolder(folder, true);
  await town.loseLedger();
  const before = snapshot(town.tenant.counts);
  await town.configure(first());
  await town.rest(SETTLED_MS);
  expect([marked(), kept()]).toEqual([
    [1, 0],
    [1, 1],
  ]);
  // Nothing was made in the mailbox that was only found by what it holds.
  expect(total(since(town.tenant.counts, before), 'POST users/{id}/contactFolders')).toBe(0);
});

test('an adopted contact that a restored ledger does not know is let go of before the folder is', async () => {
  await town.configure(staff({ kind: 'licensed' }));
  const { ledger } = town.service.assembly.needs;
  const places = await ledger.places.ofSlab(TENANT, 0);
  const place = places.find(({ owner }) => owner === owners[1]?.id)?.place ?? 0;
  const [pair] = await ledger.links.adopted(place, 1);
  await ledger.links.save({ drop: [{ person: pair?.card.person ?? 0, place }] });
  const { current } = await ledger.slabs.generation(TENANT, 0);
  await ledger.slabs.distrust(TENANT, 0, { generation: current, at: town.clock.now() });
  await town.configure(first());
  await town.rest(SETTLED_MS);
  expect([marked(), kept()]).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect(town.tenant.mailboxes.get(owners[1]?.id ?? '').folderNamed('staff')).toBeUndefined();
});

test('an adopted contact that its owner had moved before the ledger was lost is known again, and gets no twin', async () => {
  const byAddress = {
    staff: { ...staff({ kind: 'licensed' }).staff, adopt: { cync: false, folder: 'Colleagues' } },
  };
  const { mailboxes } = town.tenant;
  const emailAddresses = [{ name: 'Old', address: String(shown.mail) }];
  for (const { id } of owners) {
    const theirs = mailboxes.addFolder(id, 'Colleagues');
    mailboxes.addContact(id, { displayName: 'Old', emailAddresses }, theirs);
  }
  await town.configure(byAddress);
  expect(marked()).toEqual([1, 1]);
  const before = kept();
  const mailbox = mailboxes.get(owners[0]?.id ?? '');
  const friends = mailboxes.addFolder(mailbox.userId, 'Friends');
  const item = [...mailbox.items()].find(({ content }) => isAdopted(content));
  if (!item) throw new Error('Nothing was adopted.');
  mailbox.moveItem(item, friends);
  await town.loseLedger();
  await town.configure(byAddress);
  await town.rest(SETTLED_MS);
  expect([marked(), kept()]).toEqual([[1, 1], before]);
});

test('an adopted contact gets no twin when the ledger was lost, and the folder with it', async () => {
  await town.configure(staff({ kind: 'licensed' }));
  const mailbox = town.tenant.mailboxes.get(owners[0]?.id ?? '');
  const folder = mailbox.folderNamed('staff');
  if (!folder) throw new Error('There is no folder.');
  mailbox.removeFolder(folder, true);
  await town.loseLedger();
  await town.configure(staff({ kind: 'licensed' }));
  await town.rest(SETTLED_MS);
  expect([marked(), kept()]).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

/** The ledger is one from before the originals were let go of. */
async function adoptAndLetGo(): Promise<void> {
  await town.configure(staff({ kind: 'licensed' }));
  const { links, places } = town.service.assembly.needs.ledger;
  const pairs = await Promise.all(
    (await places.ofSlab(TENANT, 0)).map(({ place }) => links.adopted(place, 9)),
  );
  await town.configure(staff({ kind: 'licensed' }, town.person()));
  await town.rest(SETTLED_MS);
  expect(marked()).toEqual([0, 0]);
  const { ledger } = town.service.assembly.needs;
  await ledger.links.save({ put: pairs.flat().flatMap(({ link }) => link ?? []) });
  const { current } = await ledger.slabs.generation(TENANT, 0);
  await ledger.slabs.distrust(TENANT, 0, { generation: current, at: town.clock.now() });
}

test('an original that a restored ledger takes for adopted gets its mark again before it is believed', async () => {
  await adoptAndLetGo();
  await town.configure(staff({ kind: 'licensed' }));
  await town.rest(SETTLED_MS);
  expect([marked(), kept()]).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

// What must not be touched, `close` would tell.
test('an original that was let go of is left as it is, also where a restored ledger takes it for adopted', async () => {
  await adoptAndLetGo();
  await town.configure(first());
  await town.rest(SETTLED_MS);
  expect([marked()[1], kept()[1]]).toEqual([0, 1]);
});
