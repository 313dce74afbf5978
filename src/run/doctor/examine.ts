import type { Config, SecretPart, TenantConfig } from '../../kit/config/config.ts';
import type { Problem } from '../../kit/config/cursor.ts';
import { NO_ID } from '../../kit/config/no-id.ts';
import { many } from '../../kit/counted.ts';
import { SECRETS, type RoleName } from '../role-name.ts';
import type { Surroundings } from '../service.ts';
import {
  failed,
  lookOf,
  skipped,
  well,
  type Check,
  type Examined,
  type ExaminedTenant,
  type Look,
  type Versions,
} from './check.ts';
import { ARRIVAL_CHECKS, HOST_CHECKS, JOB_CHECKS, LAST_CHECKS, TENANT_CHECKS } from './checks.ts';
import { visitTenant } from './tenant-visit.ts';

/** One line of a report. */
export interface Finding {
  readonly check: string;
  /** A tenant, a job, a file or a group, where the check is about several. */
  readonly about: string | null;
  readonly state: Look['state'];
  readonly found: string;
  readonly remedy: string | null;
}

export interface Examining {
  /** With the secrets of `parts`, and no others. */
  readonly config: Config;
  readonly parts: ReadonlySet<SecretPart>;
  /** What was wrong with the secrets of other parts. */
  readonly problems: readonly Problem[];
  readonly role: RoleName;
  readonly versions: Versions;
  readonly onFinding: (finding: Finding) => void;
}

/** Looks at every precondition of a role; changes nothing anywhere, and may run beside the service. Never throws for what it finds. */
export async function examine(examining: Examining, surroundings: Surroundings): Promise<readonly Finding[]> {
  const { config, role, versions } = examining;
  const findings: Finding[] = [];
  const tell: Tell = (check, look, scope) => {
    const finding = findingOf(check, look, scope);
    findings.push(finding);
    examining.onFinding(finding);
  };
  const examined: Examined = { config, role, versions, surroundings };
  const run = runner(examining, tell);

  for (const [check, look] of looksAtConfiguration(examining)) tell(check, look);
  await run(HOST_CHECKS, examined);
  const tenants = config.tenants.map((tenant) => ({
    ...examined,
    tenant,
    visit: visitTenant(tenant, surroundings),
  }));
  // A tenant without its ids is asked nothing.
  const named = tenants.filter(({ tenant }) => openIds(tenant).length === 0);
  for (const one of tenants)
    await run(TENANT_CHECKS.slice(0, named.includes(one) ? undefined : 1), one, one.tenant.id);
  await runJobs(run, config, new Map(named.map((one) => [one.tenant.id, one])));
  await run(ARRIVAL_CHECKS, examined);
  for (const one of named) await run(LAST_CHECKS, one, one.tenant.id);
  return findings;
}

type Tell = (check: string, look: Look, scope?: string) => void;
type Run = <Given>(checks: readonly Check<Given>[], given: Given, scope?: string) => Promise<void>;

function runner({ role, parts }: Examining, tell: Tell): Run {
  return async (checks, given, scope) => {
    for (const check of checks) {
      // A receiver has neither tenants nor a ledger: that it cannot reach them is right.
      if (!check.needs.every((part) => SECRETS[role].includes(part))) continue;
      if (!check.needs.every((part) => parts.has(part))) {
        tell(check.name, skipped('what it takes could not be read'), scope);
        continue;
      }
      try {
        for (const look of await check.look(given)) tell(check.name, look, scope);
      } catch (error) {
        tell(check.name, lookOf(error), scope);
      }
    }
  };
}

async function runJobs(
  run: Run,
  { jobs, onlyJob }: Config,
  tenants: ReadonlyMap<string, ExaminedTenant>,
): Promise<void> {
  for (const job of jobs.filter(({ id }) => onlyJob === null || onlyJob === id)) {
    const examined = tenants.get(job.tenant);
    if (examined) await run(JOB_CHECKS[job.kind], { ...examined, job, tenants }, job.id);
  }
}

function looksAtConfiguration({ config, problems, role }: Examining): [check: string, look: Look][] {
  const open = config.tenants.flatMap((tenant) => openIds(tenant));
  const groups = config.jobs.filter((job) => 'source' in job && job.source.groups?.includes(NO_ID) === true);
  const toFillIn = [
    ...open,
    ...groups.map(({ id }) =>
      failed({
        found: 'the group of its source is still to be filled in',
        remedy: 'put the Object ID of the group of people who are shown under source.groups',
        about: id,
      }),
    ),
  ];
  const { tenants, jobs, file } = config;
  const asRole = role === 'all' ? '' : `, as ${role}`;
  const size = `${file}: ${many(tenants.length, 'tenant')}, ${many(jobs.length, 'job')}${asRole}`;
  return [
    ...(toFillIn.length > 0 ? toFillIn : [well(size)]).map((look) => pair('configuration', look)),
    ...problems.map(({ line, path, message }) =>
      pair(
        path.startsWith('tenants.') ? 'certificate' : 'secrets',
        failed({ found: `line ${line}: ${message}`, remedy: REMEDY_OF_SECRETS, about: path }),
      ),
    ),
  ];
}

function pair(check: string, look: Look): [string, Look] {
  return [check, look];
}

const REMEDY_OF_SECRETS =
  'put it there, or correct the reference; run doctor with the environment of the service, as its user';

function openIds({ id, tenantId, clientId }: TenantConfig): Look[] {
  const ids = [
    ['tenantId', tenantId, 'Directory (tenant) ID'],
    ['clientId', clientId, 'Application (client) ID'],
  ] as const;
  return ids
    .filter(([, value]) => value === NO_ID)
    .map(([key, , name]) =>
      failed({
        found: `${key} is still to be filled in`,
        remedy: `put the ${name} there; the overview of the app registration shows it`,
        about: id,
      }),
    );
}

function findingOf(check: string, { about, state, found, remedy }: Look, scope?: string): Finding {
  const names = [scope, about].filter((name) => name !== undefined);
  return {
    check,
    about: names.length === 0 ? null : names.join(' '),
    state,
    found,
    remedy: remedy ?? null,
  };
}
