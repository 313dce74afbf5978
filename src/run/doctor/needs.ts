import { routesOf } from '../../jobs/routes.ts';
import type { Config, JobConfig } from '../../kit/config/config.ts';
import { exchangeOf } from '../../model/exchange-place.ts';
import { MAIN_PERMISSIONS, type Permission } from '../permissions.ts';

/** What a configuration needs. */
export interface Need extends Permission {
  /** Does as well, here. */
  readonly or?: string;
  /** May be granted in Exchange for some mailboxes instead (RBAC for Applications); then no token names it. */
  readonly byExchange?: true;
  /** But not where the token names this one: what Entra grants for all mailboxes nobody grants for some. */
  readonly demandedBy?: string;
  /** Neither missed nor too much. */
  readonly isOptional?: true;
}

type NeedsOf = (job: JobConfig, tenant: string, config: Pick<Config, 'notifications'>) => readonly Need[];

/** What a job needs in a tenant, by its kind. */
const NEEDS_OF_KIND: Readonly<Record<JobConfig['kind'], NeedsOf>> = {
  directory: directoryNeeds,
  'cross-tenant': crossTenantNeeds,
  mirror: mirrorNeeds,
};

/** Everything that jobs need in a tenant, each once. What a withdrawn one left there may take the main three. */
export function neededIn(tenant: string, config: Pick<Config, 'jobs' | 'notifications'>): readonly Need[] {
  const needs = config.jobs.flatMap((job) => NEEDS_OF_KIND[job.kind](job, tenant, config));
  if (needs.length === 0) return MAIN_PERMISSIONS.map((one) => ({ ...one, isOptional: true }));
  return [...new Map(needs.map((need) => [need.name, need])).values()];
}

function directoryNeeds(
  job: JobConfig,
  tenant: string,
  config: Pick<Config, 'notifications'>,
): readonly Need[] {
  if (job.tenant !== tenant) return [];
  return [...readingNeeds(job, config), { ...mainNeed('Contacts.ReadWrite'), byExchange: true }];
}

/**
 * Groups are read where they choose the members; where there are notifications of people there are those of groups, and of contacts.
 * Those of contacts take the permission to read them, whoever may write them (learn.microsoft.com/graph/api/subscription-post-subscriptions).
 */
function mirrorNeeds(job: JobConfig, tenant: string, config: Pick<Config, 'notifications'>): readonly Need[] {
  const isTold = config.notifications !== null;
  const readsGroups = isTold || routesOf(job).some(({ groups }) => groups.target.length > 0);
  const needs = directoryNeeds(job, tenant, config);
  if (needs.length === 0) return [];
  return [...needs.filter(({ name }) => readsGroups || name !== 'Group.Read.All'), ...(isTold ? [TOLD] : [])];
}

const TOLD: Need = {
  name: 'Contacts.Read',
  why: 'hears of what people change in their contacts',
  byExchange: true,
  demandedBy: 'Contacts.ReadWrite',
};

/** In the tenant where people are shown as mail contacts, who has an address is asked. Exchange itself has a check of its own. */
function crossTenantNeeds(
  job: JobConfig,
  tenant: string,
  config: Pick<Config, 'notifications'>,
): readonly Need[] {
  const isTarget = routesOf(job).some(({ targetTenant }) => targetTenant === exchangeOf(tenant));
  return [
    ...(job.tenant === tenant ? readingNeeds(job, config) : []),
    ...(isTarget ? [mainNeed('User.Read.All')] : []),
  ];
}

/** To know who is shown. */
function readingNeeds(job: JobConfig, { notifications }: Pick<Config, 'notifications'>): Need[] {
  const routes = routesOf(job);
  const mailGroups = routes.some((route) => route.mailGroups);
  const byOption: readonly (Need & { readonly isNeeded: boolean })[] = [
    {
      name: 'AdministrativeUnit.Read.All',
      why: 'reads who is in the administrative units',
      isNeeded: routes.some(({ units }) => units.length > 0),
    },
    {
      name: 'OrgContact.Read.All',
      why: 'reads the contacts of the organisation',
      isNeeded: routes.some(({ contacts }) => contacts),
    },
    {
      name: 'MailboxSettings.Read',
      why: 'tells shared mailboxes from leavers',
      isNeeded: routes.some(({ reads }) => reads.includes('mailboxPurpose')),
    },
  ];
  return [
    mainNeed('User.Read.All'),
    // The alternative reads members, but allows no subscription to groups, and shows nothing else of them.
    {
      ...mainNeed('Group.Read.All'),
      ...(notifications === null && !mailGroups ? { or: 'GroupMember.Read.All' } : {}),
    },
    ...byOption.flatMap(({ isNeeded, ...need }) => (isNeeded ? need : [])),
  ];
}

function mainNeed(name: string): Need {
  const why = MAIN_PERMISSIONS.find((one) => one.name === name)?.why ?? '';
  return { name, why };
}

/** What the roles of a token lack, and what they hold without need. */
export function judgeRoles(
  roles: readonly string[],
  needs: readonly Need[],
): { readonly missing: readonly Need[]; readonly extra: readonly string[]; readonly byExchange: boolean } {
  const used = new Set<string>();
  const unmet: Need[] = [];
  for (const need of needs) {
    const met = [need.name, need.or].find((name) => name !== undefined && roles.includes(name));
    if (met === undefined) unmet.push(need);
    else used.add(met);
  }
  return {
    missing: unmet.filter(({ byExchange, demandedBy = '', isOptional }) => {
      const isExcused = byExchange === true && !roles.includes(demandedBy);
      return !isExcused && isOptional !== true;
    }),
    extra: roles.filter((role) => !used.has(role)),
    byExchange: unmet.some((need) => need.byExchange === true),
  };
}
