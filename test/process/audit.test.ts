import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Folder, Item } from '../tenant/mailbox/item.ts';
import { addForeignToManagedFolders, foreignContacts } from './bystanders.ts';
import { audit, status, sync } from './commands.ts';
import { FOLDER } from './configuration.ts';
import { install, type Installation } from './installation.ts';

const MAILBOXES = 4;
let on: Installation;

beforeAll(async () => {
  on = await install({ people: 12, mailboxes: MAILBOXES, seed: 31 });
  expect(await sync(on)).toMatchObject({ code: 0 });
  addForeignToManagedFolders(on.tenant);
});
afterAll(() => on.close());

function managed(number: number): { owner: string; folder: Folder; items: Item[] } {
  const owner = on.population.owners[number]?.id ?? '';
  const folder = on.tenant.mailboxes.get(owner).folderNamed(FOLDER);
  if (!folder) throw new Error('There is no managed folder.');
  return { owner, folder, items: [...folder.items.values()] };
}

const found = { missing: 0, changed: 0, extra: 0, folderMissing: false };

describe('the audit is a proof', () => {
  test('that every mailbox is equal, and when that was seen', async () => {
    const before = Date.now();
    const proof = await audit(on, '--full');
    expect(proof).toMatchObject({ code: 0, equal: true });
    expect(proof.mailboxes.map(({ mailbox }) => mailbox).toSorted()).toEqual(
      on.population.owners.map(({ id }) => id).toSorted(),
    );
    for (const one of proof.mailboxes) {
      expect(one).toMatchObject({ job: 'staff', equal: true, found, accepted: 0 });
      expect(Date.parse(one.verifiedAt ?? '')).toBeGreaterThanOrEqual(before);
    }
  });

  test('that what owners did was found and healed, and nothing of theirs was touched', async () => {
    const foreign = foreignContacts(on.tenant);
    const { mailboxes } = on.tenant;
    const first = managed(0);
    const [edited, moved, deleted, copied] = first.items;
    if (!edited || !moved || !deleted || !copied) throw new Error('There are too few contacts.');
    mailboxes.editContact(first.owner, edited, { mobilePhone: '+1 425 555 0100' });
    mailboxes.moveContact(first.owner, moved, mailboxes.get(first.owner).contacts);
    mailboxes.deleteContact(first.owner, deleted);
    mailboxes.copyContact(first.owner, copied);
    const second = managed(1);
    const own = [...foreignContacts(on.tenant)]
      .filter(([key]) => key.startsWith(second.owner))
      .map(([key]) => key);
    mailboxes.deleteFolder(second.owner, second.folder);
    const proof = await audit(on);
    expect(proof).toMatchObject({ code: 0, equal: true });
    const of = (owner: string) => proof.mailboxes.find(({ mailbox }) => mailbox === owner)?.found;
    expect(of(first.owner)).toEqual({ missing: 2, changed: 1, extra: 1, folderMissing: false });
    expect(of(second.owner)).toEqual({ ...found, folderMissing: true });
    expect(on.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
    expect(on.tenant.oracles.violations).toEqual([]);
    // What went with the deleted folder, its owner deleted.
    const after = foreignContacts(on.tenant);
    for (const [key, content] of foreign) if (!own.includes(key)) expect(after.get(key)).toBe(content);
    expect((await status(on)).audits).toMatchObject([{ job: 'staff', verified: MAILBOXES, accepted: 0 }]);
  });

  test('of the contrary, too: a mailbox that cannot be used is not equal', async () => {
    const { owner } = managed(2);
    on.tenant.mailboxes.setState(owner, 'out-of-scope');
    const proof = await audit(on);
    expect(proof).toMatchObject({ code: 1, equal: false });
    expect(proof.mailboxes.filter(({ equal }) => !equal).map(({ mailbox }) => mailbox)).toEqual([owner]);
  });
});
