/**
 * What a rule may look at, by Microsoft Graph's names. The fifteen extension attributes stand beside the others, the
 * organisational unit is in `onPremisesDistinguishedName`, and `mailDomain` is what follows the @ of `mail`.
 */
export const RULE_ATTRIBUTES = [
  'displayName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'companyName',
  'mail',
  'mailDomain',
  'userPrincipalName',
  'userType',
  'mailNickname',
  'employeeId',
  'employeeType',
  'officeLocation',
  'streetAddress',
  'postalCode',
  'city',
  'state',
  'country',
  'usageLocation',
  'preferredLanguage',
  'mobilePhone',
  'faxNumber',
  'businessPhones',
  'otherMails',
  'proxyAddresses',
  'imAddresses',
  'onPremisesDistinguishedName',
  'onPremisesSamAccountName',
  'extensionAttribute1',
  'extensionAttribute2',
  'extensionAttribute3',
  'extensionAttribute4',
  'extensionAttribute5',
  'extensionAttribute6',
  'extensionAttribute7',
  'extensionAttribute8',
  'extensionAttribute9',
  'extensionAttribute10',
  'extensionAttribute11',
  'extensionAttribute12',
  'extensionAttribute13',
  'extensionAttribute14',
  'extensionAttribute15',
] as const;

/** Those of them that a contact of the organisation has; none of the others is ever set there. */
export const CONTACT_ATTRIBUTES = [
  'displayName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'companyName',
  'mail',
  'mailDomain',
  'mailNickname',
  'officeLocation',
  'streetAddress',
  'postalCode',
  'city',
  'state',
  'country',
  'mobilePhone',
  'faxNumber',
  'businessPhones',
  'proxyAddresses',
] as const satisfies readonly RuleAttribute[];

/** And those that a group has. */
export const GROUP_ATTRIBUTES = [
  'displayName',
  'mail',
  'mailDomain',
  'mailNickname',
  'proxyAddresses',
] as const satisfies readonly RuleAttribute[];

export type RuleAttribute = (typeof RULE_ATTRIBUTES)[number];
