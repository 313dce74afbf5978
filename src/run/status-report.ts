import type { CrewRole } from '../engine/crew-port.ts';
import type { AuditStanding, AuditStatus } from './audit-status.ts';
import type { SetbackStatus } from './setback-status.ts';

export interface Status extends Omit<Standing, 'jobs' | 'audits'> {
  readonly jobs: readonly JobStatus[];
  readonly audits: readonly AuditStatus[];
}

/** How things stand, but for what takes a look at every contact. */
export interface Standing {
  readonly at: string;
  readonly deployment: string;
  readonly jobs: readonly JobStanding[];
  /** What administrators stopped. */
  readonly halts: readonly HaltStatus[];
  readonly subscriptions: readonly SubscriptionStatus[];
  readonly queues: readonly QueueStatus[];
  /** At work on the ledger, where several share it; one that died stands there for a minute more. */
  readonly processes: readonly ProcessStatus[];
  readonly parked: readonly ParkedMailbox[];
  /** What does not succeed, the newest failure first. */
  readonly setbacks: SetbackStatus;
  /** What Microsoft Graph asked for lately, newest first; a running service adds to it every ten seconds. */
  readonly throttles: readonly ThrottleStatus[];
  readonly tenants: readonly TenantStatus[];
  readonly lastSweep: string | null;
  /** Differences that only a sweep found: the one sign of notifications that were lost without a word. */
  readonly foundBySweep: number;
  readonly audits: readonly AuditStanding[];
  /** Groups of the configuration, and those that keep something back, that a full round did not find. */
  readonly missingGroups: readonly MissingGroup[];
}

export interface MissingGroup {
  readonly tenant: string;
  /** Object id. */
  readonly group: string;
  readonly since: string;
  /** Jobs that keep people or fields back by it until they are approved. */
  readonly keptFor: readonly string[];
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

export interface JobStatus extends JobStanding {
  readonly contacts: number;
  /** Contacts not known to be right yet. */
  readonly behind: number;
}

export interface JobStanding {
  readonly job: string;
  readonly people: number;
  readonly mailboxes: number;
  readonly held: readonly HeldRemoval[];
  /** People who are shown no longer, and whose removal waits for the job's grace to end. */
  readonly resting: number;
  /** Its contacts are in a tenant that left the configuration: they stay there until it is back. Null: there is none. */
  readonly missingTenant: string | null;
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

export interface ProcessStatus {
  readonly id: string;
  readonly role: CrewRole;
  /** Names its configuration: while there are two, a rollout is under way. */
  readonly configuration: string;
  readonly seen: string;
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
