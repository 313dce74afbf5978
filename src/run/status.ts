import type { Suspicion } from '../engine/ledger-books.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { revertState } from '../engine/revert.ts';
import { systemClock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { viewDataFolder } from '../kit/data-folder.ts';
import { readDepths } from '../queue/figures.ts';
import { auditStatusOf } from './audit-status.ts';
import { QUEUE_FILE } from './files.ts';
import { withLedger } from './orders.ts';
import { sweptAt } from './sweeper.ts';
import { certificateEnds, hinderedSince } from './tenant-notes.ts';
import type { JobStatus, QueueStatus, Status, TenantStatus } from './service.ts';

const DAY_MS = 86_400_000;
/** Long enough to make another one, have it registered and rolled out. */
const WARNING_DAYS = 30;

/** How things stand, read beside a running service. */
export async function readStatus(config: Config): Promise<Status> {
  const folder = viewDataFolder(config.data);
  const now = systemClock.now();
  return withLedger(config, async (ledger) => {
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
      deployment: folder.deployment,
      jobs: await jobsOf(ledger),
      halts: (await ledger.halts.all()).map(({ scope, mode, since }) => ({
        scope: scope.kind,
        name: scope.kind === 'all' ? null : scope.name,
        mode,
        since: iso(since),
      })),
      subscriptions: subscriptions.flat(),
      queues: queuesOf(folder.file(QUEUE_FILE), now),
      parked: parked.map(({ tenant, owner, reason, troubledSince, notBefore }) => ({
        tenant,
        mailbox: owner,
        reason: reason ?? 'unknown',
        since: iso(troubledSince ?? now),
        nextTry: iso(notBefore),
      })),
      throttles: throttles.flat(),
      tenants: await Promise.all(tenants.map((tenant) => tenantOf(ledger, tenant, now))),
      lastSweep: lastSweep === 0 ? null : iso(lastSweep),
      foundBySweep: await ledger.counters.read('found by sweep'),
      audits: await auditStatusOf(ledger),
    };
  });
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

async function jobsOf(ledger: Ledger): Promise<JobStatus[]> {
  const jobs = Map.groupBy(await ledger.routes.all(), (route) => route.job);
  const statuses: JobStatus[] = [];
  const halts = await ledger.halts.ofRoutes();
  const filling = (await ledger.places.unfilledSlabs()).length > 0;
  for (const [job, routes] of jobs) {
    const status = { job, people: 0, mailboxes: 0, contacts: 0, behind: 0 };
    for (const { key } of routes) {
      const { right, behind } = await ledger.links.count(key);
      const people = (await ledger.cards.count(key)).shown;
      const mailboxes = await ledger.places.count(key);
      status.people += people;
      status.mailboxes += mailboxes;
      status.contacts += right;
      // Contacts that were never made are in no link; while places are filled, they are what is missing to all.
      status.behind += filling ? Math.max(behind, people * mailboxes - right) : behind;
    }
    const found = (await ledger.guard.suspicions()).find((one) => one.job === job);
    const suspicion = found ? { since: iso(found.at), reason: reasonOf(found) } : null;
    const held = (await ledger.guard.held(job)).map(({ kind, subject, since }) => ({
      kind,
      id: subject,
      since: iso(since),
      reason: suspicion?.reason ?? 'more removals in 24 hours than the guard allows',
    }));
    const stopped = routes.flatMap(({ id }) => halts.get(id) ?? []);
    const revert = await revertState(ledger, job);
    const isReverted = stopped.includes('reverting') && revert.left === 0;
    statuses.push({
      ...status,
      held,
      suspicion,
      halt: isReverted ? 'reverted' : (stopped[0] ?? null),
      revert: stopped.includes('reverting') ? revert : null,
    });
  }
  return statuses;
}

/** What a suspicion means to the one who has to decide. */
function reasonOf({ reason, lost, scope }: Suspicion): string {
  const size = `${lost} of ${scope} at once`;
  if (reason === 'group gone') return `a group with members was deleted or cannot be found any more: ${size}`;
  if (reason === 'groups shrank') return `the groups shrank suddenly: ${size}`;
  return `a full round over the directory did not list everybody: ${size} were missing`;
}

function queuesOf(file: string, now: number): QueueStatus[] {
  return Object.entries(readDepths(file, now) ?? {}).map(
    ([name, { due, delayed, held, dead, oldestDueMs }]) => ({
      name,
      due,
      delayed,
      held,
      dead,
      oldestDueSeconds: oldestDueMs / 1000,
    }),
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
