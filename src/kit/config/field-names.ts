/**
 * What a mapping may name. The same words as in the model, which the configuration cannot see: a test keeps both equal.
 */

/** Contact fields that hold one text. */
export const TEXT_FIELDS = [
  'displayName',
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
  'mobilePhone',
  'businessHomePage',
  'personalNotes',
] as const;

/** Contact fields that hold several texts. */
export const LIST_FIELDS = [
  'emailAddresses',
  'businessPhones',
  'homePhones',
  'imAddresses',
  'categories',
] as const;

export const ADDRESS_FIELDS = ['businessAddress', 'homeAddress', 'otherAddress'] as const;
export const ADDRESS_PARTS = ['street', 'city', 'state', 'postalCode', 'countryOrRegion'] as const;

/** Further fields that only a mail contact of an organisation has. */
export const RECIPIENT_FIELDS = [
  'fax',
  'hidden',
  'customAttribute1',
  'customAttribute2',
  'customAttribute3',
  'customAttribute4',
  'customAttribute5',
  'customAttribute6',
  'customAttribute7',
  'customAttribute8',
  'customAttribute9',
  'customAttribute10',
  'customAttribute11',
  'customAttribute12',
  'customAttribute13',
  'customAttribute14',
  'customAttribute15',
] as const;

/** Attributes of a person in the directory that a mapping may look at. */
export const ATTRIBUTES = [
  'displayName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'companyName',
  'mail',
  'mobilePhone',
  'userPrincipalName',
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
  'faxNumber',
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
  'businessPhones',
  'otherMails',
  'proxyAddresses',
  'imAddresses',
] as const;

export type TextField = (typeof TEXT_FIELDS)[number];
export type ListField = (typeof LIST_FIELDS)[number];
export type AddressField = (typeof ADDRESS_FIELDS)[number];
export type AddressPart = (typeof ADDRESS_PARTS)[number];
export type RecipientField = (typeof RECIPIENT_FIELDS)[number];
export type FieldName = TextField | ListField | AddressField;
export type AttributeName = (typeof ATTRIBUTES)[number];
