import { afterAll, beforeAll, expect, test } from 'vitest';
import { markOf } from '../tenant/mailbox/item.ts';
import { sync } from './commands.ts';
import { install, type Installation } from './installation.ts';

let on: Installation;

beforeAll(async () => {
  on = await install({ people: 20, mailboxes: 3, seed: 7 });
});

afterAll(() => on.close());

test('a queue that is gone costs nothing: every mailbox is checked against the marks', async () => {
  await on.configure();
  expect((await sync(on)).code).toBe(0);
  const [owner] = on.population.owners;
  const mailbox = on.tenant.mailboxes.get(owner?.id ?? '');
  const ours = [...mailbox.items()].find((item) => markOf(item.content) !== undefined);
  if (!ours) throw new Error('The fill left no contact.');
  on.tenant.mailboxes.deleteContact(mailbox.userId, ours);
  // Nobody announces that, and the ledger believes the contact to be right: only the missing queue asks for a look.
  await on.stores.loseQueue();
  const again = await sync(on);
  expect(again).toMatchObject({ code: 0, writes: 1 });
  expect(on.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
});
