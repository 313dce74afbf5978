import type { FieldsConfig, MappingConfig } from '../kit/config/fields.ts';
import type { ListField } from '../kit/config/field-names.ts';
import type { Rule } from '../kit/config/template.ts';
import {
  ADDRESS_FIELDS,
  ADDRESS_PARTS,
  CARD_FIELDS,
  LIST_FIELDS,
  RECIPIENT_FIELDS,
  TEXT_FIELDS,
  type Address,
  type Card,
  type EmailAddress,
} from '../model/card.ts';
import type { Attribute, Person } from '../model/person.ts';
import type { Route } from '../model/route.ts';
import { createPhoneFormats, dialled, type PhoneFormat } from './phones.ts';
import { render, valuesOf } from './template.ts';

/**
 * Entries that Exchange takes: it refuses a contact with a third business phone or a fourth address (400,
 * ErrorInvalidRequest); home phones and chat addresses by analogy.
 */
const AT_MOST: Readonly<Record<ListField, number>> = {
  emailAddresses: 3,
  businessPhones: 2,
  homePhones: 2,
  imAddresses: 3,
  categories: 25,
};

/** An address that is not plain SMTP can be stored and then come back missing: it is left out. */
const SMTP_ADDRESS = /^[^\s@<>:]+@[^\s@<>]+$/;
/** Fields with numbers, in the order in which one that stands in several is kept. */
const PHONE_FIELDS = ['mobilePhone', 'businessPhones', 'homePhones'] as const;
/** Looked at for the country of a number. */
const PLACES: readonly Attribute[] = ['country', 'usageLocation'];

type Draft = { -readonly [Name in keyof Card]: Card[Name] };

interface Shaped extends Pick<Route, 'reads' | 'owns' | 'withheld'> {
  readonly shape: (...of: Parameters<Route['shape']>) => Card;
}

/** What a mapping makes of a route: what is read of a person, what is owned in a contact, and the card itself. */
export function shapedBy(mapping: MappingConfig): Shaped {
  const { texts, lists, addresses, recipient, manager } = mapping.fields;
  const owned = new Set(Object.keys({ ...texts, ...lists, ...addresses, ...recipient }));
  if (manager) owned.add('managerId');
  const formats = createPhoneFormats(mapping.phones);
  const withheldOf = withheldBy(mapping);
  const keep = new Set<string>(mapping.keep);
  return {
    owns: CARD_FIELDS.filter((name) => owned.has(name)),
    reads: attributesIn(
      mapping,
      PHONE_FIELDS.some((name) => owned.has(name)),
    ),
    withheld: withheldOf,
    shape: (person, memberOf) => {
      const withheld = withheldOf(memberOf);
      const card = toCard(mapping.fields, person, { withheld, format: formats(person) });
      // What somebody has withheld is cleared wherever it stood.
      return keep.size === 0 || withheld.size > 0 ? card : withoutKept(card, keep);
    },
  };
}

/** The groups whose members have something withheld. */
export function optOutGroups(mapping: MappingConfig): string[] {
  return [...new Set(mapping.optOut.flatMap(({ groups }) => groups))];
}

function attributesIn({ fields, phones }: MappingConfig, hasPhones: boolean): Attribute[] {
  const rules: Rule[] = [
    ...Object.values(fields.texts),
    ...Object.values(fields.recipient ?? {}),
    ...Object.values(fields.lists).flat(),
    ...Object.values(fields.addresses).flatMap((parts) => Object.values(parts)),
  ];
  const named = rules.flat(2).flatMap((part) => (typeof part === 'string' ? [] : part.attribute));
  return [
    ...new Set<Attribute>([
      'displayName',
      ...named,
      ...(fields.manager ? (['manager'] as const) : []),
      ...(hasPhones && phones.format === 'e164' ? PLACES : []),
    ]),
  ];
}

function withheldBy({ optOut }: Pick<MappingConfig, 'optOut'>): Route['withheld'] {
  return (memberOf) => {
    const concerned = optOut.filter(({ groups }) => groups.some((group) => memberOf.has(group)));
    return new Set(concerned.flatMap(({ fields }) => fields));
  };
}

/** What nothing fills and is to stay is not in the card: it is neither written nor cleared. */
function withoutKept(card: Card, keep: ReadonlySet<string>): Card {
  return Object.fromEntries(
    Object.entries(card).filter(
      ([name, value]) => !keep.has(name) || Object.values(value ?? {}).some(Boolean),
    ),
  );
}

interface Shaping {
  readonly withheld: ReadonlySet<string>;
  readonly format: PhoneFormat;
}

