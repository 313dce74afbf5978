import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contactWrites, total } from '../tenant/counts.ts';
import { openMappedHousehold, type MappedHousehold } from './mapped-household.ts';

/** The demands that a test names are those of users of other tools: what they asked for and did not get. */

let all: MappedHousehold;
beforeEach(async () => {
  all = await openMappedHousehold();
});
afterEach(async () => {
  const { home } = all;
  await home.untilQuiet();
  expect(home.tenant.oracles.violations).toEqual([]);
  expect(home.tenant.oracles.count('foreign-touched')).toBe(0);
  await home.close();
});

const CONTACTS = 'users/{id}/contactFolders/{folder}/contacts';

describe('demand 2: a deleted private number must vanish, and soon', () => {
  beforeEach(() => all.run({}));

  test('from every mailbox with the next notification; of two numbers only the new one stays', async () => {
    const { id } = all.home.somebody();
    const { directory } = all.home.tenant;
    directory.updateUser(id, { mobilePhone: '+49 151 1110000', businessPhones: ['+49 30 1112222'] });
    await all.untilAllShow(id, { mobilePhone: '+491511110000', businessPhones: ['+49301112222'] });
    directory.updateUser(id, { mobilePhone: '+49 151 2220000' });
    await all.untilAllShow(id, { mobilePhone: '+491512220000', businessPhones: ['+49301112222'] });
    directory.updateUser(id, { mobilePhone: null });
    await all.untilAllShow(id, { mobilePhone: null });
    expect(JSON.stringify(all.shown(id))).not.toMatch(/151/);
    await all.home.untilRight();
  });

  test('demand 8: no mark shows in a contact; what is not ours is never touched', async () => {
    const { id } = all.home.somebody();
    const [owner = ''] = all.owners;
    await all.home.untilRight();
    const before = all.home.contactOf(owner, id);
    all.home.tenant.mailboxes.editContact(owner, before, {
      personalNotes: 'Likes tea',
      birthday: '1980-01-01T00:00:00Z',
      spouseName: 'Jo',
      homePhones: ['123'],
    });
    all.home.tenant.directory.updateUser(id, { jobTitle: 'Promoted' });
    await all.untilAllShow(id, { jobTitle: 'Promoted' });
    expect(all.home.contactOf(owner, id).content.fields).toMatchObject({
      personalNotes: 'Likes tea',
      birthday: '1980-01-01T00:00:00Z',
      spouseName: 'Jo',
      homePhones: ['123'],
    });
    for (const fields of all.shown(id))
      expect(JSON.stringify(fields)).not.toMatch(new RegExp(`${id}|[0-9a-f]{8}-|staff`, 'i'));
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
    await all.run({});
    await all.home.untilRight();
    const { id } = all.home.somebody();
    const title = 'Kept As It Was';
    all.home.tenant.directory.updateUser(id, { jobTitle: title, surname: 'Aa', givenName: 'Bb' });
    await all.untilAllShow(id, { jobTitle: title });
    await all.home.untilQuiet();
    const items = new Set(all.owners.flatMap((owner) => [...all.home.folderOf(owner).items.keys()]));
    const counts = await all.counted(async () => {
      await all.run({ fields });
      await all.untilAllShow(id, {
        displayName: 'Aa, Bb',
        companyName: 'Contoso Ltd.',
        categories: ['Staff'],
      });
      await all.home.untilQuiet();
    });
    expect(total(counts, `PATCH ${CONTACTS}/{contact}`)).toBe(all.contacts);
    expect(contactWrites(counts)).toBe(all.contacts);
    expect(new Set(all.owners.flatMap((owner) => [...all.home.folderOf(owner).items.keys()]))).toEqual(items);
    // Not ours any more: neither cleared, nor brought up to date.
    all.home.tenant.directory.updateUser(id, { jobTitle: 'Other', department: 'New' });
    await all.untilAllShow(id, { department: 'New', jobTitle: title });
  });

  test('a lost ledger finds every contact right by the fields that are ours, addresses included', async () => {
    await all.run({ fields });
    const { id } = all.home.somebody();
    all.home.tenant.directory.updateUser(id, { companyName: 'Elsewhere', surname: 'Aa', givenName: 'Bb' });
    await all.untilAllShow(id, { displayName: 'Aa, Bb' });
    await all.home.untilQuiet();
    await all.home.stop();
    for (const owner of all.owners)
      all.home.tenant.mailboxes.editContact(owner, all.home.contactOf(owner, id), {
        personalNotes: 'mine',
        jobTitle: 'mine',
      });
    await all.home.stores.loseLedger();
    const counts = await all.counted(async () => {
      await all.home.start();
      await all.home.untilQuiet();
      await all.untilFilled();
    });
    expect(contactWrites(counts)).toBe(0);
    expect(all.allShow(id, { personalNotes: 'mine', jobTitle: 'mine' })).toBe(true);
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
  const { id } = all.home.somebody();
  all.home.tenant.directory.updateUser(id, {
    mail: 'ann@contoso.example',
    mobilePhone: '+49 151 1110000',
    businessPhones: ['+49 30 1112222'],
  });
  await all.run({
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
  await all.untilAllShow(id, {
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
