import type { JobConfig } from '../../src/kit/config/config.ts';
import type { Random } from '../../src/kit/random.ts';
import { mappingOf } from '../kit/mapping-fixture.ts';
import { pick } from '../kit/seeded-random.ts';
import { targets, type DirectoryJob } from '../tenant/expectation.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** What an administrator can choose from. */
export interface Choices {
  /** The group of everybody, and of some who are not among them. */
  readonly source: string;
  readonly outsiders: string;
  /** Whoever is in it may be shown without a mobile number. */
  readonly privacy: string;
  /** Some of the groups inside the source, for a narrower view and for a narrower audience. */
  readonly teams: readonly string[];
  /** People with mailboxes, for a job that names its audience one by one. */
  readonly owners: readonly string[];
}

/** What an administrator has in mind for one job; told to the product in its own words, and to the judge in his. */
interface Wish extends DirectoryJob {
  readonly route: string;
}

type Wishes = readonly Wish[];
type Change = (staff: Wish, choices: Choices, random: Random) => Wish;

/** Removals beyond it are held: low, so that narrowing a scope meets it. */
const GUARD = { count: 5, percent: 10 };

const SECOND = 'phones';

const staffOf = ({ source, privacy }: Choices): Wish => ({
  route: 'staff',
  sourceGroups: [source],
  target: 'licensed',
  folder: 'Company Directory',
  withoutMobile: [privacy],
  photos: true,
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

const otherAudience: Change = (staff, { teams }, random) => ({
  ...staff,
  target: pick(random, ['licensed', { groups: teams }]),
});

const otherFolder: Change = (staff, _, random) => ({
  ...staff,
  folder: pick(random, ['Company Directory', 'Staff Directory']),
});

const otherRule: Change = ({ countries, ...staff }) =>
  countries === undefined ? { ...staff, countries: ['Germany', 'France', 'Türkiye'] } : staff;

const otherMapping: Change = ({ company, ...staff }) =>
  company === undefined ? { ...staff, company: 'Storm Ltd.' } : staff;

const otherOptOut: Change = ({ withoutMobile, ...staff }, { privacy }) =>
  withoutMobile === undefined ? { ...staff, withoutMobile: [privacy] } : staff;

/** Every way in which an administrator changes a job. What a job learns to be configured with comes in here. */
const changes: readonly Change[] = [
  otherSource,
  otherAudience,
  otherFolder,
  otherRule,
  otherMapping,
  otherOptOut,
];

/** How many of a job's people may be removed in a day without an approval; those who left count as part of the scope they left. */
export function guardLimit(tenant: Tenant, { sourceGroups }: DirectoryJob, leavers: number): number {
  const people = new Set(sourceGroups.flatMap((group) => [...tenant.directory.transitiveUsers(group)]));
  return Math.max(GUARD.count, Math.ceil((GUARD.percent / 100) * (people.size + leavers)));
}

/** The configuration file, as it stands when a process starts. */
export class Configuration {
  #wishes: Wishes;
  readonly #choices: Choices;
  readonly #random: Random;

  constructor(choices: Choices, random: Random, start: { readonly secondJob: boolean }) {
    this.#choices = choices;
    this.#random = random;
    const staff = staffOf(choices);
    this.#wishes = start.secondJob ? [staff, phonesOf(choices)] : [staff];
  }

  /** As the product reads it. */
  get jobs(): readonly JobConfig[] {
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
    const [staff = staffOf(this.#choices), ...others] = this.#wishes;
    if (this.#random.float() < 0.2) return others.length > 0 ? [staff] : [staff, phonesOf(this.#choices)];
    return [pick(this.#random, changes)(staff, this.#choices, this.#random), ...others];
  }
}

function configOf({
  route,
  sourceGroups,
  target,
  folder,
  countries,
  company,
  withoutMobile,
  photos,
}: Wish): JobConfig {
  const where = {
    kind: 'test',
    attribute: 'country',
    test: { kind: 'in', values: countries ?? [] },
  } as const;
  const keys = [
    ...(photos === true ? ['photos: true'] : []),
    ...(company === undefined ? [] : [`fields: { companyName: ${company} }`]),
    ...(withoutMobile === undefined
      ? []
      : [`optOut: [{ fields: [mobilePhone], groups: [${withoutMobile.join(', ')}] }]`]),
  ];
  return {
    id: route,
    kind: 'directory',
    tenant: 'contoso',
    source: { groups: sourceGroups, ...(countries === undefined ? {} : { where }) },
    target: target === 'licensed' ? { kind: 'licensed' } : { kind: 'chosen', ...target },
    folder,
    mapping: mappingOf(...keys),
    guard: GUARD,
  };
}
