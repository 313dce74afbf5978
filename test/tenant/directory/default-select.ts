/** What a user or group shows without `$select` [graph.md 6.1]. */
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
