import type { Card } from './card.ts';
import type { Provenance } from './sync-tag.ts';

/** Attributes of a person that hold one text, by Microsoft Graph's names; the fifteen extension attributes stand side by side with the others. */
export const TEXT_ATTRIBUTES = [
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
] as const;

/** Attributes that hold any number of texts. */
export const LIST_ATTRIBUTES = ['businessPhones', 'otherMails', 'proxyAddresses', 'imAddresses'] as const;

export type TextAttribute = (typeof TEXT_ATTRIBUTES)[number];
export type ListAttribute = (typeof LIST_ATTRIBUTES)[number];
/** What a route asks for beside what is always read. */
export type Attribute = TextAttribute | ListAttribute | 'showInAddressList' | 'mailboxPurpose' | 'manager';

/** Always read: what decides whether somebody is a colleague with a mailbox. */
interface Account {
  /** Entra object id, lower case. */
  readonly id: string;
  /** A contact of the organisation has no account: no licence, no mailbox, nothing to sign in with. Nor has a group, which is shown by its address. */
  readonly kind: 'user' | 'contact' | 'group';
  readonly accountEnabled: boolean | null;
  /** `Member`, `Guest` or null. */
  readonly userType: string | null;
  /** Number of assigned licences: a mailbox of one's own needs at least one. */
  readonly licences: number;
  /** Null where it was never set, which is the ordinary case. */
  readonly showInAddressList: boolean | null;
  /** What the mailbox is for: `user`, `shared`, `room` and so on. Null where there is none, or nobody asked, or it may not be read. */
  readonly mailboxPurpose: string | null;
  /** Object id of the person's manager, lower case. Null where there is none, or nobody asked. */
  readonly manager: string | null;
}

/** Of whatever has no account: nothing is known that only an account has. */
export const WITHOUT_ACCOUNT = {
  accountEnabled: null,
  userType: null,
  licences: 0,
  showInAddressList: null,
  mailboxPurpose: null,
  manager: null,
} as const satisfies Omit<Account, 'id' | 'kind'>;

/** A person as a source shows them, read a moment ago. In memory only. What no route asked for is null or empty. */
export type Person = Account & { readonly [Text in TextAttribute]: string | null } & {
  readonly [List in ListAttribute]: readonly string[];
} & {
  /** Of a contact in a book that mailboxes share: the contact itself, which has no attributes of a person. */
  readonly card?: Card;
  /** Of such a contact, where that is left in the notes of each copy. */
  readonly provenance?: Provenance;
};
