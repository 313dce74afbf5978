import { afterEach, expect, test } from 'vitest';
import { contactWrites } from '../tenant/counts.ts';
import { isAdopted, type Item } from '../tenant/mailbox/item.ts';
import { foreignContacts } from './bystanders.ts';
import { documentOf, sync } from './commands.ts';
import { install, type Installation } from './installation.ts';

/* What users of other tools ask for: those that are about whole runs of the program. The others: test/engine/demands.test.ts. */

const [PEOPLE, MAILBOXES] = [24, 4];
const CONTACTS = (PEOPLE - 1) * MAILBOXES;

let on: Installation;
afterEach(async () => {
  expect(on.tenant.oracles.violations).toEqual([]);
  await on.close();
});

test('demand 3: no duplicates when runs overlap, are repeated, or have forgotten all about the first', async () => {
  on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 61 });
  await on.configure({ port: undefined });
  const codes = (await Promise.all([1, 2, 3].map(() => on.run('sync', '--once')))).map(({ code }) => code);
  // One works at a time: the others are turned away, or come so late that nothing is left to be done.
  expect(codes).toContain(0);
  expect(codes.filter((code) => code !== 0 && code !== 4)).toEqual([]);
  const whole = { divergences: [], duplicates: 0, foreignTouched: 0, contacts: CONTACTS };
  expect(on.compare()).toEqual(whole);
  expect(contactWrites(on.tenant.counts)).toBe(CONTACTS);
  expect(await sync(on)).toMatchObject({ code: 0, writes: 0 });
  await on.stores.loseLedger();
  await on.stores.loseQueue();
  expect(await sync(on)).toMatchObject({ code: 0, writes: 0 });
  expect(on.compare()).toEqual(whole);
});

test('demand 4: what a former tool left is told, adopted where it is somebody, and nothing else is touched', async () => {
  on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 62, switches: { adoptable: true } });
  const OLD = 'GAL Sync';
  const { mailboxes } = on.tenant;
  const colleagues = on.population.people.slice(MAILBOXES, MAILBOXES + 5);
  for (const { id } of on.population.owners) {
    const folder = mailboxes.addFolder(id, OLD);
    for (const { displayName, mail } of colleagues) {
      const emailAddresses = [{ name: displayName, address: String(mail) }];
      // The old tool knew a number that is long gone, and the owner has noted something.
      const stale = { mobilePhone: '+49 171 0000000', personalNotes: 'Allergic to nuts' };
      mailboxes.addContact(id, { displayName, emailAddresses, ...stale }, folder);
    }
    mailboxes.addContact(id, { displayName: 'A supplier' }, folder);
    mailboxes.addContact(id, { displayName: 'A friend' });
  }
  const adopt = { folder: OLD };
  await on.configure({
    port: undefined,
    jobs: { staff: { groups: [on.population.source.id], more: { adopt } } },
  });
  const planned = documentOf(await on.run('plan', '--json'));
  const contacts = MAILBOXES * (colleagues.length + 1);
  expect(planned).toMatchObject({
    jobs: [{ adopt: MAILBOXES * colleagues.length, create: CONTACTS - MAILBOXES * colleagues.length }],
    leftovers: [{ names: [{ name: OLD, mailboxes: MAILBOXES, contacts }] }],
  });
  const adopted = (): Item[] =>
    on.population.owners.flatMap(({ id }) =>
      [...(mailboxes.get(id).folderNamed(OLD)?.items.values() ?? [])].filter(({ content }) =>
        isAdopted(content),
      ),
    );
  const foreign = foreignContacts(on.tenant);
  expect(await sync(on)).toMatchObject({ code: 0, dead: 0 });
  expect(adopted()).toHaveLength(MAILBOXES * colleagues.length);
  for (const { content } of adopted()) {
    expect(content.fields['mobilePhone']).not.toBe('+49 171 0000000');
    expect(content.fields['personalNotes']).toBe('Allergic to nuts');
  }
  // Everybody stands in every mailbox once: in the old folder, or in ours.
  const before = { divergences: [], duplicates: 0, contacts: CONTACTS };
  expect(on.compare({ route: 'staff' })).toMatchObject(before);
  for (const [key, content] of foreignContacts(on.tenant)) expect(foreign.get(key)).toBe(content);

  // Once the old folder is thrown away, as the page on clients tells, everybody is in ours; and no duplicate ever was.
  for (const { id } of on.population.owners) {
    const folder = mailboxes.get(id).folderNamed(OLD);
    if (folder) mailboxes.deleteFolder(id, folder);
  }
  expect(await on.run('audit', '--full')).toMatchObject({ code: 0 });
  expect(on.compare()).toMatchObject(before);
});
