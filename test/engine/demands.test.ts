import { afterEach, beforeEach, expect, test } from 'vitest';
import { photoLook } from '../../src/engine/pictures.ts';
import { TENANT } from '../bench/service.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { contactWrites, since, snapshot, total } from '../tenant/counts.ts';
import { markOf, type Item } from '../tenant/mailbox/item.ts';
import { idsOf, Town } from './town.ts';

/*
 * What users of other tools ask for and did not get there, by number. Some stand elsewhere, beside their kin; the house
 * holds that none is forgotten (test/house/demands.test.ts).
 */

const JPEG = (number: number): Uint8Array => Uint8Array.of(0xff, 0xd8, number % 256, number >> 8);
const BYTES = 'GET users/{id}/photo/$value';
const PICTURE = 'PATCH users/{id}/contactFolders/{folder}/contacts/{contact}/photo/$value';
const target = { kind: 'licensed' as const };
const many = <One>(count: number, make: () => One): One[] => Array.from({ length: count }, make);

let town: Town;
beforeEach(() => {
  town = new Town();
});
afterEach(() => town.close());

/** Every item of ours that is not in Deleted Items, by mailbox and person, with its change key. */
function changeKeys(): Map<string, number> {
  const keys = new Map<string, number>();
  for (const mailbox of town.tenant.mailboxes.all())
    for (const { content, changeKey } of mailbox.items())
      keys.set(`${mailbox.userId} ${markOf(content)}`, changeKey);
  return keys;
}

async function counted(act: () => void) {
  const { tenant } = town;
  const before = { counts: snapshot(tenant.counts), requests: tenant.httpRequests };
  act();
  await town.rest();
  const counts = since(tenant.counts, before.counts);
  return { counts, writes: contactWrites(counts), requests: tenant.httpRequests - before.requests };
}

test('demand 1: one new or changed person is pushed to everyone now, and the rest is left alone', async () => {
  const MAILBOXES = 60;
  const owners = many(MAILBOXES, () => town.owner());
  const group = town.group(...owners, ...many(40, () => town.person()));
  await town.configure({ staff: { source: { groups: [group.id] }, target } });
  const before = changeKeys();
  expect(before.size).toBe(MAILBOXES * (MAILBOXES - 1 + 40));
  const newcomer = town.person();
  const { directory } = town.tenant;
  const joined = await counted(() => directory.addMember(group.id, newcomer.id));
  const changed = await counted(() => directory.updateUser(newcomer.id, { mobilePhone: '+49 151 5550100' }));
  expect([joined.writes, changed.writes]).toEqual([MAILBOXES, MAILBOXES]);
  for (const owner of owners) {
    const [item] = [
      ...(town.tenant.mailboxes.get(owner.id).folderNamed('staff')?.items.values() ?? []),
    ].filter(({ content }) => markOf(content)?.endsWith(newcomer.id));
    expect(item?.content.fields['mobilePhone']).toBe('+491515550100');
  }
  const after = changeKeys();
  for (const [key, changeKey] of before) expect(after.get(key)).toBe(changeKey);
  expect(after.size).toBe(before.size + MAILBOXES);
  // Nobody else was even looked at: three batches of writes, and a handful of reads of the newcomer.
  for (const { requests } of [joined, changed]) expect(requests).toBeLessThan(10);
});

test('demand 6: a directory of more than 3,000 people arrives whole, from A to Z', async () => {
  const owner = town.owner();
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const people = letters.flatMap((letter) =>
    many(120, () => town.person({ displayName: `${letter} Person` })),
  );
  await town.configure({ staff: { source: { groups: [town.group(...people).id] }, target } });
  expect(town.shownTo(owner)).toEqual(idsOf(...people));
  const items = [...(town.tenant.mailboxes.get(owner.id).folderNamed('staff')?.items.values() ?? [])];
  const initials = Map.groupBy(items, ({ content }) => String(content.fields['displayName'])[0]);
  expect(letters.map((letter) => initials.get(letter)?.length)).toEqual(letters.map(() => 120));
});

test('demand 7: photos do not make the sync slow: read once for all mailboxes, and not again for any other change', async () => {
  const [PEOPLE, MAILBOXES] = [50, 12];
  const owners = many(MAILBOXES, () => town.owner());
  const people = many(PEOPLE, () => town.person());
  for (const [number, { id }] of people.entries())
    town.tenant.photos.set(id, { bytes: JPEG(number), width: 240, height: 240 });
  const mapping = mappingOf('photos: true');
  await town.configure({ staff: { source: { users: people.map(({ id }) => id) }, target, mapping } });
  const pictures = owners.map((owner) => {
    const items = town.tenant.mailboxes.get(owner.id).folderNamed('staff')?.items.values() ?? [];
    return [...items].filter(({ content }) => content.photo !== undefined).length;
  });
  expect(pictures).toEqual(owners.map(() => PEOPLE));
  expect(total(town.tenant.counts, BYTES)).toBe(PEOPLE);
  expect(total(town.tenant.counts, PICTURE)).toBe(PEOPLE * MAILBOXES);
  const [somebody] = people;
  const renamed = await counted(() =>
    town.tenant.directory.updateUser(somebody?.id ?? '', { jobTitle: 'Renamed' }),
  );
  expect(renamed.writes).toBe(MAILBOXES);
  expect([total(renamed.counts, BYTES), total(renamed.counts, PICTURE)]).toEqual([0, 0]);
});

