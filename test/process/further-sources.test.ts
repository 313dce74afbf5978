import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanReport } from '../../src/run/plan-report.ts';
import type { RevertReport } from '../../src/run/service.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import type { OrgContact } from '../tenant/directory/objects.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { outsider } from '../tenant/population.ts';
import { MAIN_ROLES } from '../tenant/tenant.ts';
import { audit, documentOf, sync } from './commands.ts';
import { install, type Installation } from './installation.ts';

const [MAILBOXES, CONTACTS] = [3, 6];
let on: Installation;
let contacts: OrgContact[];
let unit: string;

const right = () => on.compare({ sourceGroups: [], sourceUnits: [unit], contacts: 'all' });
const ownerAt = (number: number): string => on.population.owners[number]?.id ?? '';

beforeAll(async () => {
  on = await install({
    people: 12,
    mailboxes: MAILBOXES,
    seed: 51,
    roles: [...MAIN_ROLES, 'OrgContact.Read.All', 'AdministrativeUnit.Read.All'],
    switches: { adoptable: true },
  });
  const { directory, mailboxes } = on.tenant;
  contacts = Array.from({ length: CONTACTS }, (_, number) =>
    directory.contacts.add(outsider(seededRandom(number), number)),
  );
  unit = directory.units.add().id;
  for (const { id } of on.population.people.slice(0, 8))
    directory.units.addMember(unit, { id, type: 'user' });
  // What another tool left there: the very first contact, under an older name.
  const old = mailboxes.addFolder(ownerAt(0), 'Partners');
  const emailAddresses = [{ name: 'Old', address: String(contacts[0]?.mail) }];
  mailboxes.addContact(ownerAt(0), { displayName: 'Old name', emailAddresses }, old);
  const source = { administrativeUnits: [unit], orgContacts: true };
  const adopt = { folder: 'Partners' };
  const guard = { count: 2, percent: 0 };
  await on.configure({ port: undefined, jobs: { staff: { groups: [], guard, more: { source, adopt } } } });
});
afterAll(() => on.close());

async function plan(): Promise<PlanReport['jobs'][number] | undefined> {
  return (documentOf(await on.run('plan', '--json')) as PlanReport).jobs[0];
}

describe('demand 12: external contacts as a source, with everything that people have', () => {
  test('a plan says what a run then does; one that was there before is adopted', async () => {
    const planned = await plan();
    // Nobody is a contact in their own mailbox.
    const all = MAILBOXES * (8 + CONTACTS) - MAILBOXES;
    const told = { create: all - 1, adopt: 1, hold: 0 };
    expect(planned).toMatchObject({ people: 8 + CONTACTS, mailboxes: MAILBOXES, ...told });
    expect(planned?.rows).toContainEqual(
      expect.objectContaining({ action: 'adopt', id: ownerAt(0), contacts: 1 }),
    );
    expect(await sync(on)).toMatchObject({ code: 0, held: 0, dead: 0 });
    expect(right()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
    const before = on.tenant.mailboxes.get(ownerAt(0)).folderNamed('Partners')?.items.values() ?? [];
    expect(Array.from(before, ({ content }) => markOf(content)?.split('/').at(-1))).toEqual([
      contacts[0]?.id,
    ]);
    expect(await plan()).toMatchObject({ create: 0, adopt: 0, change: 0, remove: 0, look: 0, rows: [] });
  });

  test('an audit heals them', async () => {
    const folder = on.tenant.mailboxes.get(ownerAt(1)).folderNamed('Company Directory');
    const item = [...(folder?.items.values() ?? [])].find(({ content }) =>
      markOf(content)?.endsWith(`/${contacts[1]?.id}`),
    );
    if (!item) throw new Error('The contact is not shown.');
    on.tenant.mailboxes.deleteContact(ownerAt(1), item);
    expect((await audit(on)).mailboxes.reduce((sum, { found }) => sum + found.missing, 0)).toBe(1);
    expect(right().divergences).toEqual([]);
  });

  test('who leaves leaves every mailbox, as far as the guard lets them', async () => {
    const { directory } = on.tenant;
    for (const { id } of contacts.slice(1, 4)) directory.contacts.update(id, { mail: null, phones: [] });
    expect(await plan()).toMatchObject({ remove: 2 * MAILBOXES, hold: 1 });
    expect(await sync(on)).toMatchObject({ code: 3, held: 1 });
    expect(await on.run('approve', '--job', 'staff')).toMatchObject({ code: 0 });
    expect(await sync(on)).toMatchObject({ code: 0, held: 0 });
    expect(right()).toMatchObject({ divergences: [], duplicates: 0 });
  });

  test('a revert takes them back, and leaves the one that was there before', async () => {
    const ended = await on.run('revert', '--job', 'staff', '--yes', '--json');
    expect(documentOf(ended) as RevertReport).toMatchObject({ mailboxes: MAILBOXES, left: 0 });
    const marked = [...on.tenant.mailboxes.all()].flatMap((mailbox) =>
      [...mailbox.items()].filter(({ content }) => markOf(content) !== undefined),
    );
    expect(marked).toEqual([]);
    expect(on.tenant.mailboxes.get(ownerAt(0)).folderNamed('Partners')?.items.size).toBe(1);
  });
});
