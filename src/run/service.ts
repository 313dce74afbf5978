import type { HaltScope } from '../engine/ledger-books.ts';
import type { Config } from '../kit/config/config.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { Transport } from '../kit/transport.ts';
import type { Watching } from './reverting.ts';
import type { dropGivenUp, listGivenUp, retryGivenUp } from './given-up/orders.ts';
import type { explain } from './explain/explain.ts';
import type { dashboardLink } from './dashboard-link.ts';
import type { examine } from './doctor/examine.ts';
import type { checkQueues, createQueues } from './queue-setup.ts';
import type { readRecord } from './read-record.ts';
import type { latestChanges, traceChange } from './trace/trace.ts';
import type { ServiceRole } from './role-name.ts';
import type { eraseSubject, findSubject, restoreSubject } from './subject/subject.ts';
import type { ropaOf } from './ropa/ropa.ts';
import type { Ropa } from './ropa/report.ts';

import type { AuditReport } from './audit-report.ts';
import type { MoveReport, Shape } from './move.ts';
import type { PlanReport } from './plan-report.ts';
import type { Status } from './status-report.ts';

/** What the service takes from outside, so that everything can be simulated. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly log: Log;
  /** Spans for a tracing backend; not there where nobody asks for them. */
  readonly tracing?: Tracing | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far it is: `done` of `total` contacts are known to be right, mailboxes are free of the job or verified, rows are copied. */
export interface Progress {
  readonly phase: 'directory' | 'contacts' | 'revert' | 'audit' | 'move';
  readonly done: number;
  readonly total: number;
}

/** What runs until it is stopped. */
export interface Running {
  /** Every role of this process until the signal aborts, then drains: nothing is left half done. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives every file and lock back. */
  close(): Promise<void>;
}

export interface Service extends Running {
  /** One delta sweep over the source, and everything that follows from it, until the queues have nothing due. */
  sweep(signal: AbortSignal): Promise<SweepReport>;
  /** Everything up to date, then return: first fill, sweep, waiting changes. Needs no public URL. */
  syncOnce(signal: AbortSignal): Promise<SyncReport>;
  /** Every mailbox held against what it should show, put right, and looked at once more. */
  audit(signal: AbortSignal, options: { readonly full: boolean }): Promise<AuditReport>;
  /** Takes back what a job put into mailboxes, until nothing is left or somebody stops it. Resumes where it stopped. */
  revert(job: string, signal: AbortSignal): Promise<RevertReport>;
}

export interface SweepReport {
  /** Objects that the directory reported as changed since the token used. */
  readonly changed: number;
  /** Real differences that no notification had announced. */
  readonly found: number;
  readonly httpRequests: number;
  readonly seconds: number;
}

export interface SyncReport {
  readonly mailboxes: number;
  readonly contacts: number;
  readonly writes: number;
  readonly httpRequests: number;
  readonly seconds: number;
  /** Work that waits for a later look or for a mailbox that asked to wait. */
  readonly waiting: number;
  /** Work that failed so far and is tried again: not everything could be read or written. */
  readonly failing: number;
  readonly held: number;
  /** Work that failed again and again, and is tried again later. */
  readonly dead: number;
  /** Folders and contacts that do not succeed, each by itself, and are not waited for. */
  readonly blocked: number;
  /** Jobs that are stopped by `pause` or `revert`: nothing was written for them. */
  readonly stopped: readonly string[];
}

export interface Retried {
  readonly mailboxes: number;
  /** Work, folders and contacts. */
  readonly other: number;
}

export interface RevertReport {
  readonly job: string;
  /** Looked at after their contacts were removed, with the result that nothing of the job is left in them. */
  readonly mailboxes: number;
  /** Among those: the folder stayed, since its owner has put something there. */
  readonly kept: number;
  /** Mailboxes that still hold something of the job. */
  readonly left: number;
  /** The ledger was lost, and the mailboxes are not all searched yet for what it forgot: there may be more than `left`. */
  readonly searching: boolean;
  /** By Ctrl-C or `pause`. */
  readonly stopped: boolean;
  /** Null where another process did the work. */
  readonly httpRequests: number | null;
  readonly seconds: number;
}

/** What the command line calls for a receiver of its own. */
export interface Receiving {
  openReceiver(config: Config, surroundings: Surroundings): Running;
}

/** The functions of `src/run` that the command line calls. */
export interface Run {
  /** Opens the data folder, ledger and queues. Throws one clear line when another process holds them. */
  openService(config: Config, surroundings: Surroundings, role?: ServiceRole): Promise<Service>;
  /** Reads the ledger and queues beside a running service; nothing is changed. */
  readStatus(config: Config): Promise<Status>;
  /** A dry run: reads the directory, and writes nothing, not even into the data folder. */
  plan(config: Config, surroundings: Surroundings): Promise<PlanReport>;
  /** Ledger and waiting messages, from the data folder to queue and ledger of the configuration, or back. */
  move(config: Config, surroundings: Surroundings, options: { readonly from: Shape }): Promise<MoveReport>;
  /** Releases held removals of one job, or of all; returns how many. */
  approve(config: Config, job?: string): Promise<number>;
  /** Nothing is written to the mailboxes of the scope any more, by whatever process, within about a second. */
  pause(config: Config, scope: HaltScope): Promise<void>;
  /** Takes the scope up again; false when it was not stopped. A job that was reverted is filled anew. */
  resume(config: Config, scope: HaltScope): Promise<boolean>;
  /** Orders an audit of the service that has the data folder, and watches it. */
  auditBeside(config: Config, options: { readonly full: boolean }, watching: Watching): Promise<AuditReport>;
  /** Parked mailboxes, or the one of this owner, are tried again within a minute by a running service; unless one is named, everything else that failed, too. */
  retry(config: Config, mailbox?: string): Promise<Retried>;
  /** Why somebody is, or is not, in a mailbox; reads, and writes nothing. */
  readonly explain: typeof explain;
  /** The record of processing activities; from the configuration alone. */
  ropa(...asked: Parameters<typeof ropaOf>): Promise<Ropa>;
  /** What was written into mailboxes, and what came of it. */
  readonly readRecord: typeof readRecord;
  /** What became of one event; and which events there were about an object. */
  readonly traceChange: typeof traceChange;
  readonly latestChanges: typeof latestChanges;
  /** Wherever the contacts of a person are; `eraseSubject` has them removed and keeps the person out. */
  readonly findSubject: typeof findSubject;
  readonly eraseSubject: typeof eraseSubject;
  readonly restoreSubject: typeof restoreSubject;
  /** What was given up, in queues and ledger; `retry` and `drop` take one of it by its id. */
  readonly listGivenUp: typeof listGivenUp;
  readonly retryGivenUp: typeof retryGivenUp;
  readonly dropGivenUp: typeof dropGivenUp;
  /** Makes the queues that are missing at the bus, and checks all of them. */
  readonly createQueues: typeof createQueues;
  readonly checkQueues: typeof checkQueues;
  /** Looks at every precondition; changes nothing anywhere, and may run beside the service. */
  readonly examine: typeof examine;
  /** The dashboard as a process of its own, beside whoever works. */
  openDashboard(config: Config, surroundings: Surroundings): Promise<Running>;
  /** Makes a link that signs in there once. */
  readonly dashboardLink: typeof dashboardLink;
  /** Orders a revert of the service that has the data folder, and watches it. */
  revertBeside(config: Config, job: string, watching: Watching): Promise<RevertReport>;
}
