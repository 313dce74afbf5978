import type { Random } from '../../src/kit/random.ts';
import { pick } from '../kit/seeded-random.ts';
import type { User } from '../tenant/directory/objects.ts';
import { isAdopted, markProperty, propertyId } from '../tenant/mailbox/item.ts';
import type { Population } from '../tenant/population.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';

/** Where owners keep colleagues whom they wrote down themselves. */
export const OLD_FOLDER = 'Colleagues of before';
const CYNC = 'com.itbaer.cync';
const EACH = 2;

/** Before the service comes: in every mailbox contacts of colleagues, some of another tool's, some of the owner's own. */
export function furnish(tenant: Tenant, random: Random, { people, owners }: Population): void {
  for (const { id } of owners) {
    const folder = tenant.mailboxes.addFolder(id, OLD_FOLDER);
    const others = people.filter((person) => person.id !== id);
    for (let number = 0; number < EACH; number += 1) {
      const marked = pick(random, others);
      const theirs = tenant.mailboxes.addContact(id, { displayName: 'From the other tool' });
      tenant.mailboxes.extendContact(id, theirs, { name: CYNC, values: { reference: marked.id } });
      const mailed = pick(random, others.filter(hasMail));
      const emailAddresses = [{ name: 'Old', address: mailed.mail }];
      tenant.mailboxes.addContact(
        id,
        { displayName: 'By hand', emailAddresses, personalNotes: 'Tea' },
        folder,
      );
    }
  }
}

/** Counts what bears the mark of an adoption, and what bore one. */
export function noteAdoption(tenant: Tenant, deeds: Deeds): void {
  const mark = propertyId(markProperty);
  const contents = [...tenant.mailboxes.all()].flatMap((one) =>
    [...one.items()].map(({ content }) => content),
  );
  deeds.note('contact adopted', contents.filter(isAdopted).length);
  const released = contents.filter(({ properties }) =>
    properties.some(({ id, value }) => id === mark && value === '-'),
  );
  deeds.note('contact released', released.length);
}

function hasMail({ mail }: User): boolean {
  return mail !== null;
}
