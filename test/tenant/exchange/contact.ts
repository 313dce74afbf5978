/** Parameters of `Set-Contact` that hold one text, as `Get-Contact` shows them. */
export const PERSONAL = [
  'FirstName',
  'LastName',
  'Initials',
  'Title',
  'Department',
  'Company',
  'Office',
  'Phone',
  'MobilePhone',
  'HomePhone',
  'Fax',
  'Pager',
  'StreetAddress',
  'City',
  'StateOrProvince',
  'PostalCode',
  'CountryOrRegion',
  'PostOfficeBox',
  'WebPage',
  'Notes',
  'AssistantName',
] as const;

export type Personal = (typeof PERSONAL)[number];

export const CUSTOM = Array.from({ length: 15 }, (_, index) => `CustomAttribute${index + 1}`);

/** A mail contact as Exchange holds it. Never changed once made: a write makes another. */
export interface MailContact {
  readonly guid: string;
  readonly name: string;
  readonly alias: string;
  readonly displayName: string;
  /** Without `SMTP:`. */
  readonly address: string;
  readonly custom: Readonly<Record<string, string>>;
  readonly hidden: boolean;
  readonly personal: Readonly<Partial<Record<Personal, string>>>;
  readonly otherTelephone: readonly string[];
  /** Guid of another contact. */
  readonly manager: string | null;
  readonly isDirSynced: boolean;
  /** Somebody else's: whoever changes it trespasses, unless its owner agreed (`adoptable`). */
  readonly foreign: boolean;
  readonly adoptable: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** Something with an address that is no mail contact. */
export interface OtherRecipient {
  readonly guid: string;
  readonly type: 'UserMailbox' | 'MailUser' | 'GuestMailUser' | 'MailUniversalDistributionGroup';
  readonly name: string;
  /** The first is the main one; without prefix. */
  readonly addresses: readonly string[];
  readonly custom: Readonly<Record<string, string>>;
}

const regions = new Intl.DisplayNames(['en'], { type: 'region' });

/** Two letters read back as a name. */
export function friendlyCountry(text: string): string {
  return /^[A-Za-z]{2}$/.test(text) ? (regions.of(text.toUpperCase()) ?? text) : text;
}

/** A row of `Get-MailContact`, with the noise that the endpoint adds. */
export function mailContactRow(one: MailContact): Record<string, unknown> {
  return {
    'Guid@odata.type': '#Guid',
    Guid: one.guid,
    Identity: one.name,
    Id: one.name,
    Name: one.name,
    Alias: one.alias,
    DisplayName: one.displayName,
    ExternalEmailAddress: `SMTP:${one.address}`,
    'EmailAddresses@data.type': '#Collection(String)',
    EmailAddresses: [`SMTP:${one.address}`],
    PrimarySmtpAddress: one.address,
    HiddenFromAddressListsEnabled: one.hidden,
    IsDirSynced: one.isDirSynced,
    RecipientType: 'MailContact',
    RecipientTypeDetails: 'MailContact',
    WhenCreatedUTC: new Date(one.createdAt).toISOString(),
    WhenChangedUTC: new Date(one.changedAt).toISOString(),
    ...Object.fromEntries(CUSTOM.map((name) => [name, one.custom[name] ?? ''])),
  };
}

/** A row of `Get-Contact`: nothing of mail. */
export function contactRow(one: MailContact, managerName: string | null): Record<string, unknown> {
  return {
    Guid: one.guid,
    Identity: one.name,
    Name: one.name,
    DisplayName: one.displayName,
    Manager: managerName ?? '',
    OtherTelephone: [...one.otherTelephone],
    RecipientTypeDetails: 'MailContact',
    IsDirSynced: one.isDirSynced,
    WhenChangedUTC: new Date(one.changedAt).toISOString(),
    ...Object.fromEntries(PERSONAL.map((name) => [name, one.personal[name] ?? ''])),
  };
}

export function otherRow(one: OtherRecipient): Record<string, unknown> {
  return {
    Guid: one.guid,
    Identity: one.name,
    Name: one.name,
    DisplayName: one.name,
    PrimarySmtpAddress: one.addresses[0] ?? '',
    EmailAddresses: one.addresses.map((address, index) => `${index === 0 ? 'SMTP' : 'smtp'}:${address}`),
    RecipientType: one.type === 'GuestMailUser' ? 'MailUser' : one.type,
    RecipientTypeDetails: one.type,
    ...Object.fromEntries(CUSTOM.map((name) => [name, one.custom[name] ?? ''])),
  };
}
