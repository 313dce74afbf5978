import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import { mailboxLicense, type Group, type OrgContact, type User } from './directory/objects.ts';
import type { Tenant } from './tenant.ts';

const GIVEN = [
  'Anna',
  'Bjørn',
  'Chloé',
  'Dağhan',
  'Élodie',
  'Frank',
  'Gökçe',
  'Håkan',
  'İpek',
  'Jürgen',
  'Katarzyna',
  'Łukasz',
  'Mária',
  'Niamh',
  'Özlem',
  'Pádraig',
  'Quentin',
  'Renée',
  'Søren',
  'Tomáš',
  'Ursula',
  'Věra',
  'Wanjiru',
  'Xóchitl',
  'Yannick',
  'Zoë',
  '美咲',
  '伟',
  '지훈',
  'Ольга',
  'محمد',
  'Αθηνά',
];
const SURNAMES = [
  "O'Brien",
  "D'Angelo",
  'Müller',
  'Größer',
  'Nowak-Żak',
  'van der Berg',
  'Sánchez Ruiz',
  'Åkesson',
  'Çelik',
  'Dvořák',
  'Eriksson',
  'Fernández',
  'Grzyb',
  'Horváth',
  'Ivanov',
  'Jørgensen',
  'Kowalski',
  'Lefèvre',
  'MacDonald',
  'Nguyễn',
  'Öztürk',
  'Papadopoulos',
  'Quaye',
  'Rossi',
  'Šimić',
  'Þórsdóttir',
  '田中',
  '王',
  '김',
  'Петрова',
  'Smith & Sons',
  'Weiß',
];
const TITLES = [
  'Engineer',
  'Team Lead',
  'Buchhalterin',
  'Head of R&D',
  'Sales 🚀',
  'Nurse',
  'Apprentice',
  'C/E/O',
  null,
];
const DEPARTMENTS = [
  'Engineering',
  'Vertrieb',
  'Finance',
  'People & Culture',
  'IT',
  'Logistics',
  'Qualité',
  null,
];
const COMPANIES = ['Contoso GmbH', 'Contoso Ltd.', 'Fabrikam "North"', null];
/** Country, its code, a city. */
const PLACES = [
  ['Germany', 'DE', 'Köln'],
  ['France', 'FR', 'Orléans'],
  ['United States', 'US', 'Redmond'],
  ['Türkiye', 'TR', 'İzmir'],
] as const;
/** Most groups have a handful of members, a few have many. */
const TEAM_SIZE = 40;

export interface Population {
  /** The group to name as the source of a job: it holds the teams, and some people directly. */
  readonly source: Group;
  readonly teams: readonly Group[];
  readonly people: readonly User[];
  /** The people with a licence, who have mailboxes. */
  readonly owners: readonly User[];
}

export interface PopulationSize {
  readonly people: number;
  readonly mailboxes: number;
  /** Contacts that every owner already has; 3 unless given. */
  readonly foreign?: number;
}

/** Fills an empty tenant: people of many kinds of name, nested groups, mailboxes with contacts of their owners' own. */
export function populate(tenant: Tenant, random: Random, size: PopulationSize): Population {
  if (size.mailboxes > size.people) throw new RangeError('More mailboxes than people');
  const { directory } = tenant;
  const source = directory.addGroup({ displayName: 'Everybody' });
  const teams = Array.from({ length: Math.max(2, Math.ceil(size.people / TEAM_SIZE)) }, (_, number) =>
    directory.addGroup({ displayName: `Team ${number + 1}` }),
  );
  for (const [number, team] of teams.entries()) {
    // Every third team sits inside the one before it, so that membership is nested twice.
    const parent = number % 3 === 2 ? teams[number - 1] : source;
    directory.addMember((parent ?? source).id, team.id);
  }
  const people: User[] = [];
  for (let number = 0; number < size.people; number += 1) {
    const licensed = number < size.mailboxes;
    const user = directory.addUser(person(random, number, licensed));
    people.push(user);
    directory.addMember(
      chance(random, 0.1) ? source.id : (teams[number % teams.length] as Group).id,
      user.id,
    );
  }
  const owners = people.slice(0, size.mailboxes);
  for (const owner of owners) addForeign(tenant, random, { owner: owner.id, count: size.foreign ?? 3 });
  return { source, teams, people, owners };
}

