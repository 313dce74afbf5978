import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import type { Random } from '../../src/kit/random.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { pick } from '../kit/seeded-random.ts';
import { scopeOf, targets, type DirectoryJob } from '../tenant/directory-job.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { OLD_FOLDER } from './belongings.ts';
import type { Deed, Deeds } from './deeds.ts';

/** What an administrator can choose from. */
export interface Choices {
  /** The group of everybody, and of some who are not among them. */
  readonly source: string;
  readonly outsiders: string;
  /** Whoever is in it may be shown without mobile number and picture. */
  readonly privacy: string;
  /** Some of the groups inside the source, for a narrower view and for a narrower audience. */
  readonly teams: readonly string[];
  /** People with mailboxes, for a job that names its audience one by one. */
  readonly owners: readonly string[];
  /** Administrative units, and a group of contacts; null: neither is a source. */
  readonly unannounced: { readonly units: readonly string[]; readonly list: string } | null;
}

/** What an administrator has in mind for one job; told to the product in its own words, and to the judge in his. */
interface Wish extends DirectoryJob {
  readonly route: string;
  /** Takes over what was in the mailboxes before. */
  readonly adopts?: boolean;
}

type Wishes = readonly Wish[];
type Change = (staff: Wish, choices: Choices, random: Random) => Wish;

/** Removals beyond it are held: low, so that narrowing a scope meets it. */
export const GUARD = { count: 5, percent: 10 };

const SECOND = 'phones';

const staffOf = ({ source, privacy, unannounced }: Choices, adopts: boolean): Wish => ({
  ...(unannounced ? { sourceUnits: unannounced.units.slice(1), contacts: 'all' } : {}),
  route: 'staff',
  sourceGroups: [source],
  target: 'licensed',
  folder: 'Company Directory',
  optedOut: [privacy],
  photos: true,
  adopts,
});

/** Side by side with the staff: an audience, a folder and people of its own, some of whom both jobs show. */
const phonesOf = ({ outsiders, teams, owners }: Choices): Wish => ({
  route: SECOND,
  sourceGroups: [outsiders, ...teams.slice(0, 1)],
  target: { users: owners.slice(0, 3) },
  folder: 'Team Phones',
});

const otherSource: Change = (staff, { source, outsiders, teams }, random) => ({
  ...staff,
  sourceGroups: pick(random, [[source], [source, outsiders], [...teams]]),
});

const otherAudience: Change = (staff, { teams, unannounced }, random) => ({
  ...staff,
  target: pick(random, [
    'licensed',
    { groups: teams },
    ...(unannounced ? [{ administrativeUnits: unannounced.units }] : []),
  ]),
});

const otherFolder: Change = (staff, _, random) => ({
  ...staff,
  folder: pick(random, ['Company Directory', 'Staff Directory']),
});

const otherRule: Change = ({ countries, ...staff }) =>
  countries === undefined ? { ...staff, countries: ['Germany', 'France', 'Türkiye'] } : staff;

const otherMapping: Change = ({ company, ...staff }) =>
  company === undefined ? { ...staff, company: 'Storm Ltd.' } : staff;

const otherOptOut: Change = ({ optedOut, ...staff }, { privacy }) =>
  optedOut === undefined ? { ...staff, optedOut: [privacy] } : staff;

const otherUnits: Change = ({ sourceUnits: _before, ...staff }, { unannounced }, random) => {
  const units = unannounced?.units ?? [];
  const chosen = pick(random, [[], units.slice(0, 1), units]);
  return chosen.length === 0 ? staff : { ...staff, sourceUnits: chosen };
};

const otherContacts: Change = ({ contacts: _before, ...staff }, { unannounced }, random) => {
  if (unannounced === null) return staff;
  const contacts = pick(random, [null, 'all' as const, { groups: [unannounced.list] }]);
  return contacts === null ? staff : { ...staff, contacts };
};

/** Every way in which an administrator changes a job. What a job learns to be configured with comes in here. */
const changes: readonly (readonly [Deed, Change])[] = [
  ['source changed', otherSource],
  ['audience changed', otherAudience],
  ['folder name changed', otherFolder],
  ['rule changed', otherRule],
  ['mapping changed', otherMapping],
  ['opt-out changed', otherOptOut],
];

