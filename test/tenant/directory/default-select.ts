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