/** One made-up person. Numbers and addresses are unique, names repeat as they do in life. */
export function person(random: Random, number: number, licensed: boolean): Partial<User> {
  const givenName = pick(random, GIVEN);
  const surname = pick(random, SURNAMES);
  const emoji = chance(random, 0.02) ? ' 🌻' : '';
  const address = `person${number}@contoso.example`;
  const made = {
    displayName: `${givenName} ${surname}${emoji}`,
    givenName,
    surname,
    jobTitle: pick(random, TITLES),
    department: pick(random, DEPARTMENTS),
    companyName: pick(random, COMPANIES),
    mail: licensed || chance(random, 0.9) ? address : null,
    userPrincipalName: address,
    mobilePhone: chance(random, 0.7) ? phone(random, number, '+49 151') : null,
    businessPhones: chance(random, 0.6) ? [phone(random, number, '+1 (425) 555')] : [],
    assignedLicenses: licensed ? [mailboxLicense] : [],
    ...workplace(number),
  };
  // Whoever cannot be reached is shown to nobody: that is for tests that mean it.
  const isReachable = made.mobilePhone !== null || made.businessPhones.length > 0;
  return isReachable ? made : { ...made, mail: address };
}

/** Somebody outside, as the organisation keeps them in its address book. */
export function outsider(random: Random, number: number): Partial<OrgContact> {
  const { displayName, givenName, surname, jobTitle } = person(random, number, false);
  const name = { displayName: displayName ?? null, givenName: givenName ?? null, surname: surname ?? null };
  return {
    ...name,
    jobTitle: jobTitle ?? null,
    companyName: 'Fabrikam "North"',
    mail: `outsider${number}@fabrikam.example`,
    phones: [
      ...(chance(random, 0.7) ? [{ type: 'mobile' as const, number: phone(random, number, '+49 151') }] : []),
      { type: 'business' as const, number: phone(random, number, '+1 (425) 555') },
    ],
  };
}

/** Where somebody works, and what the directory knows of them besides: by number alone, so that seeds keep their names. */
function workplace(number: number): Partial<User> {
  const [country, usageLocation, city] = PLACES[number % PLACES.length] as (typeof PLACES)[number];
  const alias = `person${number}`;
  return {
    country,
    usageLocation,
    city,
    streetAddress: `${1 + (number % 99)} Main Street`,
    postalCode: String(10_000 + (number % 80_000)),
    officeLocation: `Floor ${number % 7}`,
    preferredLanguage: 'en-GB',
    employeeId: String(100_000 + number),
    employeeType: number % 9 === 8 ? 'Contractor' : 'Employee',
    mailNickname: alias,
    proxyAddresses: [`SMTP:${alias}@contoso.example`, `smtp:${alias}@old.contoso.example`],
    onPremisesDistinguishedName: `CN=${alias},OU=${usageLocation},OU=Staff,DC=contoso,DC=example`,
    onPremisesExtensionAttributes: { extensionAttribute1: number % 2 === 0 ? 'blue' : 'green' },
  };
}

function phone(random: Random, number: number, prefix: string): string {
  return `${prefix} ${String(1_000_000 + number).slice(1)}-${integer(random, 90) + 10}`;
}

function addForeign(tenant: Tenant, random: Random, to: { owner: string; count: number }): void {
  for (let number = 0; number < to.count; number += 1) {
    const givenName = pick(random, GIVEN);
    const surname = pick(random, SURNAMES);
    tenant.mailboxes.addContact(to.owner, {
      displayName: `${givenName} ${surname}`,
      givenName,
      surname,
      mobilePhone: `+44 7700 ${900_000 + integer(random, 99_999)}`,
    });
  }
}
