import type { Place } from './cursor.ts';
import { ADDRESS_PARTS, RECIPIENT_FIELDS, type ListField, type TextField } from './field-names.ts';
import {
  address,
  neverEmpty,
  optOutOf,
  orNull,
  phones,
  present,
  record,
  rules,
  type MappingConfig,
} from './fields.ts';
import { jobKind } from './job-kind.ts';
import { object } from './maps.ts';
import { list, located, optional, required, type Field, type Shape } from './shapes.ts';
import { source } from './scope.ts';
import { rule } from './template.ts';
import { choice, duration, truth } from './words.ts';

/** Fields of a mail contact, by the names that they have in a contact. */
const TEXTS = [
  'displayName',
  'givenName',
  'surname',
  'initials',
  'jobTitle',
  'department',
  'companyName',
  'officeLocation',
  'mobilePhone',
  'assistantName',
  'businessHomePage',
  'personalNotes',
] as const satisfies readonly TextField[];
const LISTS = ['emailAddresses', 'businessPhones', 'homePhones'] as const satisfies readonly ListField[];
const ADDRESSES = ['businessAddress'] as const;
/** No text, but the contact of somebody else. */
const MANAGER = 'manager';
const NAMES = [...TEXTS, ...LISTS, ...ADDRESSES, ...RECIPIENT_FIELDS, MANAGER] as const;
type Name = (typeof NAMES)[number];

/** What is filled when nothing is configured, as one would write it in the file. */
const SEED: Readonly<Partial<Record<Name, unknown>>> = {
  displayName: 'displayName',
  givenName: 'givenName',
  surname: 'surname',
  jobTitle: 'jobTitle',
  department: 'department',
  companyName: 'companyName',
  officeLocation: 'officeLocation',
  mobilePhone: 'mobilePhone',
  emailAddresses: ['mail'],
  businessPhones: ['businessPhones'],
  businessAddress: {
    street: 'streetAddress',
    city: 'city',
    state: 'state',
    postalCode: 'postalCode',
    countryOrRegion: 'country',
  },
};

const fields = object({
  ...record(TEXTS, (name) => field(name, rule)),
  ...record(LISTS, (name) => field(name, rules)),
  ...record(ADDRESSES, (name) => field(name, address)),
  ...record(RECIPIENT_FIELDS, (name) => field(name, rule)),
  displayName: optional(
    neverEmpty(rule),
    SEED.displayName,
    'The name of the contact, such as "{displayName} (Contoso)". Another one later renames every contact.',
  ),
  emailAddresses: optional(
    rules,
    SEED.emailAddresses,
    'The first of these that yields something is the address that mail goes to. Whoever has none is not shown.',
  ),
  [MANAGER]: optional(
    orNull(truth),
    null,
    'true: the contact of the manager stands as manager, where this job shows the manager as well.',
  ),
});

function field<T>(name: Name, shape: Shape<T>): Field<T | null> {
  return optional(orNull(shape), SEED[name] ?? null, `Field ${name} of the mail contact.`);
}

const optOut = optOutOf(NAMES, 'Fields that stay empty.');

/** A contact cannot be without the one or the other, and what is not hidden is shown. */
const NEVER_KEPT: readonly Name[] = ['displayName', 'emailAddresses', 'hidden', MANAGER];
const KEEPABLE = NAMES.filter((name): name is Exclude<Name, typeof MANAGER> => !NEVER_KEPT.includes(name));
const keep = located(list(choice(KEEPABLE), { min: 0, max: KEEPABLE.length }));

/** The keys of a job `cross-tenant` that no other job has in this form. */
export const crossTenantKeys = {
  kind: required(
    jobKind('cross-tenant'),
    'People of one tenant as mail contacts in Exchange Online of another.',
  ),
  source: required(source, 'Who is shown. Guests never are, nor is anybody without an address.'),
  adopt: optional(
    object({
      ctcs: optional(truth, true, 'Contacts that CTCS marked for the tenant of this job, as they are.'),
      address: optional(
        truth,
        false,
        'Contacts of the same address, where exactly one is a person and nobody has marked it.',
      ),
    }),
    {},
    'Contacts of before that are taken over instead of made anew.',
  ),
  fields: optional(fields, {}, 'What fills which field of the mail contact.'),
  phones: optional(phones, {}, 'How phone numbers are written.'),
  optOut: optional(optOut, [], 'Fields that stay empty for members of groups.'),
  keep: optional(
    keep,
    [],
    'Fields that are left as they are in the contact where the directory has nothing, instead of being cleared.',
  ),
  grace: optional(
    duration('0s', '90d'),
    '1d',
    'So long after somebody ceased to be shown the contact is removed, through the guard.',
  ),
};

type CrossTenantValues = {
  readonly fields: typeof fields extends Shape<infer T> ? T : never;
  readonly phones: MappingConfig['phones'];
  readonly optOut: typeof optOut extends Shape<infer T> ? T : never;
  readonly keep: typeof keep extends Shape<infer T> ? T : never;
};

/** Sorts the fields by kind, and drops those that are let go. Problems go to `report`. */
export function toContactMapping(
  { fields: written, phones, optOut, keep: kept }: CrossTenantValues,
  report: (place: Place, message: string) => void,
): MappingConfig {
  for (const { fields: withheld } of optOut) {
    for (const name of withheld.value) {
      if (name === 'displayName' || name === 'emailAddresses')
        report(withheld.place, `${name} cannot be withheld: a mail contact needs it`);
      else if (!written[name]) report(withheld.place, `${name} is not among the fields of this job`);
    }
  }
  for (const name of kept.value)
    if (written[name] === null) report(kept.place, `${name} is not among the fields of this job`);
  const { businessAddress } = written;
  return {
    fields: {
      texts: present(written, TEXTS),
      lists: present(written, LISTS),
      addresses: businessAddress === null ? {} : { businessAddress: present(businessAddress, ADDRESS_PARTS) },
      recipient: present(written, RECIPIENT_FIELDS),
      ...(written.manager === true ? { manager: true } : {}),
    },
    phones,
    photos: null,
    optOut: optOut.map(({ fields: withheld, groups }) => ({ fields: withheld.value, groups })),
    ...(kept.value.length > 0 ? { keep: kept.value } : {}),
  };
}

/** The custom attributes that a mapping fills. */
export function filledBy({ fields: { recipient = {} } }: MappingConfig): ReadonlySet<string> {
  return new Set(Object.keys(recipient));
}
