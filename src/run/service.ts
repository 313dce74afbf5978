import type { HaltScope } from '../engine/ledger-books.ts';
import type { Config } from '../kit/config/config.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Transport } from '../kit/transport.ts';
import type { Watching } from './reverting.ts';

import type { AuditReport } from './audit-report.ts';
import type { AuditStatus } from './audit-status.ts';

/** What the service takes from outside, so that everything can be simulated. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly log: Log;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far it is: `done` of `total` contacts are known to be right, or mailboxes are free of the job. */
export interface Progress {
  readonly phase: 'directory' | 'contacts' | 'revert';
  readonly done: number;
  readonly total: number;
}

export interface Service {
  /** Every role until the signal aborts, then drains: nothing is left half done. */
  run(signal: AbortSignal): Promise<void>;
  /** One delta sweep over the source, and everything that follows from it, until the queues have nothing due. */
  sweep(signal: AbortSignal): Promise<SweepReport>;
  /** Everything up to date, then return: first fill, sweep, waiting changes. Needs no public URL. */
  syncOnce(signal: AbortSignal): Promise<SyncReport>;
  /** Every mailbox held against what it should show, put right, and looked at once more. */
  audit(signal: AbortSignal, options: { readonly full: boolean }): Promise<AuditReport>;
  /** Takes back what a job put into mailboxes, until nothing is left or somebody stops it. Resumes where it stopped. */
  revert(job: string, signal: AbortSignal): Promise<RevertReport>;
  /** Gives every file and lock back. */
  close(): Promise<void>;
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
  readonly held: number;
  readonly dead: number;
  /** Jobs that are stopped by `pause` or `revert`: nothing was written for them. */
  readonly stopped: readonly string[];
}

export interface PlanReport {
  readonly jobs: readonly PlannedJob[];
  /** Objects that could not be read: nothing is planned for them. */
  readonly unread: number;
  /** That the plan itself needed. */
  readonly httpRequests: number;
  readonly seconds: number;
}

export interface PlannedJob {
  readonly job: string;
  readonly halt: 'paused' | 'reverting' | null;
  /** People who would be shown, and mailboxes that would receive. */
  readonly people: number;
  readonly mailboxes: number;
  /** Contacts. */
  readonly create: number;
  readonly change: number;
  readonly remove: number;
  /** Contacts that a run would look up first: only then is it known whether they are right. */
  readonly look: number;
  /** People and mailboxes whose removal the guard would hold. */
  readonly hold: number;
  /** Full batches that the writes would take. */
  readonly requests: number;
  readonly rows: readonly PlanRow[];
}

export interface PlanRow {
  readonly kind: 'person' | 'mailbox';
  /** Object id. */
  readonly id: string;
  readonly action: 'create' | 'change' | 'remove' | 'fill' | 'empty' | 'hold';
  /** How many contacts that concerns. */
  readonly contacts: number;
  /** Names of the fields that would change; null where there are none, or where they could not be read. */
  readonly fields: readonly string[] | null;
  readonly reason: string | null;
}

export interface RevertReport {
  readonly job: string;
  /** Looked at after their contacts were removed, with the result that nothing of the job is left in them. */
  readonly mailboxes: number;
  /** Among those: the folder stayed, since its owner has put something there. */
  readonly kept: number;
  /** Mailboxes that still hold something of the job. */
  readonly left: number;
  /** By Ctrl-C or `pause`. */
  readonly stopped: boolean;
  /** Null where another process did the work. */
  readonly httpRequests: number | null;
  readonly seconds: number;
}

export interface Status {
  readonly at: string;
  readonly deployment: string;
  readonly jobs: readonly JobStatus[];
  /** What administrators stopped. */
  readonly halts: readonly HaltStatus[];
  readonly subscriptions: readonly SubscriptionStatus[];
  readonly queues: readonly QueueStatus[];
  readonly parked: readonly ParkedMailbox[];
  /** What Microsoft Graph asked for lately, newest first; a running service adds to it every ten seconds. */
  readonly throttles: readonly ThrottleStatus[];
  readonly tenants: readonly TenantStatus[];
  readonly lastSweep: string | null;
  /** Differences that only a sweep found: the one sign of notifications that were lost without a word. */
  readonly foundBySweep: number;
  readonly audits: readonly AuditStatus[];
}

