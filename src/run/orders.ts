import type { HaltScope } from '../engine/ledger-books.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { orderRevert } from '../engine/revert.ts';
import { routesOf } from '../jobs/routes.ts';
import { systemClock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import type { AuditReport } from './audit-report.ts';
import { besideService, prove } from './auditing.ts';
import { placesOf, showsOwners } from './places.ts';
import { readQueues } from './queue-depths.ts';
import { createSearch } from './revert-search.ts';
import { followRevert, type Watching } from './reverting.ts';
import type { Retried, RevertReport } from './service.ts';
import { SYSTEM } from './database-access.ts';
import { openLedgerOf } from './stores.ts';

/**
 * What administrators order while a service may be running, in other processes: lines in the ledger, which its database lets
 * all of them write. No lock is taken.
 */

/** Releases held removals of one job, or of all; the running service carries them out within a minute. */
export function approve(config: Config, job?: string): Promise<number> {
  return withLedger(config, (ledger) => ledger.guard.approve(job ?? null, systemClock.now()));
}

/** Nothing is written to the mailboxes of the scope any more, within about a second. */
export function pause(config: Config, scope: HaltScope): Promise<void> {
  return withLedger(config, (ledger) =>
    ledger.halts.set({ scope, mode: 'paused', since: systemClock.now() }),
  );
}

/** Takes the scope up again; false when it was not stopped. A job that was reverted is filled anew. */
export function resume(config: Config, scope: HaltScope): Promise<boolean> {
  return withLedger(config, (ledger) => ledger.halts.lift(scope));
}

/**
 * Parked mailboxes, or the one of this owner, need not wait any longer, and unless a mailbox is named neither does anything
 * else that failed: the running service tries them within a minute.
 */
export function retry(config: Config, mailbox?: string): Promise<Retried> {
  return withLedger(config, async (ledger) => ({
    mailboxes: await ledger.mailboxes.retry(mailbox ?? null),
    other: mailbox === undefined ? await ledger.setbacks.retry() : 0,
  }));
}

/** Orders an audit of the service that runs on this data folder, and watches it. */
export function auditBeside(
  config: Config,
  { full }: { readonly full: boolean },
  watching: Watching,
): Promise<AuditReport> {
  const chosen = config.jobs.filter(({ id }) => config.onlyJob === null || id === config.onlyJob);
  const { clock } = watching;
  const isBusy = async (): Promise<boolean> =>
    (await readQueues(config, watching)).some(({ due, held }) => due + held > 0);
  return withLedger(config, async (ledger) => {
    const tenants = [
      ...new Set(chosen.flatMap(routesOf).flatMap((route) => [route.sourceTenant, route.targetTenant])),
    ];
    const jobs = new Map(chosen.map((job) => [job.id, { ownContact: showsOwners(job) }]));
    const workers = besideService({ ...watching, ledger, tenants, isBusy });
    const proof = await prove({ ledger, now: () => clock.now(), jobs, full, failing: () => 0 }, workers);
    return { ...proof, httpRequests: null };
  });
}

/** Orders a revert; the running service carries it out, or the next one that is started. */
export function beginRevert(config: Config, job: string): Promise<void> {
  return withLedger(config, (ledger) => orderRevert(ledger, job, systemClock.now()));
}

/** Orders a revert of the service that runs on this data folder, and watches it. */
export function revertBeside(config: Config, job: string, watching: Watching): Promise<RevertReport> {
  return withLedger(config, async (ledger) => {
    await orderRevert(ledger, job, watching.clock.now());
    const search = createSearch({
      ledger,
      job,
      tenants: placesOf(config),
      // What is put off may be anything that the service works on.
      waiting: async () => {
        const changes = (await readQueues(config, watching)).find(({ name }) => name === 'changes');
        return (changes?.due ?? 0) + (changes?.held ?? 0);
      },
    });
    return followRevert(ledger, job, { ...watching, search });
  });
}

export async function withLedger<T>(config: Config, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedgerOf(config, SYSTEM);
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}
