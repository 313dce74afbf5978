import { createHmac } from 'node:crypto';

/** Contact fields that hold one text, by Microsoft Graph's names. */
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

/** Contact fields that hold any number of texts, as far as Exchange lets them. */
export const LIST_FIELDS = ['businessPhones', 'homePhones', 'imAddresses', 'categories'] as const;

export const ADDRESS_FIELDS = ['businessAddress', 'homeAddress', 'otherAddress'] as const;
export const ADDRESS_PARTS = ['street', 'city', 'state', 'postalCode', 'countryOrRegion'] as const;

/** Further fields of one text, of a contact that stands in an organisation's address book. `hidden`: `true`, or nothing. */
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

/** Object ids of others whom the same route may show: what stands there of them is their contact, where there is one. */
export const REFERENCE_FIELDS = ['managerId'] as const;

export type TextField = (typeof TEXT_FIELDS)[number];
export type ListField = (typeof LIST_FIELDS)[number];
export type AddressField = (typeof ADDRESS_FIELDS)[number];
export type RecipientField = (typeof RECIPIENT_FIELDS)[number];
export type ReferenceField = (typeof REFERENCE_FIELDS)[number];

/** Every contact field that a route may own. What a user alone can know (birthday, spouse, children) is not among them. */
export type CardField =
  | TextField
  | ListField
  | AddressField
  | RecipientField
  | ReferenceField
  | 'emailAddresses';

export type Address = { readonly [Part in (typeof ADDRESS_PARTS)[number]]: string | null };

export interface EmailAddress {
  readonly name: string | null;
  readonly address: string;
}

/**
 * The neutral contact card that a route shapes from its source. It has exactly the fields that the route owns: `null`
 * and `[]` mean cleared at the source, so cleared in the contact; a field that is not there belongs to the user.
 */
export type Card = { readonly [Text in TextField | RecipientField | ReferenceField]?: string | null } & {
  readonly [List in ListField]?: readonly string[];
} & { readonly [Field in AddressField]?: Address } & { readonly emailAddresses?: readonly EmailAddress[] };

/** A keyed digest of a card, 8 bytes as 16 hex digits: tells equal from changed, and nothing about the content. */
export type Fingerprint = string;

/** One spelling per card: an absent value, `null` and the empty string are the same; white space around counts for nothing. */
function canonical(card: Card): string {
  return JSON.stringify([
    ...[...TEXT_FIELDS, ...RECIPIENT_FIELDS, ...REFERENCE_FIELDS].flatMap((name) =>
      card[name] === undefined ? [] : [[name, text(card[name])]],
    ),
    ...LIST_FIELDS.flatMap((name) => (card[name] === undefined ? [] : [[name, ...card[name].map(text)]])),
    ...ADDRESS_FIELDS.flatMap((name) => {
      const address = card[name];
      return address === undefined ? [] : [[name, ...ADDRESS_PARTS.map((part) => text(address[part]))]];
    }),
    card.emailAddresses?.map((email) => [text(email.name), text(email.address)]),
  ]);
}

function text(value: string | null): string {
  return value?.trim() ?? '';
}

/** HMAC, so that nobody who reads the ledger can try out phone numbers. */
export function fingerprint(key: Uint8Array, card: Card): Fingerprint {
  return createHmac('sha256', key).update(canonical(card)).digest('hex').slice(0, 16);
}

/** A keyed digest of bytes or of a text about them, as long as a card's: tells equal from changed. */
export function digest(key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Fingerprint {
  const hash = createHmac('sha256', key);
  // The length in front keeps two parts from reading as two others.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

/** The fields that a card has, in a steady order. */
export function fieldsOf(card: Card): CardField[] {
  return CARD_FIELDS.filter((name) => card[name] !== undefined);
}

/** Names of the fields of `after` in which two cards differ, as far as a fingerprint would tell. Names only, so they may be shown. */
export function changedFields(before: Card, after: Card): CardField[] {
  return fieldsOf(after).filter(
    (name) => canonical({ [name]: after[name] }) !== canonical({ [name]: before[name] ?? emptyOf(name) }),
  );
}

const ENTRIES: ReadonlySet<string> = new Set<CardField>([...LIST_FIELDS, 'emailAddresses']);
const ADDRESSES: ReadonlySet<string> = new Set<CardField>(ADDRESS_FIELDS);

/** A field that has nothing in it, as a card spells that. */
export function emptyOf(name: CardField): Card[CardField] {
  if (ENTRIES.has(name)) return [];
  return ADDRESSES.has(name)
    ? { street: null, city: null, state: null, postalCode: null, countryOrRegion: null }
    : null;
}

export const CARD_FIELDS: readonly CardField[] = [
  ...TEXT_FIELDS,
  'emailAddresses',
  ...LIST_FIELDS,
  ...ADDRESS_FIELDS,
  ...RECIPIENT_FIELDS,
  ...REFERENCE_FIELDS,
];
