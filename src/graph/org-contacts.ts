import { WITHOUT_ACCOUNT, type Attribute, type Person } from '../model/person.ts';
import { at, type GraphCall, type Priority } from './call.ts';
import { listsOf, ranked, textsOf } from './directory.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { list, text } from '../kit/json.ts';

/**
 * Where Microsoft Graph keeps what a contact of the organisation has in common with a user; it has nothing else that a person
 * could be asked for (learn.microsoft.com/graph/api/resources/orgcontact).
 */
const PROPERTIES: Partial<Readonly<Record<Attribute, string>>> = {
  displayName: 'displayName',
  givenName: 'givenName',
  surname: 'surname',
  jobTitle: 'jobTitle',
  department: 'department',
  companyName: 'companyName',
  mail: 'mail',
  mailNickname: 'mailNickname',
  proxyAddresses: 'proxyAddresses',
  mobilePhone: 'phones',
  businessPhones: 'phones',
  faxNumber: 'phones',
  officeLocation: 'addresses',
  streetAddress: 'addresses',
  postalCode: 'addresses',
  city: 'addresses',
  state: 'addresses',
  country: 'addresses',
};

function selection(attributes: Iterable<Attribute>): string {
  const properties = Array.from(attributes).flatMap((attribute) => PROPERTIES[attribute] ?? []);
  return [...new Set(['id', ...properties])].join(',');
}

/** 404 when there is no such contact, or it is not replicated yet. */
export function getOrgContact(
  id: string,
  attributes: Iterable<Attribute>,
  priority: Priority = 'live',
): GraphCall {
  return { method: 'GET', url: at`/contacts/${id}?$select=${selection(attributes)}`, ...ranked(priority) };
}

/** Where a full round over all contacts starts. Needs `OrgContact.Read.All`. */
export function contactsDeltaStart(attributes: Iterable<Attribute>): string {
  return at`/contacts/delta?$select=${selection(attributes)}`;
}

/** Throws `unavailable` for an answer that is no contact: a failed read is never an absence. */
export function readOrgContact({ body, status }: GraphAnswer): Person {
  const id = text(body, 'id');
  if (id === null) throw unreadable(status, 'GET');
  const [address] = list(body, 'addresses') ?? [];
  const phones = list(body, 'phones') ?? [];
  const numbers = (type: string): string[] =>
    phones.flatMap((phone) => (text(phone, 'type') === type ? (text(phone, 'number') ?? []) : []));
  return {
    id: id.toLowerCase(),
    kind: 'contact',
    ...WITHOUT_ACCOUNT,
    ...textsOf(body),
    ...listsOf(body),
    mobilePhone: numbers('mobile')[0] ?? null,
    businessPhones: numbers('business'),
    faxNumber: numbers('businessFax')[0] ?? null,
    officeLocation: text(address, 'officeLocation'),
    streetAddress: text(address, 'street'),
    postalCode: text(address, 'postalCode'),
    city: text(address, 'city'),
    state: text(address, 'state'),
    country: text(address, 'countryOrRegion'),
  };
}
