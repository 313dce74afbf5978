import { list, text } from '../kit/json.ts';
import {
  ADDRESS_PARTS,
  RECIPIENT_FIELDS,
  type Address,
  type Card,
  type CardField,
  type TextField,
} from '../model/card.ts';
import type { Parameters, Row, Value } from './transport.ts';

/** Fields of one text, and the parameter of `Set-Contact` that is the property of `Get-Contact` (MicrosoftDocs, Set-Contact). */
const TEXTS = [
  ['displayName', 'DisplayName'],
  ['givenName', 'FirstName'],
  ['surname', 'LastName'],
  ['initials', 'Initials'],
  ['jobTitle', 'Title'],
  ['department', 'Department'],
  ['companyName', 'Company'],
  ['officeLocation', 'Office'],
  ['mobilePhone', 'MobilePhone'],
  ['assistantName', 'AssistantName'],
  ['businessHomePage', 'WebPage'],
  ['personalNotes', 'Notes'],
  ['fax', 'Fax'],
] as const satisfies readonly (readonly [TextField | 'fax', string])[];

const ADDRESS = {
  street: 'StreetAddress',
  city: 'City',
  state: 'StateOrProvince',
  postalCode: 'PostalCode',
  countryOrRegion: 'CountryOrRegion',
} as const satisfies Record<keyof Address, string>;

/** Fields that `Set-MailContact` keeps, and `Get-MailContact` shows. */
const CUSTOM = RECIPIENT_FIELDS.filter((name) => name.startsWith('customAttribute'));

/** So many of them `New-MailContact` takes. */
const NEW = TEXTS.slice(0, 4);

/** The address that mail is routed to; undefined where the card has none. */
export function addressOf(card: Card): string | undefined {
  return card.emailAddresses?.[0]?.address;
}

/** What of a card goes into `New-MailContact`: it takes no more. */
export function newParameters(card: Card): Parameters {
  const known = NEW.flatMap(([name, parameter]) => {
    const value = card[name]?.trim() ?? '';
    return value === '' ? [] : [[parameter, value] as const];
  });
  return Object.fromEntries(known);
}

/** What of a card goes into `Set-Contact`; null clears. Null for nothing at all. */
export function contactParameters(card: Card): Parameters | null {
  const values: Record<string, Value> = {};
  for (const [name, parameter] of TEXTS) {
    const value = card[name];
    if (value !== undefined) values[parameter] = clean(value);
  }
  const { businessPhones, homePhones, businessAddress } = card;
  if (businessPhones) {
    values['Phone'] = clean(businessPhones[0] ?? null);
    values['OtherTelephone'] = businessPhones.slice(1);
  }
  if (homePhones) values['HomePhone'] = clean(homePhones[0] ?? null);
  if (businessAddress) for (const part of ADDRESS_PARTS) values[ADDRESS[part]] = clean(businessAddress[part]);
  return Object.keys(values).length === 0 ? null : values;
}

/** What of a card goes into `Set-MailContact`, without the address: that is changed last. */
export function mailParameters(card: Card): Parameters {
  const values: Record<string, Value> = {};
  for (const name of CUSTOM) {
    const value = card[name];
    if (value !== undefined) values[parameterOf(name)] = clean(value);
  }
  if (card.hidden !== undefined) values['HiddenFromAddressListsEnabled'] = card.hidden === 'true';
  return values;
}

/** These fields as a row of `Get-MailContact` and the one of `Get-Contact` for the same object show them. */
export function cardOf(
  rows: { readonly mail: Row; readonly contact: Row },
  fields: Iterable<CardField>,
  identityOf: Naming,
): Card {
  const { mail, contact } = rows;
  const card: Record<string, unknown> = {};
  for (const name of fields) {
    const [, parameter] = TEXTS.find(([one]) => one === name) ?? [];
    if (parameter !== undefined) card[name] = shown(contact, parameter);
    else if (name === 'emailAddresses') card[name] = emailsOf(mail);
    else if (name === 'businessPhones') card[name] = phonesOf(contact);
    else if (name === 'homePhones') card[name] = [shown(contact, 'HomePhone') ?? []].flat();
    else if (name === 'businessAddress')
      card[name] = Object.fromEntries(ADDRESS_PARTS.map((part) => [part, shown(contact, ADDRESS[part])]));
    else if (name === 'managerId') card[name] = managerOf(contact, identityOf);
    else if (name === 'hidden') card[name] = mail['HiddenFromAddressListsEnabled'] === true ? 'true' : null;
    else if (name.startsWith('customAttribute')) card[name] = shown(mail, parameterOf(name));
  }
  return card;
}

/** Whose contact an object of that name is; null where it is nobody's of the route. */
export type Naming = (name: string) => string | null;

/** Fields that only `Get-Contact` shows: where none of them is asked for, it need not be. */
export function needsContactRow(fields: readonly CardField[]): boolean {
  return fields.some((name) => !['emailAddresses', 'hidden'].includes(name) && !name.startsWith('custom'));
}

/** `SMTP:ann@contoso.com` is `ann@contoso.com`. */
export function plainAddress(text: string): string {
  return text.replace(/^smtp:/i, '');
}

function emailsOf(mail: Row): Card['emailAddresses'] {
  const address = shown(mail, 'ExternalEmailAddress');
  return address === null ? [] : [{ name: null, address: plainAddress(address) }];
}

/** A manager of somebody else's making is not what we wrote, whoever it is: the name stands for it. */
function managerOf(contact: Row, identityOf: Naming): string | null {
  const name = managerIn(contact);
  return name === null ? null : (identityOf(name) ?? name);
}

/** The name of the manager, where there is one: Exchange shows no more of it, now and then behind its container's. */
export function managerIn(contact: Row): string | null {
  return shown(contact, 'Manager')?.split('/').at(-1) ?? null;
}

function phonesOf(contact: Row): string[] {
  const others = (list(contact, 'OtherTelephone') ?? []).filter((one) => typeof one === 'string');
  return [shown(contact, 'Phone') ?? [], ...others].flat();
}

function parameterOf(name: string): string {
  return `C${name.slice(1)}`;
}

function shown(row: Row, property: string): string | null {
  const value = text(row, property)?.trim() ?? '';
  return value === '' ? null : value;
}

function clean(value: string | null): string | null {
  const text = value?.trim() ?? '';
  return text === '' ? null : text;
}
