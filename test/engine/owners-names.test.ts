import { afterEach, beforeEach, expect, test } from 'vitest';
import { TENANT } from '../bench/service.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Folder } from '../tenant/mailbox/item.ts';
import { Town, type JobPart } from './town.ts';

const PRIVATE = 'Divorce papers';
/** Until nothing can arrive any more that was sent before a loss, and what is found then is worked on. */
const SETTLED_MS = 4 * 60_000;

let town: Town;
let owner: User;
let job: { readonly staff: JobPart };
beforeEach(async () => {
  town = new Town();
  owner = town.owner();
  job = { staff: { source: { users: [town.person().id] }, target: { kind: 'licensed' } } };
  await town.configure(job);
});
afterEach(() => town.close());

const folder = (name = 'staff'): Folder | undefined => town.tenant.mailboxes.get(owner.id).folderNamed(name);

/** Our folder gets a name of its owner's; where the old one is taken, the fill cannot give it back. */
function rename({ taken }: { readonly taken: boolean }): void {
  const ours = folder();
  if (!ours) throw new Error('There is no folder.');
  ours.name = PRIVATE;
  if (taken) town.tenant.mailboxes.addFolder(owner.id, 'staff');
}

async function kept(): Promise<string> {
  const { ledger } = town.service.assembly.needs;
  return JSON.stringify([await ledger.places.ofSlab(TENANT, 0), await ledger.routes.all()]);
}

test('the name that an owner gives our folder is not kept when the audit sees it', async () => {
  rename({ taken: true });
  const { needs, keeper } = town.service.assembly;
  const places = await needs.ledger.audits.report();
  await keeper.auditor.verify(
    places.map(({ place }) => place),
    'full',
  );
  await town.clock.run(town.clock.now() + SETTLED_MS);
  expect(folder(PRIVATE)).toBeDefined();
  expect(await kept()).not.toContain(PRIVATE);
  expect(await needs.ledger.places.ofSlab(TENANT, 0)).toMatchObject([{ name: null }]);
});

test('nor when the folder is found after the ledger was lost', async () => {
  rename({ taken: false });
  await town.loseLedger();
  await town.configure(job);
  let names = '';
  for (let step = 0; step < 12; step += 1) {
    await town.clock.run(town.clock.now() + SETTLED_MS / 12);
    names += await kept();
  }
  expect(names).toContain(folder()?.id);
  expect(names).not.toContain(PRIVATE);
});
