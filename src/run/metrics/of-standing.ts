import type { Registry } from 'prom-client';
import type { Clock } from '../../kit/clock.ts';
import { ownerOfContacts } from '../../model/contact-path.ts';
import type { Standing, SubscriptionStatus } from '../status-report.ts';
import { expose, type Samples } from './expose.ts';
import type { MetricName } from './catalogue.ts';

/** What `status` tells, but for what takes a look at every contact; without ids of anybody. */
export function exposeStanding(
  registry: Registry,
  { read, clock }: { readonly read: () => Promise<Standing>; readonly clock: Clock },
): void {
  expose(registry, 'contact_sync_state_readable', async () => [
    [
      {},
      await read().then(
        () => 1,
        () => 0,
      ),
    ],
  ]);
  const metrics = { ...ofQueues, ...ofJobs, ...ofTenants };
  for (const [name, samples] of Object.entries(metrics))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of three records whose keys are names
    expose(registry, name as MetricName, async () => samples(await read(), clock.now()));
}

type Reading = Readonly<Partial<Record<MetricName, (standing: Standing, now: number) => Samples>>>;

const ofQueues = {
  contact_sync_queue_messages: ({ queues }) =>
    queues.flatMap(({ name: queue, due, delayed, held }) => [
      [{ queue, state: 'due' }, due],
      [{ queue, state: 'delayed' }, delayed],
      [{ queue, state: 'held' }, held],
    ]),
  contact_sync_queue_oldest_due_seconds: ({ queues }) =>
    queues.map(({ name: queue, oldestDueSeconds }) => [{ queue }, oldestDueSeconds]),
  contact_sync_dead_letters: ({ queues }) => queues.map(({ name: queue, dead }) => [{ queue }, dead]),
  contact_sync_given_up: ({ setbacks: { work, folders, contacts } }) => [
    [{ kind: 'work' }, work],
    [{ kind: 'folders' }, folders],
    [{ kind: 'contacts' }, contacts],
  ],
  contact_sync_processes: ({ processes }) =>
    [...Map.groupBy(processes, ({ role }) => role)].map(([role, some]) => [{ role }, some.length]),
} as const satisfies Reading;

const HELD = ['person', 'mailbox'] as const;
const STOPPED = ['paused', 'reverting', 'reverted'] as const;

const ofJobs = {
  contact_sync_held_removals: ({ jobs }) =>
    jobs.flatMap(({ job: job_id, held }) =>
      HELD.map((kind) => [{ job_id, kind }, held.filter((one) => one.kind === kind).length] as const),
    ),
  contact_sync_source_suspicious: ({ jobs }) =>
    jobs.map(({ job: job_id, suspicion }) => [{ job_id }, suspicion === null ? 0 : 1]),
  contact_sync_job_stopped: ({ jobs }) =>
    jobs.flatMap(({ job: job_id, halt }) =>
      STOPPED.map((mode) => [{ job_id, mode }, halt === mode ? 1 : 0] as const),
    ),
  contact_sync_people: ({ jobs }) => jobs.map(({ job: job_id, people }) => [{ job_id }, people]),
  contact_sync_mailboxes: ({ jobs }) => jobs.map(({ job: job_id, mailboxes }) => [{ job_id }, mailboxes]),
  contact_sync_last_audit_timestamp_seconds: ({ audits }) =>
    audits.flatMap(({ job: job_id, latest }) => at({ job_id }, latest)),
  contact_sync_oldest_audit_timestamp_seconds: ({ audits }) =>
    audits.flatMap(({ job: job_id, oldest }) => at({ job_id }, oldest)),
  contact_sync_drifted_mailboxes: ({ audits }) =>
    audits.map(({ job: job_id, drifted }) => [{ job_id }, drifted]),
} as const satisfies Reading;

const ofTenants = {
  contact_sync_parked_mailboxes: ({ tenants, parked }) =>
    tenants.map(({ tenant }) => [{ tenant }, parked.filter((one) => one.tenant === tenant).length]),
  contact_sync_missing_groups: ({ tenants, missingGroups }) =>
    tenants.map(({ tenant }) => [{ tenant }, missingGroups.filter((one) => one.tenant === tenant).length]),
  contact_sync_subscriptions: ({ subscriptions }) =>
    alike(subscriptions).map(({ labels, some }) => [labels, some.length]),
  contact_sync_subscription_expiry_timestamp_seconds: ({ subscriptions }) =>
    alike(subscriptions).map(({ labels, some }) => [
      labels,
      Math.min(...some.map(({ expires }) => seconds(expires))),
    ]),
  contact_sync_certificate_expiry_timestamp_seconds: ({ tenants }) =>
    tenants.flatMap(({ tenant, certificate }) => at({ tenant }, certificate?.ends ?? null)),
  contact_sync_tenant_hindered_seconds: ({ tenants }, now) =>
    tenants.map(({ tenant, hinderedSince }) => [
      { tenant },
      hinderedSince === null ? 0 : Math.max(0, now / 1_000 - seconds(hinderedSince)),
    ]),
  contact_sync_last_sweep_timestamp_seconds: ({ tenants }) =>
    tenants.flatMap(({ tenant, lastSweep }) => at({ tenant }, lastSweep)),
  contact_sync_found_by_sweep_total: ({ foundBySweep }) => [[{}, foundBySweep]],
} as const satisfies Reading;

/** Those of a tenant that tell of the same: a subscription to somebody's contacts names a mailbox, which no label does. */
function alike(
  subscriptions: readonly SubscriptionStatus[],
): { labels: { tenant: string; resource: string }; some: readonly SubscriptionStatus[] }[] {
  const groups = Map.groupBy(subscriptions, ({ tenant, resource }) => `${tenant}|${wordFor(resource)}`);
  return [...groups.values()].flatMap((some) => {
    const [first] = some;
    return first ? { labels: { tenant: first.tenant, resource: wordFor(first.resource) }, some } : [];
  });
}

function wordFor(resource: string): string {
  if (resource === 'users' || resource === 'groups') return resource;
  return ownerOfContacts(resource) === null ? 'other' : 'contacts';
}

function at(labels: Readonly<Record<string, string>>, time: string | null): Samples {
  return time === null ? [] : [[labels, seconds(time)]];
}

function seconds(time: string): number {
  return Date.parse(time) / 1_000;
}
