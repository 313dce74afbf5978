import type { OrgContact } from './objects.ts';

/** A contact of the organisation with nothing but an id. */
export function newContact(id: string, partial: Partial<OrgContact>): OrgContact {
  return { ...nobody, ...partial, id };
}

const nobody: Omit<OrgContact, 'id'> = {
  displayName: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  companyName: null,
  mail: null,
  mailNickname: null,
  proxyAddresses: [],
  phones: [],
  addresses: [],
};
