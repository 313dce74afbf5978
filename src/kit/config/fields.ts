import { BAD, type Place } from './cursor.ts';
import {
  ADDRESS_FIELDS,
  ADDRESS_PARTS,
  LIST_FIELDS,
  TEXT_FIELDS,
  type AddressField,
  type AddressPart,
  type FieldName,
  type ListField,
  type RecipientField,
  type TextField,
} from './field-names.ts';
import { object } from './maps.ts';
import { list, located, maybe, optional, required, type Field, type Shape } from './shapes.ts';
import type { DirectoryValues } from './jobs.ts';
import { photos, type PhotosConfig } from './photos.ts';
import type { Located } from './references.ts';
import { rule, type Rule } from './template.ts';
import { choice, guid, word } from './words.ts';

/** What fills which fields of a contact. Fields that are not here belong to the mailbox's owner. */
export interface FieldsConfig {
  readonly texts: Readonly<Partial<Record<TextField, Rule>>>;
  readonly lists: Readonly<Partial<Record<ListField, readonly Rule[]>>>;
  readonly addresses: Readonly<Partial<Record<AddressField, AddressRules>>>;
  /** Of mail contacts alone. */
  readonly recipient?: Readonly<Partial<Record<RecipientField, Rule>>>;
  /** Of mail contacts alone: the contact of the manager. */
  readonly manager?: true;
}

export type AddressRules = Readonly<Partial<Record<AddressPart, Rule>>>;

export interface PhonesConfig {
  readonly format: 'e164' | 'as-is';
  /** ISO 3166 code of two capital letters: where numbers without a country code belong when the person's is not known. */
  readonly defaultCountry: string | null;
}

/** Withheld like a field, though what is shown of it is `photos`. */
const PHOTO = 'photo';

/** These fields stay empty for members of these groups. */
export interface OptOutConfig {
  readonly fields: readonly (FieldName | RecipientField | typeof PHOTO)[];
  readonly groups: readonly string[];
}

/** How a person becomes a contact. */
export interface MappingConfig {
  readonly fields: FieldsConfig;
  readonly phones: PhonesConfig;
  readonly optOut: readonly OptOutConfig[];
  readonly photos: PhotosConfig;
  /** Fields that stay as they are in a contact where nothing fills them; all others are cleared. Of mail contacts alone. */
  readonly keep?: readonly (FieldName | RecipientField)[];
}

/** What is filled when nothing is configured, as one would write it in the file. */
const SEED: Readonly<Partial<Record<FieldName, unknown>>> = {
  displayName: 'displayName',
  givenName: 'givenName',
  surname: 'surname',
  jobTitle: 'jobTitle',
  department: 'department',
  companyName: 'companyName',
  mobilePhone: 'mobilePhone',
  emailAddresses: ['mail'],
  businessPhones: ['businessPhones'],
};

const FIELD_NAMES: readonly FieldName[] = [...TEXT_FIELDS, ...LIST_FIELDS, ...ADDRESS_FIELDS];

export const rules = list(rule, { min: 0, max: 10 });
export const address = object(record(ADDRESS_PARTS, () => maybe(rule, 'Part of the address.')));

/** `fields`: whatever is left out is as in the seed set; `null` lets go of a field. */
const fields = object({
  ...record(TEXT_FIELDS, (name) => field(name, rule, `Contact field ${name}.`)),
  ...record(LIST_FIELDS, (name) => field(name, rules, `Contact field ${name}, in this order.`)),
  ...record(ADDRESS_FIELDS, (name) => field(name, address, `Contact field ${name}.`)),
  displayName: optional(
    neverEmpty(rule),
    SEED.displayName,
    'The name of the contact. Where it comes out empty, the display name in the directory stands in.',
  ),
});

export function neverEmpty(shape: Shape<Rule>): Shape<Rule> {
  return {
    ...shape,
    read(cursor) {
      const value = shape.read(cursor);
      return value !== BAD && value.length === 0 ? cursor.fail('a contact needs a name') : value;
    },
  };
}

