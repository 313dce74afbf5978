import { propertiesOf } from '../http/schema.ts';

/** What a user or group shows without `$select` (learn.microsoft.com/graph/api/resources/user). */
export const defaultSelect: { readonly users: readonly string[]; readonly groups: readonly string[] } = {
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

export const selectable: { readonly users: ReadonlySet<string>; readonly groups: ReadonlySet<string> } = {
  users: propertiesOf('user').difference(RELATIONS),
  groups: propertiesOf('group').difference(RELATIONS),
};

/** In delta the relations to others have names of their own there: `manager@delta`, `members@delta`. */
export const selectableInDelta: typeof selectable = {
  users: selectable.users.union(new Set(['manager'])),
  groups: selectable.groups.union(new Set(['members'])),
};