test('demand 11: a shared mailbox holds the central list, with deletes, and needs no licence', async () => {
  const shared = town.person({ displayName: 'Switchboard', accountEnabled: false });
  town.tenant.mailboxes.setPurpose(shared.id, 'shared');
  const [stays, gone, disabled, leaves] = many(4, () => town.person());
  if (!stays || !gone || !disabled || !leaves) throw new Error('There are too few people.');
  const group = town.group(stays, gone, disabled, leaves);
  await town.configure({
    staff: { source: { groups: [group.id] }, target: { kind: 'chosen', users: [shared.id] } },
  });
  expect(town.shownTo(shared)).toEqual(idsOf(stays, gone, disabled, leaves));
  const own = town.tenant.mailboxes.addContact(
    shared.id,
    { displayName: 'Supplier' },
    town.tenant.mailboxes.get(shared.id).folderNamed('staff'),
  );
  const { directory } = town.tenant;
  directory.deleteUser(gone.id);
  directory.updateUser(disabled.id, { accountEnabled: false });
  directory.removeMember(group.id, leaves.id);
  await town.rest();
  const { folders, deletedItems } = town.tenant.mailboxes.get(shared.id);
  const left = [...folders.values()].flatMap((folder) => [...folder.items.values()]);
  const ours = left.filter((item) => item !== own).map(({ content }) => markOf(content)?.split('/').at(-1));
  expect(ours).toEqual([stays.id]);
  expect(left).toContain(own);
  expect(deletedItems.items.size).toBe(0);
});

test('demand 14: nothing that the service removes turns up in Deleted Items', async () => {
  const owners = many(3, () => town.owner());
  const [first, second, third] = owners;
  const people = many(12, () => town.person());
  const [leaver, pictured, changed] = people;
  if (!first || !second || !third || !leaver || !pictured || !changed) throw new Error('Too few people.');
  const [group, audience] = [town.group(...people), town.group(...owners)];
  const { directory, mailboxes, photos, counts } = town.tenant;
  photos.set(pictured.id, { bytes: JPEG(1), width: 240, height: 240 });
  const source = { groups: [group.id] };
  const receiving = { kind: 'chosen' as const, groups: [audience.id] };
  await town.configure({ staff: { source, target: receiving, mapping: mappingOf('photos: true') } });
  const trash = (): Item[] => owners.flatMap(({ id }) => [...mailboxes.get(id).deletedItems.items.values()]);
  const itemsOf = (id: string): Item[] => [...(mailboxes.get(id).folderNamed('staff')?.items.values() ?? [])];
  const withPicture = () => itemsOf(second.id).filter(({ content }) => content.photo !== undefined);
  expect(withPicture()).toHaveLength(1);

  // A contact goes with its person, and is made anew to lose its picture.
  directory.deleteUser(leaver.id);
  directory.updateUser(changed.id, { mobilePhone: '+49 151 5550199' });
  photos.remove(pictured.id);
  await town.service.assembly.needs.changes.send([
    photoLook({ tenant: TENANT, id: pictured.id }, town.clock.now()),
  ]);
  // A picture counts as gone when it was told twice.
  await town.rest(1_800_000);
  expect(withPicture().length).toBe(0);
  expect(itemsOf(second.id)).toHaveLength(people.length - 1);
  expect(trash()).toEqual([]);

  // A folder goes when its mailbox receives no more: whole, or contact by contact beside something of its owner's.
  const own = mailboxes.addContact(
    third.id,
    { displayName: 'Plumber' },
    mailboxes.get(third.id).folderNamed('staff'),
  );
  for (const owner of [first, third]) directory.removeMember(audience.id, owner.id);
  await town.rest();
  expect([town.shownTo(first), itemsOf(third.id)]).toEqual([null, [own]]);
  expect(trash()).toEqual([]);

  // And everything with the job.
  await town.configure({});
  await town.rest();
  expect(town.shownTo(second)).toBeNull();
  expect(trash()).toEqual([]);
  const removals = [...counts.keys()].filter(
    (operation) => /DELETE |permanentDelete/.test(operation) && !operation.includes('subscriptions'),
  );
  expect(removals.filter((operation) => !operation.endsWith('/permanentDelete'))).toEqual([]);
  expect(removals.length).toBeGreaterThan(1);
  // What an owner throws away is there: the look into it is no empty one.
  mailboxes.deleteContact(second.id, mailboxes.addContact(second.id, { displayName: 'Own' }));
  expect(trash()).toHaveLength(1);
});
