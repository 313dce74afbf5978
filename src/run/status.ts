import { strandedIn } from '../engine/absent-tenant.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { isSearchDue } from '../engine/recall.ts';
import { revertState } from '../engine/revert.ts';
import { systemClock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { viewDataFolder } from '../kit/data-folder.ts';
import { routesOf } from '../jobs/routes.ts';
import { missingGroupsOf } from '../engine/exceptions.ts';
import { auditStandingOf, auditStatusOf } from './audit-status.ts';
import { withLedger } from './orders.ts';
import { holdReason, reasonOf } from './hold-reason.ts';
import { showsOwners } from './places.ts';
import { readQueues } from './queue-depths.ts';
import { setbacksOf } from './setback-status.ts';
import { sweptAt } from './sweeper.ts';
import { tenantsOf } from './tenant-changes.ts';
import { certificateEnds, hinderedSince } from './tenant-notes.ts';
import type {
  HaltStatus,
  JobStanding,
  JobStatus,
  QueueStatus,
  Standing,
  Status,
  TenantStatus,
} from './status-report.ts';
import { iso } from '../kit/iso.ts';

const DAY_MS = 86_400_000;
/** Long enough to make another one, have it registered and rolled out. */
const WARNING_DAYS = 30;

/** How things stand, read beside a running service. */
export function readStatus(config: Config): Promise<Status> {
  return withStanding(config, async (standing, ledger) => {
    const jobs = standing.jobs.map(async (job) => ({
      ...job,
      ...(await contactsOf(config, ledger, job.job)),
    }));
    return { ...standing, jobs: await Promise.all(jobs), audits: await auditStatusOf(ledger) };
  });
}

/** The same without contacts, and the ledger that it was read from. */
export async function withStanding<T>(
  config: Config,
  use: (standing: Standing, ledger: Ledger) => Promise<T>,
): Promise<T> {
  const deployment =
    config.ledger.kind === 'sqlite' ? viewDataFolder(config.data).deployment : (config.deployment ?? '');
  return withLedger(config, async (ledger) => {
    const queues = await readQueues(config, { clock: systemClock });
    const now = systemClock.now();
    return use(await readStanding(config, { ledger, queues, deployment, now }), ledger);
  });
}

interface Stores {
  readonly ledger: Ledger;
  readonly queues: readonly QueueStatus[];
  readonly deployment: string;
  readonly now: number;
}

/** What can be told without looking at every contact. */
export async function readStanding(
  config: Config,
  { ledger, queues, deployment, now }: Stores,
): Promise<Standing> {
  const tenants = config.tenants.map((tenant) => tenant.id);
  const swept = await Promise.all(tenants.map((tenant) => ledger.counters.read(sweptAt(tenant))));
  const parked = await ledger.mailboxes.parked();
  const subscriptions = await Promise.all(
    tenants.map(async (tenant) =>
      (await ledger.subscriptions.all(tenant)).map(({ resource, expires }) => ({
        tenant,
        resource,
        expires: iso(expires),
      })),
    ),
  );
  const throttles = await Promise.all(
    tenants.map(async (tenant) =>
      (await ledger.throttles.recent(tenant)).map(({ at, scope, pool, status, waitMs }) => ({
        tenant,
        at: iso(at),
        scope,
        pool,
        status,
        retryAfterSeconds: waitMs === null ? null : waitMs / 1_000,
      })),
    ),
  );
  const lastSweep = Math.max(0, ...swept);
  return {
    at: iso(now),
    deployment,
    jobs: await jobsOf(ledger, tenantsOf(config)),
    halts: await haltStatusesOf(ledger),
    subscriptions: subscriptions.flat(),
    queues,
    processes: (await ledger.crew.all()).map(({ id, role, configuration, at }) => ({
      id,
      role,
      configuration,
      seen: iso(at),
    })),
    parked: parked.map(({ tenant, owner, reason, troubledSince, notBefore }) => ({
      tenant,
      mailbox: owner,
      reason: reason ?? 'unknown',
      since: iso(troubledSince ?? now),
      nextTry: iso(notBefore),
    })),
    setbacks: await setbacksOf(ledger),
    throttles: throttles.flat(),
    tenants: await Promise.all(tenants.map((tenant) => tenantOf(ledger, tenant, now))),
    lastSweep: lastSweep === 0 ? null : iso(lastSweep),
    foundBySweep: await ledger.counters.read('found by sweep'),
    audits: await auditStandingOf(ledger),
    missingGroups: (await missingGroupsOf(ledger, config.jobs.flatMap(routesOf))).map((one) => ({
      ...one,
      since: iso(one.since),
    })),
  };
}

async function tenantOf({ counters }: Ledger, tenant: string, now: number): Promise<TenantStatus> {
  const swept = await counters.read(sweptAt(tenant));
  const hindered = await counters.read(hinderedSince(tenant));
  const ends = await counters.read(certificateEnds(tenant));
  const daysLeft = Math.floor((ends - now) / DAY_MS);
  return {
    tenant,
    lastSweep: swept === 0 ? null : iso(swept),
    hinderedSince: hindered === 0 ? null : iso(hindered),
    certificate: ends === 0 ? null : { ends: iso(ends), daysLeft, endsSoon: daysLeft < WARNING_DAYS },
  };
}

export async function haltStatusesOf({ halts }: Pick<Ledger, 'halts'>): Promise<HaltStatus[]> {
  return (await halts.all()).map(({ scope, mode, since }) => ({
    scope: scope.kind,
    name: scope.kind === 'all' ? null : scope.name,
    mode,
    since: iso(since),
  }));
}

export type Contacts = Pick<JobStatus, 'contacts' | 'behind'>;

/** Contacts of a job: a look at each link, of which there may be millions. */
export async function contactsOf(config: Config, ledger: Ledger, job: string): Promise<Contacts> {
  const isOwn = config.jobs.some((one) => one.id === job && showsOwners(one));
  const counts = { contacts: 0, behind: 0 };
  for (const { key } of (await ledger.routes.all()).filter((route) => route.job === job)) {
    const { right, behind } = await ledger.links.count(key, isOwn);
    counts.contacts += right;
    counts.behind += behind;
  }
  return counts;
}

async function jobsOf(ledger: Ledger, configured: ReadonlySet<string>): Promise<JobStanding[]> {
  const stranded = new Map((await strandedIn(ledger, configured)).map(({ job, tenant }) => [job, tenant]));
  const jobs = Map.groupBy(await ledger.routes.all(), (route) => route.job);
  const statuses: JobStanding[] = [];
  const halts = await ledger.halts.ofRoutes();
  // Also where a pause outdoes it.
  const ordered = (await ledger.halts.all()).flatMap(({ scope, mode }) =>
    mode === 'reverting' && scope.kind === 'job' ? scope.name : [],
  );
  for (const [job, routes] of jobs) {
    const status = { job, people: 0, mailboxes: 0 };
    for (const { key } of routes) {
      // Directions of one job show the same ones.
      status.people = Math.max(status.people, (await ledger.cards.count(key)).shown);
      status.mailboxes += await ledger.places.count(key);
    }
    const found = (await ledger.guard.suspicions()).find((one) => one.job === job);
    const suspicion = found ? { since: iso(found.at), reason: reasonOf(found) } : null;
    const held = (await ledger.guard.held(job)).map(({ kind, subject, since }) => ({
      kind,
      id: subject,
      since: iso(since),
      reason: holdReason(found),
    }));
    const stopped = routes.flatMap(({ id }) => halts.get(id) ?? []);
    const revert = await revertState(ledger, job);
    const searches = await Promise.all(routes.map((one) => isSearchDue(ledger, one.targetTenant)));
    const isReverted = stopped.includes('reverting') && revert.left === 0 && !searches.includes(true);
    statuses.push({
      ...status,
      held,
      resting: await ledger.guard.resting(job),
      missingTenant: stranded.get(job) ?? null,
      suspicion,
      halt: isReverted ? 'reverted' : (stopped[0] ?? null),
      revert: ordered.includes(job) ? revert : null,
    });
  }
  return statuses;
}
