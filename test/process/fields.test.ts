import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contactWrites, since, snapshot, total, type Counts } from '../tenant/counts.ts';
import type { Group } from '../tenant/directory/objects.ts';
import type { Fields } from '../tenant/mailbox/item.ts';
import { MAILBOXES, openHousehold, type Household } from './household.ts';
import { until } from './until.ts';

/** The demands that a test names are those of users of other tools: what they asked for and did not get. */

let home: Household;
beforeEach(async () => {
  home = await openHousehold();
});
afterEach(async () => {
  await home.untilQuiet();
  expect(home.tenant.oracles.violations).toEqual([]);
  expect(home.tenant.oracles.count('foreign-touched')).toBe(0);
  await home.close();
});

const owners = (): string[] => home.population.owners.map(({ id }) => id);

/** What stands in somebody's contact, mailbox by mailbox. */
const shown = (person: string): Fields[] =>
  owners().map((owner) => home.contactOf(owner, person).content.fields);
const allShow = (person: string, wanted: Fields): boolean =>
  shown(person).every((fields) =>
    Object.entries(wanted).every(([name, value]) => plain(fields[name]) === plain(value)),
  );
const untilAllShow = (person: string, wanted: Fields): Promise<number> =>
  until(() => allShow(person, wanted), { else: () => JSON.stringify(shown(person)) });

function plain(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, inner: unknown) => (inner === '' ? null : inner));
}

/** From now on the job has these keys beside the necessary ones. */
async function run(more: Record<string, unknown>): Promise<void> {
  await home.stop();
  await home.configure({ jobs: { staff: { groups: [home.population.source.id], more } } });
  await home.start();
  await untilFilled();
}

/** Every mailbox has everybody but its owner, as the ledger sees it. */
const contacts = (): number => MAILBOXES * (home.population.people.length - 1);
const untilFilled = (): Promise<number> =>
  until(async () =>
    (await home.status()).jobs.some((job) => job.contacts === contacts() && job.behind === 0),
  );

async function counted(act: () => Promise<void>): Promise<Counts> {
  const before = snapshot(home.tenant.counts);
  await act();
  return since(home.tenant.counts, before);
}

const CONTACTS = 'users/{id}/contactFolders/{folder}/contacts';

describe('demand 2: a deleted private number must vanish, and soon', () => {
  beforeEach(() => run({}));

  test('from every mailbox with the next notification; of two numbers only the new one stays', async () => {
    const { id } = home.somebody();
    const { directory } = home.tenant;
    directory.updateUser(id, { mobilePhone: '+49 151 1110000', businessPhones: ['+49 30 1112222'] });
    await untilAllShow(id, { mobilePhone: '+491511110000', businessPhones: ['+49301112222'] });
    directory.updateUser(id, { mobilePhone: '+49 151 2220000' });
    await untilAllShow(id, { mobilePhone: '+491512220000', businessPhones: ['+49301112222'] });
    directory.updateUser(id, { mobilePhone: null });
    await untilAllShow(id, { mobilePhone: null });
    expect(JSON.stringify(shown(id))).not.toMatch(/151/);
    await home.untilRight();
  });

  test('demand 8: no mark shows in a contact; what is not ours is never touched', async () => {
    const { id } = home.somebody();
    const [owner = ''] = owners();
    await home.untilRight();
    const before = home.contactOf(owner, id);
    home.tenant.mailboxes.editContact(owner, before, {
      personalNotes: 'Likes tea',
      birthday: '1980-01-01T00:00:00Z',
      spouseName: 'Jo',
      homePhones: ['123'],
    });
    home.tenant.directory.updateUser(id, { jobTitle: 'Promoted' });
    await untilAllShow(id, { jobTitle: 'Promoted' });
    expect(home.contactOf(owner, id).content.fields).toMatchObject({
      personalNotes: 'Likes tea',
      birthday: '1980-01-01T00:00:00Z',
      spouseName: 'Jo',
      homePhones: ['123'],
    });
    for (const fields of shown(id))
      expect(JSON.stringify(fields)).not.toMatch(new RegExp(`${id}|[0-9a-f]{8}-|staff`, 'i'));
  });
});

