import type { Config } from '../kit/config/config.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Transport } from '../kit/transport.ts';

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

/** How far the mailboxes are: `done` of `total` contacts are known to be right. */
export interface Progress {
  readonly phase: 'directory' | 'contacts';
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
}

export interface Status {
  readonly at: string;
  readonly deployment: string;
  readonly jobs: readonly JobStatus[];
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
  /** Releases held removals of one job, or of all; returns how many. */
  approve(config: Config, job?: string): Promise<number>;
}
