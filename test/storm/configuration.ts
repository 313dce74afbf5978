import type { JobConfig } from '../../src/kit/config/config.ts';
import type { Random } from '../../src/kit/random.ts';
import { pick } from '../kit/seeded-random.ts';
import { targets, type DirectoryJob } from '../tenant/expectation.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** What an administrator can choose from. */
export interface Choices {
  /** The group of everybody, and of some who are not among them. */
  readonly source: string;
  readonly outsiders: string;
  /** Some of the groups inside the source, for a narrower view and for a narrower audience. */
  readonly teams: readonly string[];
  /** People with mailboxes, for a job that names its audience one by one. */
  readonly owners: readonly string[];
}

/** Removals beyond it are held: low, so that narrowing a scope meets it. */
export const GUARD = { count: 5, percent: 10 };
export const FOLDER = 'Company Directory';
const OTHER_FOLDER = 'Staff Directory';

type Jobs = readonly JobConfig[];
type Change = (jobs: Jobs, choices: Choices, random: Random) => Jobs;

const staffOf = (source: string): JobConfig => ({
  id: 'staff',
  kind: 'directory',
  tenant: 'contoso',
  source: { groups: [source] },
  target: { kind: 'licensed' },
  folder: FOLDER,
  guard: GUARD,
});

/** Side by side with the staff: an audience, a folder and people of its own, some of whom both jobs show. */
const phonesOf = ({ outsiders, teams, owners }: Choices): JobConfig => ({
  id: 'phones',
  kind: 'directory',
  tenant: 'contoso',
  source: { groups: [outsiders, ...teams.slice(0, 1)] },
  target: { kind: 'users', users: owners.slice(0, 3) },
  folder: 'Team Phones',
  guard: GUARD,
});

const withStaff = (jobs: Jobs, change: (staff: JobConfig) => JobConfig): Jobs =>
  jobs.map((job) => (job.id === 'staff' ? change(job) : job));

const otherSource: Change = (jobs, { source, outsiders, teams }, random) =>
  withStaff(jobs, (staff) => ({
    ...staff,
    source: { groups: pick(random, [[source], [source, outsiders], [...teams]]) },
  }));

const otherAudience: Change = (jobs, { teams }, random) =>
  withStaff(jobs, (staff) => ({
    ...staff,
    target: pick(random, [{ kind: 'licensed' }, { kind: 'groups', groups: teams }]),
  }));

const otherFolder: Change = (jobs) =>
  withStaff(jobs, (staff) => ({ ...staff, folder: staff.folder === FOLDER ? OTHER_FOLDER : FOLDER }));

const secondJob: Change = (jobs, choices) =>
  jobs.length > 1 ? jobs.slice(0, 1) : [...jobs, phonesOf(choices)];

/**
 * Every way in which an administrator changes the configuration. What a job learns to be configured with comes in here:
 * rules on attributes, mappings of fields, opt-outs, photos.
 */
const changes: readonly Change[] = [otherSource, otherAudience, otherFolder, secondJob];

/** How many of a job's people may be removed in a day without an approval; those who left count as part of the scope they left. */
export function guardLimit(tenant: Tenant, { sourceGroups }: DirectoryJob, leavers: number): number {
  const people = new Set(sourceGroups.flatMap((group) => [...tenant.directory.transitiveUsers(group)]));
  return Math.max(GUARD.count, Math.ceil((GUARD.percent / 100) * (people.size + leavers)));
}

/** The configuration file, as it stands when a process starts. */
export class Configuration {
  jobs: Jobs;
  readonly #choices: Choices;
  readonly #random: Random;

  constructor(choices: Choices, random: Random, start: { readonly secondJob: boolean }) {
    this.#choices = choices;
    this.#random = random;
    const staff = [staffOf(choices.source)];
    this.jobs = start.secondJob ? secondJob(staff, choices, random) : staff;
  }

  /** Returns the owners whose mailboxes a job fills no longer: those are emptied whole. */
  change(tenant: Tenant): string[] {
    const before = this.expected();
    this.jobs = pick(this.#random, changes)(this.jobs, this.#choices, this.#random);
    return this.expected().flatMap((job) => {
      const was = before.find(({ route }) => route === job.route);
      const receive = new Set(targets(tenant, job.target));
      return was === undefined ? [] : targets(tenant, was.target).filter((owner) => !receive.has(owner));
    });
  }

  /** The same jobs as the judge sees them: rendered without any of the product's code. */
  expected(): DirectoryJob[] {
    return this.jobs.map(({ id, source, target, folder }) => ({
      route: id,
      sourceGroups: source.groups,
      target: target.kind === 'licensed' ? 'licensed' : target,
      folder,
    }));
  }
}