export interface TenantStatus {
  readonly tenant: string;
  readonly lastSweep: string | null;
  /** Since when nothing succeeds there, such as for a credential that is refused; the log says why. */
  readonly hinderedSince: string | null;
  /** Null where the credential is no certificate, or no token was asked for yet. */
  readonly certificate: {
    readonly ends: string;
    readonly daysLeft: number;
    readonly endsSoon: boolean;
  } | null;
}

export interface JobStatus {
  readonly job: string;
  readonly people: number;
  readonly mailboxes: number;
  readonly contacts: number;
  /** Contacts not known to be right yet. */
  readonly behind: number;
  readonly held: readonly HeldRemoval[];
  /** The source shrank suddenly: every removal is held, while updates go on. */
  readonly suspicion: SuspicionStatus | null;
  /** Null while the job works. */
  readonly halt: 'paused' | 'reverting' | 'reverted' | null;
  /** Mailboxes of a revert: still to do, free of the job, and free with a folder that stayed; null where none was ordered. */
  readonly revert: { readonly left: number; readonly free: number; readonly kept: number } | null;
}

export interface HaltStatus {
  readonly scope: 'all' | 'tenant' | 'job';
  /** Of the tenant or job; null for all. */
  readonly name: string | null;
  readonly mode: 'paused' | 'reverting';
  readonly since: string;
}

export interface SuspicionStatus {
  readonly since: string;
  readonly reason: string;
}

export interface HeldRemoval {
  readonly kind: 'person' | 'mailbox';
  readonly id: string;
  readonly since: string;
  readonly reason: string;
}

export interface SubscriptionStatus {
  readonly tenant: string;
  readonly resource: string;
  readonly expires: string;
}

export interface QueueStatus {
  readonly name: string;
  readonly due: number;
  readonly delayed: number;
  readonly held: number;
  readonly dead: number;
  readonly oldestDueSeconds: number;
}

export interface ParkedMailbox {
  readonly tenant: string;
  readonly mailbox: string;
  readonly reason: string;
  readonly since: string;
  readonly nextTry: string;
}

export interface ThrottleStatus {
  readonly tenant: string;
  readonly at: string;
  /** Who asked to wait: one mailbox, the source of people, or Graph for the tenant as a whole. */
  readonly scope: string;
  /** The limit that was used up, as far as the answer named it. */
  readonly pool: string;
  readonly status: number;
  /** As asked; null when no time was named. */
  readonly retryAfterSeconds: number | null;
}

/** The functions of `src/run` that the command line calls. */
export interface Run {
  /** Opens the data folder, ledger and queues. Throws one clear line when another process holds them. */
  openService(config: Config, surroundings: Surroundings): Promise<Service>;
  /** Reads the ledger and queues beside a running service; nothing is changed. */
  readStatus(config: Config): Promise<Status>;
  /** A dry run: reads the directory, and writes nothing, not even into the data folder. */
  plan(config: Config, surroundings: Surroundings): Promise<PlanReport>;
  /** Releases held removals of one job, or of all; returns how many. */
  approve(config: Config, job?: string): Promise<number>;
  /** Nothing is written to the mailboxes of the scope any more, by whatever process, within about a second. */
  pause(config: Config, scope: HaltScope): Promise<void>;
  /** Takes the scope up again; false when it was not stopped. A job that was reverted is filled anew. */
  resume(config: Config, scope: HaltScope): Promise<boolean>;
  /** Orders a revert of the service that has the data folder, and watches it. */
  revertBeside(config: Config, job: string, watching: Watching): Promise<RevertReport>;
}
