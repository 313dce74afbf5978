/** An application permission of Microsoft Graph. */
export interface Permission {
  readonly name: string;
  readonly why: string;
}

/** The three of the main job: what a new app registration is granted. Ids: learn.microsoft.com/graph/permissions-reference. */
export const MAIN_PERMISSIONS: readonly (Permission & { readonly id: string })[] = [
  {
    name: 'User.Read.All',
    id: 'df021288-bdef-4463-88db-98f22de89214',
    why: 'reads the people who are shown and the owners of mailboxes, and hears of their changes',
  },
  {
    name: 'Group.Read.All',
    id: '5b567255-7703-4780-807c-7be8301ae99b',
    why: 'reads who is in the source and target groups, and hears of their changes',
  },
  {
    name: 'Contacts.ReadWrite',
    id: '6918b873-d17a-4dc1-b314-35f528134491',
    why: 'makes the folder in each mailbox, and the contacts in it',
  },
];
