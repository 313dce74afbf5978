import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mailboxLicense, type User } from '../tenant/directory/objects.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { foreignContacts } from './bystanders.ts';
import { MAILBOXES, type Household } from './household.ts';
import { openHousehold } from './open-household.ts';
import { until } from './until.ts';

let home: Household;
beforeAll(async () => {
  home = await openHousehold();
  await home.start();
  await home.untilRight();
});
afterAll(() => home.close());

afterEach(async () => {
  await home.untilQuiet();
  expect(home.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
  expect(home.tenant.oracles.violations).toEqual([]);
});

const owners = (): string[] => home.population.owners.map(({ id }) => id);
const firstOwner = (): string => owners()[0] ?? '';
const change = (id: string, patch: Partial<User>): User => home.tenant.directory.updateUser(id, patch);

const passing = (ms: number): Promise<void> => home.leap(ms).then(() => home.minute());
const parked = async (): Promise<string[]> => (await home.status()).parked.map(({ mailbox }) => mailbox);

/** Until a mailbox that is parked by now has been tried again. */
async function untilTriedAgain(mailbox: string): Promise<void> {
  const found = (await home.status()).parked.find((one) => one.mailbox === mailbox);
  if (!found) throw new Error(`${mailbox} is not parked.`);
  await passing(Math.max(0, Date.parse(found.nextTry) - home.clock.now()) + 1_000);
  await home.untilRight();
}

/** Somebody's items with a mark, in whatever place, Deleted Items included. */
function tracesOf(person: string): number {
  let traces = 0;
  for (const { contacts, deletedItems, folders } of home.tenant.mailboxes.all()) {
    for (const folder of [contacts, deletedItems, ...folders.values()])
      for (const { content } of folder.items.values())
        if (markOf(content)?.endsWith(`/${person}`)) traces += 1;
  }
  return traces;
}

describe('somebody leaves', () => {
  const ways: readonly [string, (id: string) => void][] = [
    ['deleted, and restorable', (id) => home.tenant.directory.deleteUser(id)],
    ['deleted for good', (id) => home.tenant.directory.purgeUser(id)],
    ['disabled', (id) => change(id, { accountEnabled: false })],
    [
      'taken out of every group',
      (id) =>
        home.tenant.directory.parentsOf(id).forEach((group) => home.tenant.directory.removeMember(group, id)),
    ],
  ];
  test.each(ways)('%s: no trace stays in any mailbox', async (_way, leave) => {
    const { id } = home.somebody();
    expect(tracesOf(id)).toBe(MAILBOXES);
    const before = home.writes();
    leave(id);
    // Who cannot be found anywhere is believed to be gone only after the last look.
    if (home.tenant.directory.users.get(id)?.current.presence === 'hard') await home.untilQuiet();
    await home.untilRight();
    expect(tracesOf(id)).toBe(0);
    expect(home.writes() - before).toBe(MAILBOXES);
  });

  test('with a whole nested group, and comes back with it', async () => {
    const { directory } = home.tenant;
    const company = directory.addGroup({ displayName: 'Acquired' });
    const people = ['One', 'Two'].map(
      (surname) =>
        directory.addUser({ displayName: `Newcomer ${surname}`, surname, mobilePhone: '+49 171 5556667' }).id,
    );
    const [team] = home.population.teams;
    for (const id of people) directory.addMember(company.id, id);
    for (const showing of [true, false, true]) {
      if (showing) directory.addMember(team?.id ?? '', company.id);
      else directory.removeMember(team?.id ?? '', company.id);
      await home.untilRight();
      expect(people.map(tracesOf)).toEqual(showing ? [MAILBOXES, MAILBOXES] : [0, 0]);
    }
  });

  test('deleted and restored: there again, once', async () => {
    const { id } = home.somebody();
    home.tenant.directory.deleteUser(id);
    await home.untilRight();
    home.tenant.directory.restoreUser(id);
    await home.untilRight();
    expect(tracesOf(id)).toBe(MAILBOXES);
  });

  test('the owner of a mailbox loses the licence, and gets it back', async () => {
    const owner = owners().at(-1) ?? '';
    change(owner, { assignedLicenses: [] });
    await until(
      async () =>
        (await home.status()).jobs[0]?.mailboxes === MAILBOXES - 1 || (await home.status()).parked.length > 0,
    );
    change(owner, { assignedLicenses: [mailboxLicense] });
    await passing(61 * 60_000);
    await home.untilAfterAWhile(() => home.compare().divergences.length === 0);
    await until(async () => (await home.status()).jobs[0]?.mailboxes === MAILBOXES);
  });
});

describe('people and their names', () => {
  test('a cleared field is cleared in every contact', async () => {
    const { id } = home.somebody();
    change(id, {
      mobilePhone: '+49 151 1112223',
      businessPhones: ['+49 30 1112223'],
      jobTitle: 'Baker',
      department: 'Bread',
    });
    await home.untilRight();
    // Somebody who cannot be reached at all would be shown no longer: the address goes when the number is back.
    const cleared = { businessPhones: [], jobTitle: null, department: null };
    change(id, { ...cleared, mobilePhone: null, mail: 'last@contoso.example' });
    await home.untilRight();
    for (const owner of owners()) {
      const { fields } = home.contactOf(owner, id).content;
      for (const name of ['mobilePhone', 'jobTitle', 'department']) expect(fields[name] ?? '').toBe('');
      expect(fields['businessPhones'] ?? []).toEqual([]);
    }
    change(id, { mobilePhone: '+49 151 1112223', mail: null });
    await home.untilRight();
    for (const owner of owners())
      expect(home.contactOf(owner, id).content.fields['emailAddresses'] ?? []).toEqual([]);
  });

  test('two people of one name are two contacts, and only the right one goes', async () => {
    const { id, displayName, givenName, surname } = home.somebody();
    const mail = 'the.other@contoso.example';
    const namesake = home.tenant.directory.addUser({ displayName, givenName, surname, mail });
    home.tenant.directory.addMember(home.population.source.id, namesake.id);
    await home.untilRight();
    expect([tracesOf(id), tracesOf(namesake.id)]).toEqual([MAILBOXES, MAILBOXES]);
    home.tenant.directory.deleteUser(namesake.id);
    await home.untilRight();
    expect([tracesOf(id), tracesOf(namesake.id)]).toEqual([MAILBOXES, 0]);
  });
});

describe('the owner of a mailbox does as they like', () => {
  test('a contact of their own in the managed folder stays as it is, also beside one of the same name', async () => {
    const { id, displayName } = home.somebody();
    home.tenant.mailboxes.addContact(
      firstOwner(),
      { displayName, mobilePhone: '+49 171 999' },
      home.folderOf(firstOwner()),
    );
    const foreign = foreignContacts(home.tenant);
    change(id, { mobilePhone: '+49 151 2223334' });
    await home.untilRight();
    home.tenant.directory.deleteUser(id);
    await home.untilRight();
    expect(foreignContacts(home.tenant)).toEqual(foreign);
  });

  test('a managed contact that they deleted is there again after the next change, once', async () => {
    const { id } = home.somebody();
    home.tenant.mailboxes.deleteContact(firstOwner(), home.contactOf(firstOwner(), id));
    change(id, { jobTitle: 'Missed at once' });
    await home.untilRight();
    expect(home.contactOf(firstOwner(), id).content.fields['jobTitle']).toBe('Missed at once');
  });

  test('the managed folder that they deleted is rebuilt with the next change', async () => {
    const before = home.folderOf(firstOwner()).id;
    home.tenant.mailboxes.deleteFolder(firstOwner(), home.folderOf(firstOwner()));
    change(home.somebody().id, { jobTitle: 'Folder gone' });
    await home.untilRight();
    expect(home.folderOf(firstOwner()).id).not.toBe(before);
    expect(home.tenant.mailboxes.get(firstOwner()).folders.size).toBe(1);
  });

  test('a managed contact that they moved away stays theirs, and the folder shows the person again', async () => {
    const { id } = home.somebody();
    const mailbox = home.tenant.mailboxes.get(firstOwner());
    const item = home.contactOf(firstOwner(), id);
    home.tenant.mailboxes.moveContact(firstOwner(), item, mailbox.contacts);
    change(id, { jobTitle: 'Moved' });
    await home.untilRight();
    expect(mailbox.contacts.items.get(item.key)).toBe(item);
    expect(home.contactOf(firstOwner(), id)).not.toBe(item);
  });
});

describe('a mailbox that cannot be used', () => {
  const DAY_MS = 24 * 60 * 60_000;
  let leaver: string;

  test('is parked, keeps nobody waiting, and is filled when it can be used', async () => {
    const { directory, mailboxes } = home.tenant;
    const newcomer = directory.addUser({ displayName: 'Early Bird' });
    mailboxes.setState(newcomer.id, 'on-premises');
    change(newcomer.id, { assignedLicenses: [mailboxLicense] });
    await until(async () => (await parked()).includes(newcomer.id));
    const { id } = home.somebody();
    change(id, { jobTitle: 'While one is parked' });
    await home.untilRight();
    await home.untilQuiet();

    mailboxes.setState(newcomer.id, 'ok');
    expect(home.compare().divergences.length).toBeGreaterThan(0);
    await untilTriedAgain(newcomer.id);
    expect(await parked()).toEqual([]);
    expect(home.contactOf(newcomer.id, id).content.fields['jobTitle']).toBe('While one is parked');
  });

  test('one that was in use and goes away catches up afterwards', async () => {
    const { mailboxes } = home.tenant;
    mailboxes.setState(firstOwner(), 'out-of-scope');
    const { id } = home.somebody();
    change(id, { jobTitle: 'Missed by one' });
    await home.untilRight();
    await until(async () => (await parked()).includes(firstOwner()));
    mailboxes.setState(firstOwner(), 'ok');
    await untilTriedAgain(firstOwner());
    expect(await parked()).toEqual([]);
  });

  test('one that went with its owner is parked as well', async () => {
    leaver = home.tenant.directory.addUser({
      displayName: 'Short Stay',
      assignedLicenses: [mailboxLicense],
    }).id;
    await until(() => home.tenant.mailboxes.get(leaver).folders.size === 1);
    await home.untilRight();
    home.tenant.directory.purgeUser(leaver);
    await home.untilQuiet();
    await until(async () => (await parked()).includes(leaver));
  });

  test('and given up when neither can be restored any more', async () => {
    // Up to then it may come back with what we wrote into it.
    await home.leap(29 * DAY_MS);
    await home.untilQuiet();
    expect(await parked()).toContain(leaver);
    await passing(2 * DAY_MS);
    await until(async () => !(await parked()).includes(leaver));
    await home.untilRight();
  });
});
