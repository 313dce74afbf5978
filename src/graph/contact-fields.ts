import {
  ADDRESS_FIELDS,
  ADDRESS_PARTS,
  LIST_FIELDS,
  TEXT_FIELDS,
  type Address,
  type Card,
  type CardField,
  type EmailAddress,
  type ListField,
} from '../model/card.ts';
import { field, list, text, texts } from '../kit/json.ts';
import {
  CONTACT_BUSINESS_PHONES,
  CONTACT_EMAIL_ADDRESSES,
  CONTACT_HOME_PHONES,
  CONTACT_IM_ADDRESSES,
} from './throttle.ts';

const AT_MOST: Readonly<Partial<Record<ListField, number>>> = {
  businessPhones: CONTACT_BUSINESS_PHONES,
  homePhones: CONTACT_HOME_PHONES,
  imAddresses: CONTACT_IM_ADDRESSES,
};

/** The body of a write. Entries beyond what Exchange takes are left out: it would refuse the whole contact for them. */
export function contactBody(card: Card): object {
  const body: Record<string, unknown> = { ...card };
  for (const name of LIST_FIELDS) {
    const entries = card[name];
    if (entries !== undefined) body[name] = entries.slice(0, AT_MOST[name] ?? entries.length);
  }
  if (card.emailAddresses !== undefined)
    body['emailAddresses'] = card.emailAddresses.slice(0, CONTACT_EMAIL_ADDRESSES);
  return body;
}

/** These fields of a contact as the service shows it; one that it leaves out is empty. */
export function cardOf(body: unknown, fields: Iterable<CardField>): Card {
  const wanted: ReadonlySet<string> = new Set(fields);
  const asked = <Name extends string>(names: readonly Name[]): Name[] =>
    names.filter((name) => wanted.has(name));
  return {
    ...Object.fromEntries(asked(TEXT_FIELDS).map((name) => [name, text(body, name)])),
    ...(wanted.has('emailAddresses') ? { emailAddresses: emailsOf(body) } : {}),
    ...Object.fromEntries(asked(LIST_FIELDS).map((name) => [name, texts(body, name)])),
    ...Object.fromEntries(asked(ADDRESS_FIELDS).map((name) => [name, addressOf(field(body, name))])),
  };
}

function emailsOf(body: unknown): EmailAddress[] {
  return (list(body, 'emailAddresses') ?? []).flatMap((entry) => {
    const address = text(entry, 'address');
    return address === null ? [] : [{ name: text(entry, 'name'), address }];
  });
}

/** All five parts: whether null for the whole, or for a part, clears is nowhere said, so every write names each part. */
function addressOf(value: unknown): Address {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each part of the list
  return Object.fromEntries(ADDRESS_PARTS.map((part) => [part, text(value, part)])) as Address;
}
