import type { User } from './objects.ts';

/** A person with nothing but a name to sign in with. */
export function newUser(id: string, createdDateTime: string, partial: Partial<User>): User {
  return {
    ...nobody,
    userPrincipalName: `${id}@simulated.example`,
    createdDateTime,
    ...partial,
    id,
  };
}

const nobody: Omit<User, 'id' | 'userPrincipalName' | 'createdDateTime'> = {
  displayName: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  companyName: null,
  mail: null,
  mobilePhone: null,
  businessPhones: [],
  accountEnabled: true,
  userType: 'Member',
  assignedLicenses: [],
  officeLocation: null,
  streetAddress: null,
  postalCode: null,
  city: null,
  state: null,
  country: null,
  usageLocation: null,
  preferredLanguage: null,
  employeeId: null,
  employeeType: null,
  faxNumber: null,
  mailNickname: null,
  otherMails: [],
  imAddresses: [],
  proxyAddresses: [],
  showInAddressList: null,
  isResourceAccount: null,
  externalUserState: null,
  onPremisesSyncEnabled: null,
  onPremisesDistinguishedName: null,
  onPremisesExtensionAttributes: {},
  manager: null,
};