function toCard(fields: FieldsConfig, person: Person, shaping: Shaping): Card {
  const { texts, lists, addresses } = fields;
  const { withheld } = shaping;
  const card: Draft = {};
  for (const name of TEXT_FIELDS) {
    const rule = texts[name];
    if (rule) card[name] = withheld.has(name) ? null : textOf(rule, person);
  }
  for (const name of RECIPIENT_FIELDS) {
    const rule = fields.recipient?.[name];
    if (rule) card[name] = withheld.has(name) ? null : textOf(rule, person);
  }
  // Nobody is their own.
  if (fields.manager)
    card.managerId = withheld.has('manager') || person.manager === person.id ? null : person.manager;
  // A name of nobody's making: Exchange would put one together of its own.
  card.displayName ??= valuesOf(person, 'displayName')[0] ?? null;
  for (const name of LIST_FIELDS) {
    const rules = lists[name];
    if (rules) card[name] = withheld.has(name) ? [] : once(allOf(rules, person)).slice(0, AT_MOST[name]);
  }
  for (const name of ADDRESS_FIELDS) {
    const rules = addresses[name];
    if (rules)
      card[name] = addressOf((part) => (withheld.has(name) ? null : textOf(rules[part] ?? [], person)));
  }
  if (lists.emailAddresses) {
    const addressed = withheld.has('emailAddresses') ? [] : allOf(lists.emailAddresses, person);
    card.emailAddresses = emailsOf(addressed, card.displayName ?? null);
  }
  return { ...card, ...phonesOf(fields, person, shaping) };
}

function addressOf(part: (name: (typeof ADDRESS_PARTS)[number]) => string | null): Address {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each part of the list
  return Object.fromEntries(ADDRESS_PARTS.map((name) => [name, part(name)])) as Address;
}

/** `proxyAddresses` spells its entries `SMTP:ann@contoso.com`; what is of another kind is no e-mail address. */
function emailsOf(texts: readonly string[], name: string | null): EmailAddress[] {
  const addresses = texts
    .map((text) => text.replace(/^smtp:/i, ''))
    .filter((address) => SMTP_ADDRESS.test(address));
  return once(addresses, (address) => address.toLowerCase())
    .slice(0, AT_MOST.emailAddresses)
    .map((address) => ({ name, address }));
}

/**
 * Every number once in a card. One that is withheld from a field is not shown in another either: it is the number that
 * its owner keeps private.
 */
function phonesOf(fields: FieldsConfig, person: Person, { withheld, format }: Shaping): Draft {
  const { mobilePhone } = fields.texts;
  const { businessPhones, homePhones } = fields.lists;
  const numbers = {
    mobilePhone: mobilePhone && valuesOfRule(mobilePhone, person).slice(0, 1).map(format),
    businessPhones: businessPhones && allOf(businessPhones, person).map(format),
    homePhones: homePhones && allOf(homePhones, person).map(format),
  };
  const taken = new Set(
    PHONE_FIELDS.flatMap((name) => (withheld.has(name) ? (numbers[name] ?? []) : [])).map(dialled),
  );
  const fresh = (name: (typeof PHONE_FIELDS)[number], atMost: number): string[] => {
    const all = once(numbers[name] ?? [], dialled).filter((number) => !taken.has(dialled(number)));
    const shown = all.slice(0, atMost);
    for (const number of shown) taken.add(dialled(number));
    return shown;
  };
  return {
    ...(mobilePhone && { mobilePhone: fresh('mobilePhone', 1)[0] ?? null }),
    ...(businessPhones && { businessPhones: fresh('businessPhones', AT_MOST.businessPhones) }),
    ...(homePhones && { homePhones: fresh('homePhones', AT_MOST.homePhones) }),
  };
}

function textOf(rule: Rule, person: Person): string | null {
  return valuesOfRule(rule, person)[0] ?? null;
}

function allOf(rules: readonly Rule[], person: Person): string[] {
  return rules.flatMap((rule) => valuesOfRule(rule, person));
}

/** The first alternative that yields something; a list attribute standing alone yields all that it has. */
function valuesOfRule(rule: Rule, person: Person): string[] {
  for (const template of rule) {
    const [only, second] = template;
    const alone = second === undefined && typeof only === 'object' ? only.attribute : null;
    const values = alone === null ? [render(template, person) ?? []].flat() : valuesOf(person, alone);
    if (values.length > 0) return values;
  }
  return [];
}

/** Each entry once, the first of those that count as the same. */
function once(texts: readonly string[], key: (text: string) => string = (text) => text): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const isNew = !seen.has(key(text));
    seen.add(key(text));
    return isNew;
  });
}
