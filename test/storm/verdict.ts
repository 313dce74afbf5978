import { compareMailboxes, orphans, type DirectoryJob } from '../tenant/expectation.ts';
import type { FaultKind } from '../tenant/faults.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Forgotten } from './forgotten.ts';
import type { GuardWatch } from './guard-watch.ts';
import type { Mode, Plan } from './plan.ts';

export interface Outcome {
  readonly seed: number;
  readonly mode: Mode;
  /** Requests to the tenant: the steps at which oracles looked. */
  readonly steps: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly divergences: number;
  readonly duplicates: number;
  /** What the oracles noted, ids only; empty when all is well. */
  readonly complaints: readonly string[];
  /** The same for the same seed, in every run. */
  readonly trace: string;
}

/** A storm that is over. */
interface Aftermath {
  readonly plan: Plan;
  readonly tenant: Tenant;
  /** As configured at the end. */
  readonly jobs: readonly DirectoryJob[];
  readonly forgotten: Forgotten;
  readonly guard: GuardWatch;
  readonly isRunning: boolean;
  readonly steps: number;
  /** Faults of the storm's own, beside the tenant's. */
  readonly counted: Readonly<Record<string, number>>;
  readonly trace: string;
}

/** Holds every mailbox against the directory, and gathers what the oracles noted on the way. */
export function judge(after: Aftermath): Outcome {
  const { plan, tenant, jobs, forgotten, guard, isRunning, steps, counted, trace } = after;
  const compared = jobs.map((job) =>
    compareMailboxes(tenant, job, (owner) => forgotten.has(job.route ?? '', owner)),
  );
  const divergences = compared.flatMap((one) => one.divergences);
  const duplicates = compared.reduce((sum, one) => sum + one.duplicates, 0);
  const foreignTouched = tenant.oracles.count('foreign-touched');
  const left = orphans(tenant, new Set(jobs.map(({ route }) => route ?? '')), (route, owner) =>
    forgotten.has(route, owner),
  );
  const complaints = [
    ...divergences.map(
      ({ kind, mailbox, source, fields }) => `${kind} ${mailbox} ${source} ${fields.join(',')}`,
    ),
    ...tenant.oracles.violations.map(
      ({ kind, at, detail }) => `${kind} at ${new Date(at).toISOString()} ${detail}`,
    ),
    ...guard.beyond.map(
      ({ at, people }) => `guard: ${people} people removed by ${new Date(at).toISOString()}`,
    ),
    ...(foreignTouched > 0 ? [`${foreignTouched} foreign items touched`] : []),
    ...(left > 0 ? [`${left} items are left of jobs that are gone`] : []),
    ...(duplicates > 0 ? [`${duplicates} duplicates at the end`] : []),
    ...(isRunning ? [] : ['the service is not running at the end']),
  ];
  const faults: Record<string, number> = { ...counted };
  for (const [kind, count] of tenant.faultCounts satisfies ReadonlyMap<FaultKind, number>)
    faults[kind] = count;
  return {
    seed: plan.seed,
    mode: plan.mode,
    steps,
    faults,
    divergences: divergences.length + left,
    duplicates: duplicates + tenant.oracles.count('duplicate-mark'),
    complaints,
    trace,
  };
}
