import type { Card } from '../model/card.ts';
import type { Attribute, Person } from '../model/person.ts';

/** Exchange refuses a contact with a third business phone (400, ErrorInvalidRequest). */
const BUSINESS_PHONES_AT_MOST = 2;

/** An address that is not plain SMTP can be stored and then come back missing: it is left out. */
const SMTP_ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/;

export const SEED_ATTRIBUTES: readonly Attribute[] = [
  'displayName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'companyName',
  'mail',
  'mobilePhone',
  'businessPhones',
];

/** The fields of the directory job: name, title, department, company, e-mail, mobile and business phone. */
export function personToCard(person: Person): Card {
  const displayName = text(person.displayName);
  const address = text(person.mail);
  return {
    displayName,
    givenName: text(person.givenName),
    surname: text(person.surname),
    jobTitle: text(person.jobTitle),
    department: text(person.department),
    companyName: text(person.companyName),
    emailAddresses: address !== null && SMTP_ADDRESS.test(address) ? [{ name: displayName, address }] : [],
    mobilePhone: text(person.mobilePhone),
    businessPhones: person.businessPhones
      .flatMap((phone) => text(phone) ?? [])
      .slice(0, BUSINESS_PHONES_AT_MOST),
  };
}

/** Nothing, the empty string and white space alone are all: not set. */
function text(value: string | null): string | null {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
