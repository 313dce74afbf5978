import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import type { Fields } from '../tenant/mailbox/item.ts';

type Draw = (random: Random, step: number) => Fields;

const number = (random: Random, step: number): string => `+49 151 ${step}${100 + integer(random, 900)}`;

/** What somebody changes in a contact at one go; null clears. No address for mail: by those contacts are told apart here. */
const EDITS: readonly Draw[] = [
  (_, step) => ({ jobTitle: `title ${step}` }),
  // Exchange may trim it.
  (_, step) => ({ jobTitle: ` title ${step} `, department: `department ${step}` }),
  (random, step) => ({ mobilePhone: number(random, step) }),
  (random, step) => ({
    businessPhones: Array.from({ length: 1 + integer(random, 2) }, () => number(random, step)),
  }),
  (random, step) => ({ homePhones: [number(random, step)] }),
  (_, step) => ({ businessAddress: { street: `${step} Main Street`, city: 'Neustadt' } }),
  (_, step) => ({ homeAddress: { postalCode: `100${step}`, countryOrRegion: 'Germany' } }),
  (_, step) => ({
    givenName: `Given ${step}`,
    surname: 'Acquaintance',
    displayName: `Given ${step} Acquaintance`,
  }),
  (random) => ({ [pick(random, ['jobTitle', 'mobilePhone', 'givenName', 'department'])]: null }),
  (random) => ({ [pick(random, ['businessPhones', 'homePhones'])]: [] }),
  (random) => ({ [pick(random, ['businessAddress', 'homeAddress'])]: null }),
];

export function drawEdit(random: Random, step: number): Fields {
  const edit = pick(random, EDITS)(random, step);
  return chance(random, 0.3) ? { ...pick(random, EDITS)(random, step), ...edit } : edit;
}

/** What is nobody else's business: it must not travel. */
export function drawNote(random: Random, step: number): Fields {
  return pick(random, [
    { personalNotes: `remark ${step}` },
    { categories: [`Category ${step}`] },
    { birthday: '1970-01-01T00:00:00Z', spouseName: `Spouse ${step}` },
  ]);
}
