import { afterEach } from 'vitest';
import { openOffice, type Office, type OfficeSize } from '../bench/office.ts';
import type { User } from '../tenant/directory/objects.ts';
import { isAdopted, type Item } from '../tenant/mailbox/item.ts';
import type { Tenant } from '../tenant/tenant.ts';

export const CYNC = 'com.itbaer.cync';
export const OLD = 'Kontakte von früher';

/** Those whom the owners knew before. */
export function lastTwo(people: readonly User[]): readonly User[] {
  return people.filter(({ mail }) => mail !== null).slice(-2);
}

/** In every mailbox: a contact of CYNC's, one in a folder of the owner's that matches by e-mail, and two that do not. */
export function furnish(tenant: Tenant, people: readonly User[]): void {
  const [marked, mailed] = lastTwo(people);
  if (!marked || !mailed) throw new Error('There are too few people.');
  for (const { id } of people.slice(0, 3)) {
    const folder = tenant.mailboxes.addFolder(id, OLD);
    const theirs = tenant.mailboxes.addContact(id, {
      displayName: 'From CYNC',
      birthday: '1990-01-01T00:00:00Z',
    });
    tenant.mailboxes.extendContact(id, theirs, { name: CYNC, values: { reference: marked.id, version: 3 } });
    const emailAddresses = [{ name: 'Old', address: String(mailed.mail).toUpperCase() }];
    tenant.mailboxes.addContact(
      id,
      { displayName: 'Old', emailAddresses, personalNotes: 'Likes tea' },
      folder,
    );
    tenant.mailboxes.addContact(id, { displayName: 'A friend' }, folder);
    // The same address beside the named folder is the owner's own business.
    tenant.mailboxes.addContact(id, { displayName: 'Elsewhere', emailAddresses });
  }
}

export const SIZE: OfficeSize = {
  people: 8,
  mailboxes: 3,
  owners: 'shown',
  switches: { adoptable: true },
  adopt: { cync: true, folder: OLD },
  prepare: furnish,
};

/** Opens offices of one file, which are closed after each of its tests; as `SIZE` says unless told otherwise. */
export function opener(): (size?: Partial<OfficeSize>, by?: OfficeSize) => Promise<Office> {
  const open: Office[] = [];
  afterEach(async () => {
    for (const office of open.splice(0)) await office.close();
  });
  return async (size = {}, by = SIZE) => {
    const office = await openOffice({ ...by, ...size });
    open.push(office);
    return office;
  };
}

/** In the first mailbox. */
export function adoptedIn(office: Office): Item[] {
  return [...office.tenant.mailboxes.get(office.people[0]?.id ?? '').items()].filter((item) =>
    isAdopted(item.content),
  );
}