const further: typeof changes = [
  ['units changed', otherUnits],
  ['contacts changed', otherContacts],
];

/** How many of a job's people may be removed in a day without an approval; those who left count as part of the scope they left. */
export function guardLimit(tenant: Tenant, job: DirectoryJob, leavers: number): number {
  return Math.max(GUARD.count, Math.ceil((GUARD.percent / 100) * (scopeOf(tenant, job) + leavers)));
}

export interface Beginning {
  readonly random: Random;
  readonly deeds: Deeds;
  /** A second job stands beside the first. */
  readonly secondJob: boolean;
  readonly adopts: boolean;
}

/** The configuration file, as it stands when a process starts. */
export class Configuration {
  #wishes: Wishes;
  readonly #choices: Choices;
  readonly #random: Random;
  readonly #deeds: Deeds;
  readonly #adopts: boolean;

  constructor(choices: Choices, { random, deeds, secondJob, adopts }: Beginning) {
    this.#choices = choices;
    this.#random = random;
    this.#deeds = deeds;
    this.#adopts = adopts;
    const staff = staffOf(choices, adopts);
    this.#wishes = secondJob ? [staff, phonesOf(choices)] : [staff];
  }

  /** As the product reads it. */
  get jobs(): readonly DirectoryJobConfig[] {
    return this.#wishes.map(configOf);
  }

  /** The same jobs as the judge sees them: rendered without any of the product's code. */
  expected(): readonly DirectoryJob[] {
    return this.#wishes;
  }

  /** Returns the owners whose mailboxes a job fills no longer: those are emptied whole. */
  change(tenant: Tenant): string[] {
    const before = this.#wishes;
    this.#wishes = this.#changed();
    return this.#wishes.flatMap((job) => {
      const was = before.find(({ route }) => route === job.route);
      const receive = new Set(targets(tenant, job.target));
      return was === undefined ? [] : targets(tenant, was.target).filter((owner) => !receive.has(owner));
    });
  }

  /** Mostly the job of the staff changes; now and then the other one comes or goes. */
  #changed(): Wishes {
    const [staff = staffOf(this.#choices, this.#adopts), ...others] = this.#wishes;
    if (this.#random.float() < 0.2) {
      this.#deeds.note(others.length > 0 ? 'job withdrawn' : 'job added');
      return others.length > 0 ? [staff] : [staff, phonesOf(this.#choices)];
    }
    const possible = this.#choices.unannounced === null ? changes : [...changes, ...further];
    const [deed, change] = pick(this.#random, possible);
    this.#deeds.note(deed);
    return [change(staff, this.#choices, this.#random), ...others];
  }
}

function configOf({
  route,
  sourceGroups,
  sourceUnits,
  contacts,
  target,
  folder,
  countries,
  company,
  optedOut,
  photos,
  adopts,
}: Wish): DirectoryJobConfig {
  const where = {
    kind: 'test',
    attribute: 'country',
    test: { kind: 'in', values: countries ?? [] },
  } as const;
  const withheld = photos === true ? 'mobilePhone, photo' : 'mobilePhone';
  const keys = [
    ...(photos === true ? ['photos: true'] : []),
    ...(company === undefined ? [] : [`fields: { companyName: ${company} }`]),
    ...(optedOut === undefined
      ? []
      : [`optOut: [{ fields: [${withheld}], groups: [${optedOut.join(', ')}] }]`]),
  ];
  return {
    id: route,
    kind: 'directory',
    tenant: 'contoso',
    source: {
      groups: sourceGroups,
      ...(sourceUnits === undefined ? {} : { administrativeUnits: sourceUnits }),
      ...(contacts === undefined ? {} : { orgContacts: contacts === 'all' ? {} : contacts }),
      ...(countries === undefined ? {} : { where }),
    },
    target: target === 'licensed' ? { kind: 'licensed' } : { kind: 'chosen', ...target },
    folder,
    mapping: mappingOf(...keys),
    ...(adopts === true ? { adopt: { cync: true, folder: OLD_FOLDER } } : {}),
    guard: GUARD,
  };
}