describe('opt-out groups', () => {
  let privacy: Group;
  let works: Group;
  beforeEach(async () => {
    const { directory } = home.tenant;
    privacy = directory.addGroup({ displayName: 'No private numbers' });
    works = directory.addGroup({ displayName: 'Works council' });
    directory.addMember(privacy.id, works.id);
    await run({ optOut: [{ fields: ['mobilePhone'], groups: [privacy.id] }] });
    await home.untilRight();
  });

  test('a number vanishes with the notification about the group, also about one inside it, and comes back', async () => {
    const { directory } = home.tenant;
    const { id } = home.somebody();
    directory.updateUser(id, { mobilePhone: '+49 151 1110000', department: 'IT' });
    await untilAllShow(id, { mobilePhone: '+491511110000' });
    for (const group of [privacy, works]) {
      const counts = await counted(async () => {
        directory.addMember(group.id, id);
        await untilAllShow(id, { mobilePhone: null });
      });
      expect(contactWrites(counts)).toBe(MAILBOXES);
      expect(shown(id)[0]).toMatchObject({ department: 'IT' });
      directory.removeMember(group.id, id);
      await untilAllShow(id, { mobilePhone: '+491511110000' });
    }
  });

  test('a newcomer who is a member is never shown with the number', async () => {
    const { directory } = home.tenant;
    const newcomer = directory.addUser({ displayName: 'New Comer', mobilePhone: '+49 151 1110000' });
    directory.addMember(works.id, newcomer.id);
    await home.untilQuiet();
    directory.addMember(home.population.source.id, newcomer.id);
    await until(() =>
      owners().every((owner) =>
        [...home.folderOf(owner).items.values()].some(
          ({ content }) => content.fields['displayName'] === 'New Comer',
        ),
      ),
    );
    expect(shown(newcomer.id).map((fields) => fields['mobilePhone'] ?? null)).toEqual([null, null, null]);
  });

  test('an opt-out that is configured later takes the numbers away, and one that is dropped gives them back', async () => {
    const { directory } = home.tenant;
    const { id } = home.somebody();
    directory.updateUser(id, { businessPhones: ['+49 30 1112222'] });
    directory.addMember(works.id, id);
    await untilAllShow(id, { businessPhones: ['+49301112222'], mobilePhone: null });
    await run({ optOut: [{ fields: ['mobilePhone', 'businessPhones'], groups: [privacy.id] }] });
    await untilAllShow(id, { businessPhones: [] });
    await run({});
    await untilAllShow(id, { businessPhones: ['+49301112222'] });
    await home.untilRight();
  });
});

describe('another mapping', () => {
  const fields = {
    displayName: '{surname}, {givenName}',
    companyName: 'Contoso Ltd.',
    jobTitle: null,
    businessAddress: { city: 'Berlin', street: 'streetAddress' },
    categories: ['Staff'],
  };

  test('re-shapes every contact without deleting or making any, and lets go of what it does not own', async () => {
    await run({});
    await home.untilRight();
    const { id } = home.somebody();
    const title = 'Kept As It Was';
    home.tenant.directory.updateUser(id, { jobTitle: title, surname: 'Aa', givenName: 'Bb' });
    await untilAllShow(id, { jobTitle: title });
    await home.untilQuiet();
    const items = new Set(owners().flatMap((owner) => [...home.folderOf(owner).items.keys()]));
    const counts = await counted(async () => {
      await run({ fields });
      await untilAllShow(id, { displayName: 'Aa, Bb', companyName: 'Contoso Ltd.', categories: ['Staff'] });
      await home.untilQuiet();
    });
    expect(total(counts, `PATCH ${CONTACTS}/{contact}`)).toBe(contacts());
    expect(contactWrites(counts)).toBe(contacts());
    expect(new Set(owners().flatMap((owner) => [...home.folderOf(owner).items.keys()]))).toEqual(items);
    // Not ours any more: neither cleared, nor brought up to date.
    home.tenant.directory.updateUser(id, { jobTitle: 'Other', department: 'New' });
    await untilAllShow(id, { department: 'New', jobTitle: title });
  });

  test('a lost ledger finds every contact right by the fields that are ours, addresses included', async () => {
    await run({ fields });
    const { id } = home.somebody();
    home.tenant.directory.updateUser(id, { companyName: 'Elsewhere', surname: 'Aa', givenName: 'Bb' });
    await untilAllShow(id, { displayName: 'Aa, Bb' });
    await home.untilQuiet();
    await home.stop();
    for (const owner of owners())
      home.tenant.mailboxes.editContact(owner, home.contactOf(owner, id), {
        personalNotes: 'mine',
        jobTitle: 'mine',
      });
    for (const name of await readdir(home.data))
      if (name.startsWith('ledger.sqlite')) await rm(path.join(home.data, name));
    const counts = await counted(async () => {
      await home.start();
      await home.untilQuiet();
      await untilFilled();
    });
    expect(contactWrites(counts)).toBe(0);
    expect(allShow(id, { personalNotes: 'mine', jobTitle: 'mine' })).toBe(true);
  });
});

test('demand 10: every field of a contact can be filled', async () => {
  const texts = [
    'givenName',
    'surname',
    'middleName',
    'nickName',
    'initials',
    'title',
    'generation',
    'yomiGivenName',
    'yomiSurname',
    'jobTitle',
    'department',
    'companyName',
    'yomiCompanyName',
    'officeLocation',
    'profession',
    'manager',
    'assistantName',
    'fileAs',
    'businessHomePage',
    'personalNotes',
  ];
  const address = { street: 'A', city: 'B', state: 'C', postalCode: 'D', countryOrRegion: 'E' };
  const { id } = home.somebody();
  home.tenant.directory.updateUser(id, {
    mail: 'ann@contoso.example',
    mobilePhone: '+49 151 1110000',
    businessPhones: ['+49 30 1112222'],
  });
  await run({
    fields: {
      ...Object.fromEntries(texts.map((name) => [name, `The ${name}`])),
      homePhones: ['+49 30 3334444'],
      imAddresses: ['mail'],
      categories: ['One', 'Two'],
      businessAddress: address,
      homeAddress: address,
      otherAddress: address,
    },
  });
  await untilAllShow(id, {
    ...Object.fromEntries(texts.map((name) => [name, `The ${name}`])),
    mobilePhone: '+491511110000',
    businessPhones: ['+49301112222'],
    homePhones: ['+49303334444'],
    imAddresses: ['ann@contoso.example'],
    categories: ['One', 'Two'],
    businessAddress: address,
    homeAddress: address,
    otherAddress: address,
  });
});