function field<T>(name: FieldName, shape: Shape<T>, about: string): Field<T | null> {
  return optional(orNull(shape), SEED[name] ?? null, about);
}

/** `null` is an answer of its own. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return {
    expected: `${shape.expected}, or null`,
    json: { anyOf: [shape.json, { type: 'null' }] },
    read: (cursor) => (cursor.scalar() === null ? null : shape.read(cursor)),
  };
}

export function record<Name extends string, T>(
  names: readonly Name[],
  value: (name: Name) => T,
): Readonly<Record<Name, T>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each name of the list
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, T>;
}

const country = word({
  expected: 'a country as two capital letters such as DE',
  json: { pattern: '^[A-Z]{2}$' },
  parse: (text) => (/^[A-Z]{2}$/.test(text) ? text : undefined),
});

export const phones = object({
  format: optional(
    choice(['e164', 'as-is']),
    'e164',
    'Numbers as +491234567, so that phones recognise callers, or as the directory has them.',
  ),
  defaultCountry: maybe(country, 'Country of numbers without one, where the person has none either.'),
});

/** Which of these names are withheld from members of which groups. */
export function optOutOf<Name extends string>(
  names: readonly Name[],
  what: string,
): Shape<readonly { readonly fields: Located<readonly Name[]>; readonly groups: readonly string[] }[]> {
  return list(
    object({
      fields: required(located(list(choice(names), { min: 1, max: names.length })), what),
      groups: required(
        list(guid, { min: 1, max: 100 }),
        'For members of these groups, nested ones included (object ids).',
      ),
    }),
    { min: 0, max: 50 },
  );
}

const optOut = optOutOf<FieldName | typeof PHOTO>(
  [...FIELD_NAMES, PHOTO],
  'Fields that stay empty; photo is the picture.',
);

/** The keys of a job that say how a person becomes a contact. */
export const mappingKeys = {
  fields: optional(
    fields,
    {},
    'What fills which contact field. Left out: name, title, department, company, e-mail, mobile and business numbers.',
  ),
  phones: optional(phones, {}, 'How phone numbers are written.'),
  photos: optional(photos, false, 'Contacts show the picture of their person.'),
  optOut: optional(optOut, [], 'Fields that stay empty for members of groups.'),
};

type Written = Pick<DirectoryValues, 'fields' | 'phones' | 'optOut' | 'photos'>;

/** Sorts the fields by kind, and drops those that are let go. Problems of opt-outs go to `report`. */
export function toMapping(
  { fields: written, phones, optOut, photos }: Written,
  report: (place: Place, message: string) => void,
): MappingConfig {
  for (const { fields: withheld } of optOut) {
    for (const name of withheld.value) {
      if (name === 'displayName')
        report(withheld.place, 'displayName cannot be withheld: a contact needs a name');
      else if (name === PHOTO) {
        if (photos === null) report(withheld.place, 'photo is withheld, and this job shows no photos');
      } else if (written[name] === null)
        report(withheld.place, `${name} is not among the fields of this job`);
    }
  }
  return {
    fields: {
      texts: present(written, TEXT_FIELDS),
      lists: present(written, LIST_FIELDS),
      addresses: Object.fromEntries(
        Object.entries(present(written, ADDRESS_FIELDS)).map(([name, parts]) => [
          name,
          present(parts, ADDRESS_PARTS),
        ]),
      ),
    },
    phones,
    photos,
    optOut: optOut.map(({ fields: withheld, groups }) => ({ fields: withheld.value, groups })),
  };
}

export function present<Values, Name extends keyof Values & string>(
  values: Values,
  names: readonly Name[],
): { [One in Name]?: NonNullable<Values[One]> } {
  const found: { [One in Name]?: NonNullable<Values[One]> } = {};
  for (const name of names) {
    const value = values[name];
    if (value !== null && value !== undefined) found[name] = value;
  }
  return found;
}
