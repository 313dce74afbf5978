import type { Config } from '../kit/config/config.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import type { openDashboard as OpenDashboard } from './dashboard-role.ts';
import type { examine as Examine, Finding } from './doctor/examine.ts';
import type {
  dropGivenUp as DropGivenUp,
  listGivenUp as ListGivenUp,
  retryGivenUp as RetryGivenUp,
  Revived,
} from './given-up/orders.ts';
import type { GivenUp, GivenUpReport } from './given-up/report.ts';
import type { explain as Explain } from './explain/explain.ts';
import type { ExplainReport } from './explain/report.ts';
import type { MoveReport, Shape } from './move.ts';
import type { PlanReport } from './plan-report.ts';
import type {
  checkQueues as CheckQueues,
  createQueues as CreateQueues,
  QueuesReport,
} from './queue-setup.ts';
import type { Ropa } from './ropa/report.ts';
import type { ropaOf } from './ropa/ropa.ts';
import type { readRecord as ReadRecord, RecordReport } from './read-record.ts';
import type { ServiceRole } from './role-name.ts';
import type { Running, Service, Surroundings } from './service.ts';
import { isShared } from './shared-config.ts';
import type { SubjectOrder, SubjectReport } from './subject/report.ts';
import type { ChangesReport, TraceReport } from './trace/report.ts';
import type { latestChanges as LatestChanges, traceChange as TraceChange } from './trace/trace.ts';
import type { eraseSubject as EraseSubject, findSubject as FindSubject } from './subject/subject.ts';

/**
 * What the command line asks for, and which parts it takes. Each is loaded when it is asked for: a look at the status needs
 * neither what talks to Graph nor what talks to a bus.
 */

export { approve, auditBeside, pause, resume, retry, revertBeside } from './orders.ts';
export { readStatus } from './status.ts';
export { dashboardLink } from './dashboard-link.ts';

/**
 * Opens the service, or the part of it that this process is. Throws `HeldByAnother` when it is to be alone, and another process
 * has the data folder.
 */
export async function openService(
  config: Config,
  surroundings: Surroundings,
  role: ServiceRole = 'all',
): Promise<Service> {
  if (!isShared(config)) return (await import('./alone.ts')).openAlone(config, surroundings);
  return (await import('./shared.ts')).openShared(config, surroundings, role);
}

/** The dashboard as a process of its own. */
export async function openDashboard(...asked: Parameters<typeof OpenDashboard>): Promise<Running> {
  return (await import('./dashboard-role.ts')).openDashboard(...asked);
}

/** Moves everything from the files of the data folder to what several processes share, or back. */
export async function move(
  config: Config,
  surroundings: Surroundings,
  { from }: { readonly from: Shape },
): Promise<MoveReport> {
  if (!isShared(config))
    throw new DataFolderFault(
      `${config.file} names no queue and ledger that several processes share: a move takes both, with deployment, fingerprintKey and the data folder`,
    );
  const onProgress = ({ done, total }: { done: number; total: number }): void =>
    surroundings.onProgress?.({ phase: 'move', done, total });
  return (await import('./move.ts')).move(config, surroundings, { from, onProgress });
}

/** A dry run over a copy of the ledger, beside a running service or before the first start. */
export async function plan(config: Config, surroundings: Surroundings): Promise<PlanReport> {
  return (await import('./dry-run.ts')).dryRun(config, surroundings);
}

/** Looks at every precondition of the service. */
export async function examine(...asked: Parameters<typeof Examine>): Promise<readonly Finding[]> {
  return (await import('./doctor/examine.ts')).examine(...asked);
}

/** Why somebody is, or is not, in a mailbox. */
export async function explain(...asked: Parameters<typeof Explain>): Promise<ExplainReport> {
  return (await import('./explain/explain.ts')).explain(...asked);
}

/** The record of processing activities of what is configured. */
export async function ropa(...asked: Parameters<typeof ropaOf>): Promise<Ropa> {
  return (await import('./ropa/ropa.ts')).ropaOf(...asked);
}

/** What was written into mailboxes. */
export async function readRecord(...asked: Parameters<typeof ReadRecord>): Promise<RecordReport> {
  return (await import('./read-record.ts')).readRecord(...asked);
}

/** What became of one event. */
export async function traceChange(...asked: Parameters<typeof TraceChange>): Promise<TraceReport> {
  return (await import('./trace/trace.ts')).traceChange(...asked);
}

/** Which events there were about an object. */
export async function latestChanges(...asked: Parameters<typeof LatestChanges>): Promise<ChangesReport> {
  return (await import('./trace/trace.ts')).latestChanges(...asked);
}

/** Wherever the contacts of a person are. */
export async function findSubject(...asked: Parameters<typeof FindSubject>): Promise<SubjectReport> {
  return (await import('./subject/subject.ts')).findSubject(...asked);
}

/** Has them removed, and keeps the person out. */
export async function eraseSubject(...asked: Parameters<typeof EraseSubject>): Promise<SubjectOrder> {
  return (await import('./subject/subject.ts')).eraseSubject(...asked);
}

/** Takes that back. */
export async function restoreSubject(...asked: Parameters<typeof EraseSubject>): Promise<SubjectOrder> {
  return (await import('./subject/subject.ts')).restoreSubject(...asked);
}

/** What was given up, in queues and ledger. */
export async function listGivenUp(...asked: Parameters<typeof ListGivenUp>): Promise<GivenUpReport> {
  return (await import('./given-up/orders.ts')).listGivenUp(...asked);
}

/** Has one of it, or all, tried again. */
export async function retryGivenUp(...asked: Parameters<typeof RetryGivenUp>): Promise<Revived | null> {
  return (await import('./given-up/orders.ts')).retryGivenUp(...asked);
}

/** Forgets one of it. */
export async function dropGivenUp(...asked: Parameters<typeof DropGivenUp>): Promise<GivenUp | null> {
  return (await import('./given-up/orders.ts')).dropGivenUp(...asked);
}

/** Makes the queues of the bus that are missing, then checks all of them. */
export async function createQueues(...asked: Parameters<typeof CreateQueues>): Promise<QueuesReport> {
  return (await import('./queue-setup.ts')).createQueues(...asked);
}

/** Checks the queues of the bus, and changes nothing. */
export async function checkQueues(...asked: Parameters<typeof CheckQueues>): Promise<QueuesReport> {
  return (await import('./queue-setup.ts')).checkQueues(...asked);
}
