import { CUSTOM, PERSONAL } from './contact.ts';

const GET = ['Identity', 'Filter', 'ResultSize'];
/** What each takes; anything else is refused, as the real binder does. */
export const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'Get-MailContact': GET,
  'Get-Contact': GET,
  'Get-Recipient': GET,
  'New-MailContact': [
    'Name',
    'Alias',
    'DisplayName',
    'ExternalEmailAddress',
    'FirstName',
    'LastName',
    'Initials',
  ],
  'Set-MailContact': [
    'Identity',
    'DisplayName',
    'ExternalEmailAddress',
    'HiddenFromAddressListsEnabled',
    ...CUSTOM,
  ],
  'Set-Contact': ['Identity', 'DisplayName', 'Manager', 'OtherTelephone', ...PERSONAL],
  'Remove-MailContact': ['Identity', 'Confirm'],
};

export const CMDLETS = Object.keys(KNOWN);

export const MAIL_FILTERS = new Set([
  ...CUSTOM,
  'Alias',
  'Name',
  'Guid',
  'DisplayName',
  'EmailAddresses',
  'ExternalEmailAddress',
  'IsDirSynced',
  'RecipientTypeDetails',
]);
/** `Get-Contact` knows nothing of custom attributes. */
export const CONTACT_FILTERS = new Set([
  'Name',
  'Guid',
  'DisplayName',
  'RecipientTypeDetails',
  'IsDirSynced',
]);
