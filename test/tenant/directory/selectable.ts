import { propertiesOf } from '../http/schema.ts';
import type { Collection, DirectoryObject } from './objects.ts';

/** As many properties as a job of ours could want of an organisational contact (learn.microsoft.com/graph/api/resources/orgcontact). */
const CONTACT = [
  'id',
  'addresses',
  'companyName',
  'department',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mailNickname',
  'phones',
  'proxyAddresses',
  'surname',
];
const UNIT = ['id', 'description', 'displayName', 'visibility'];

/** What an object shows without `$select` (learn.microsoft.com/graph/api/resources/user). */
export const defaultSelect: Readonly<Record<Collection, readonly string[]>> = {
  users: [
    'businessPhones',
    'displayName',
    'givenName',
    'id',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
  ],
  groups: ['id', 'createdDateTime', 'description', 'displayName', 'mailEnabled', 'securityEnabled'],
  contacts: CONTACT,
  administrativeUnits: UNIT,
};

/** Relations, and what is kept elsewhere: a `$select` on people or groups shows none of these. */
const RELATIONS = new Set([
  'contactFolders',
  'contacts',
  'mailboxSettings',
  'manager',
  'memberOf',
  'members',
  'owners',
  'photo',
  'photos',
  'transitiveMemberOf',
  'transitiveMembers',
]);

export const selectable: Readonly<Record<Collection, ReadonlySet<string>>> = {
  users: propertiesOf('user').difference(RELATIONS),
  groups: propertiesOf('group').difference(RELATIONS),
  contacts: new Set(CONTACT),
  administrativeUnits: new Set(UNIT),
};

/**
 * In delta the relations to others have names of their own there: `manager@delta`, `members@delta`. That members could be
 * selected is documented of groups alone (learn.microsoft.com/graph/delta-query-overview); of units they come by default.
 */
export const selectableInDelta: typeof selectable = {
  ...selectable,
  users: selectable.users.union(new Set(['manager'])),
  groups: selectable.groups.union(new Set(['members'])),
};

/** The names that `onPremisesExtensionAttributes` always has. */
const extensionAttributes = Array.from({ length: 15 }, (_, at) => `extensionAttribute${at + 1}`);

/** A property as a read shows it: what is not set is null, and a list of nothing is empty. */
export function shownValue(object: DirectoryObject, name: string): unknown {
  const value = (object as DirectoryObject & Readonly<Record<string, unknown>>)[name] ?? null;
  if (name !== 'onPremisesExtensionAttributes' || value === null) return value;
  const set = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(extensionAttributes.map((attribute) => [attribute, set[attribute] ?? null]));
}
