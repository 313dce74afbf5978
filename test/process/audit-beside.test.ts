import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Household } from './household.ts';
import { openHousehold } from './open-household.ts';

let home: Household;
beforeAll(async () => {
  home = await openHousehold();
  await home.start();
  await home.untilRight();
  await home.untilQuiet();
});
afterAll(() => home.close());

test('an audit beside the running service finds what owners did, has it healed, and proves it', async () => {
  const [first, second] = home.population.owners;
  const { mailboxes } = home.tenant;
  const [edited, deleted] = [...home.folderOf(first?.id ?? '').items.values()];
  if (!first || !second || !edited || !deleted) throw new Error('There are too few contacts.');
  mailboxes.editContact(first.id, edited, { jobTitle: 'Made up' });
  mailboxes.deleteContact(first.id, deleted);
  mailboxes.deleteFolder(second.id, home.folderOf(second.id));
  const startedAt = home.clock.now();
  const proof = await home.audit();
  expect(proof).toMatchObject({ equal: true, httpRequests: null });
  const found = (owner: string) => proof.mailboxes.find(({ mailbox }) => mailbox === owner)?.found;
  expect(found(first.id)).toEqual({ missing: 1, changed: 1, extra: 0, folderMissing: false });
  expect(found(second.id)).toMatchObject({ folderMissing: true });
  for (const { verifiedAt } of proof.mailboxes)
    expect(Date.parse(verifiedAt ?? '')).toBeGreaterThanOrEqual(startedAt);
  expect(home.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
});
