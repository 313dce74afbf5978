import type { DirectoryJob } from '../tenant/directory-job.ts';
import { compareMailboxes, orphans } from '../tenant/expectation.ts';
import type { FaultKind } from '../tenant/faults.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';
import type { GuardWatch } from './guard-watch.ts';
import type { Partner } from './partner.ts';
import type { Mode, Plan } from './plan.ts';

export interface Outcome {
  readonly seed: number;
  readonly mode: Mode;
  /** Requests to the tenant: the steps at which oracles looked. */
  readonly steps: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What people did, by kind. */
  readonly deeds: Deeds['counts'];
  readonly divergences: number;
  readonly duplicates: number;
  /** What the oracles noted, ids only; empty when all is well. */
  readonly complaints: readonly string[];
  /** The same for the same seed, in every run. */
  readonly trace: string;
  /** Of contacts that members share: what an edit at rest was written, and among how many. */
  readonly writesPerEdit?: { readonly writes: number; readonly members: number } | undefined;
}

/** A storm that is over. */
interface Aftermath {
  readonly plan: Plan;
  readonly tenant: Tenant;
  /** As configured at the end. */
  readonly jobs: readonly DirectoryJob[];
  readonly partner: Partner | null;
  readonly guard: GuardWatch;
  readonly isRunning: boolean;
  /** What was wrong with the contacts of people whose removal was held. */
  readonly heldWrong: readonly string[];
  /** What the service gave up and did not make good by the end: nothing stands in its way any more. */
  readonly setbacks: readonly string[];
  readonly steps: number;
  /** Faults of the storm's own, beside the tenant's. */
  readonly counted: Readonly<Record<string, number>>;
  readonly deeds: Deeds['counts'];
  readonly trace: string;
}

/** What the oracles noted at every step so far. */
export function violationsIn(tenant: Tenant, partner: Partner | null): Tenant['oracles']['violations'] {
  return [...tenant.oracles.violations, ...(partner?.tenant.oracles.violations ?? [])];
}

/** Holds every mailbox against the directory, and gathers what the oracles noted on the way. */
export function judge(after: Aftermath): Outcome {
  const { plan, tenant, jobs, partner, guard, isRunning, heldWrong, steps, counted, deeds, trace } = after;
  const abroad = partner?.compare();
  const setbacks = after.setbacks.filter((setback) => !isAsItShouldBe(partner, setback));
  const compared = jobs.map((job) => compareMailboxes(tenant, job));
  const divergences = compared.flatMap((one) => one.divergences);
  const duplicates = compared.reduce((sum, one) => sum + one.duplicates, abroad?.duplicates ?? 0);
  const foreignTouched = tenant.oracles.count('foreign-touched');
  const left = orphans(tenant, new Set(jobs.map(({ route }) => route ?? '')));
  const complaints = [
    ...violationsIn(tenant, partner).map(
      ({ kind, at, detail }) => `${kind} at ${new Date(at).toISOString()} ${detail}`,
    ),
    ...divergences.map(
      ({ kind, mailbox, source, fields }) => `${kind} ${mailbox} ${source} ${fields.join(',')}`,
    ),
    ...(abroad?.divergences ?? []).map(({ kind, source, fields }) => `${kind} ${source} ${fields.join(',')}`),
    ...[...guard.beyond, ...(partner?.removals.beyond ?? [])].map(
      ({ at, people }) => `guard: ${people} people removed by ${new Date(at).toISOString()}`,
    ),
    ...(foreignTouched > 0 ? [`${foreignTouched} foreign items touched`] : []),
    ...(left > 0 ? [`${left} items are left of jobs that are gone`] : []),
    ...(duplicates > 0 ? [`${duplicates} duplicates at the end`] : []),
    ...heldWrong,
    ...setbacks.map((setback) => `given up: ${setback}`),
    ...(isRunning ? [] : ['the service is not running at the end']),
  ];
  const faults: Record<string, number> = { ...counted };
  for (const [kind, count] of tenant.faultCounts satisfies ReadonlyMap<FaultKind, number>)
    faults[kind] = count;
  for (const [kind, count] of partner?.tenant.exchange.dice.counts ?? []) faults[kind] = count;
  return {
    seed: plan.seed,
    mode: plan.mode,
    steps,
    faults,
    deeds,
    divergences: divergences.length + left + (abroad?.divergences.length ?? 0),
    duplicates: duplicates + tenant.oracles.count('duplicate-mark'),
    complaints,
    trace,
  };
}

/** An address that somebody else has is theirs: the contact waits for it, and the ledger names it. */
function isAsItShouldBe(partner: Partner | null, setback: string): boolean {
  const [, person] = /^contact\|.*\|([0-9a-f-]{36}) conflict: Address/.exec(setback) ?? [];
  return partner !== null && person !== undefined && partner.isHeld(person);
}
