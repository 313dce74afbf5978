import type { Answer } from '../engine/explain.ts';
import type { HaltScope } from '../engine/ledger-books.ts';
import type { HeldBack } from './held-back.ts';

/**
 * What the dashboard asks of the program: the functions behind the commands of the same names, and of what they report the
 * parts that its pages show. It reads no ledger and no queue by itself.
 */
export interface House {
  /** `status`. Never rejects: what cannot be read is a concern. */
  look(): Promise<Look>;
  /** What an order may name, and what is stopped: also where the rest cannot be read. */
  known(): Promise<Known>;
  /** Returns how many removals were released. Null: more is held back than was seen, and nothing was done. */
  approve(job: string, seen: HeldBack): Promise<number | null>;
  pause(scope: HaltScope): Promise<void>;
  /** False when the scope was not stopped. */
  resume(scope: HaltScope): Promise<boolean>;
  /** Orders it; a running service carries it out. */
  revert(job: string): Promise<void>;
  retry(mailbox?: string): Promise<{ readonly mailboxes: number; readonly other: number }>;
  givenUp(): Promise<GivenUpList>;
  /** Null, as below: there is none of that id any more. `left`: it cannot be tried again. */
  retryGivenUp(id: string): Promise<{ readonly left: readonly unknown[] } | null>;
  dropGivenUp(id: string): Promise<unknown>;
  /** `plan` for one job. Reads the directory, and may take minutes. */
  plan(job: string): Promise<PlanView>;
  explain(asked: { readonly person: string; readonly mailbox: string | null }): Promise<Explained>;
  /** What went wrong, for a person to read: constants and ids. */
  said(error: unknown): string;
}

export interface Known {
  /** With the tenants between which they go. */
  readonly jobs: readonly { readonly job: string; readonly tenants: readonly string[] }[];
  readonly tenants: readonly string[];
  readonly halts: readonly HaltView[];
}

export interface HaltView {
  readonly scope: HaltScope['kind'];
  readonly name: string | null;
  readonly mode: 'paused' | 'reverting';
  readonly since: string;
}

export interface Look {
  /** Null: it could not be read. */
  readonly status: StatusView | null;
  /** What is wrong or waits for a person, the gravest first. */
  readonly concerns: readonly Concern[];
}

/** `failed`: something does not succeed; `held`: something waits for a decision; `notice`: worth knowing. */
export type Gravity = 'failed' | 'held' | 'notice';

export interface Concern {
  readonly gravity: Gravity;
  readonly what: string;
  readonly remedy: string;
  /** Where it is dealt with. */
  readonly about: 'job' | 'mailbox' | 'given up' | 'service';
}

export interface StatusView {
  readonly at: string;
  readonly deployment: string;
  /** When the contacts of the jobs were counted, which is done less often than the rest is read; null: not yet. */
  readonly countedAt: string | null;
  readonly jobs: readonly JobView[];
  readonly halts: readonly HaltView[];
  readonly queues: readonly {
    readonly name: string;
    readonly due: number;
    readonly delayed: number;
    readonly held: number;
    readonly dead: number;
    readonly oldestDueSeconds: number;
  }[];
  readonly processes: readonly { readonly id: string; readonly role: string; readonly seen: string }[];
  readonly parked: readonly ParkedView[];
  readonly throttles: readonly {
    readonly tenant: string;
    readonly at: string;
    readonly scope: string;
    readonly pool: string;
    readonly status: number;
    readonly retryAfterSeconds: number | null;
  }[];
  readonly tenants: readonly {
    readonly tenant: string;
    readonly lastSweep: string | null;
    readonly certificate: { readonly ends: string; readonly daysLeft: number } | null;
  }[];
  readonly lastSweep: string | null;
  readonly foundBySweep: number;
  readonly missingGroups: readonly MissingGroupView[];
  readonly audits: readonly {
    readonly job: string;
    readonly mailboxes: number;
    readonly verified: number;
    readonly oldest: string | null;
    readonly drifted: number;
  }[];
  readonly subscriptions: readonly {
    readonly tenant: string;
    readonly resource: string;
    readonly expires: string;
  }[];
}

export interface MissingGroupView {
  readonly tenant: string;
  readonly group: string;
  readonly since: string;
  /** Jobs that keep people or fields back by it until they are approved. */
  readonly keptFor: readonly string[];
}

export interface JobView {
  readonly job: string;
  readonly people: number;
  readonly mailboxes: number;
  /** Null, as below: not counted. */
  readonly contacts: number | null;
  readonly behind: number | null;
  readonly held: readonly {
    readonly kind: string;
    readonly id: string;
    readonly since: string;
    readonly reason: string;
  }[];
  readonly resting: number;
  readonly suspicion: { readonly since: string; readonly reason: string } | null;
  readonly halt: 'paused' | 'reverting' | 'reverted' | null;
  readonly revert: { readonly left: number; readonly free: number; readonly kept: number } | null;
}

export interface ParkedView {
  readonly tenant: string;
  readonly mailbox: string;
  readonly reason: string;
  readonly since: string;
  readonly nextTry: string;
}

export interface GivenUpList {
  readonly total: number;
  readonly things: readonly {
    readonly id: string;
    readonly keptIn: string;
    readonly kind: string | null;
    readonly tenant: string | null;
    readonly mailbox: string | null;
    readonly route: string | null;
    readonly object: string | null;
    readonly slab: number | null;
    readonly reason: string;
    readonly since: string;
    readonly times: number | null;
    readonly nextTry: string | null;
    readonly next: string;
    readonly remedy: string;
    readonly dropping: string;
  }[];
}

interface Side {
  readonly id: string;
  readonly read: string;
  readonly conditions: readonly Answer[];
}

export interface ExplainedJobView {
  readonly job: string;
  readonly route: string;
  readonly answer: string;
  readonly next: string;
  readonly person: Side;
  readonly mailbox: Side & {
    readonly outcome: string | null;
    readonly state: 'ready' | 'parked' | null;
    readonly reason: string | null;
    readonly notBefore: string | null;
    readonly place: {
      readonly state: string;
      readonly folder: string;
      readonly trusted: boolean;
      readonly filled: boolean;
    } | null;
  };
  readonly contact: { readonly verifiedAt: string | null; readonly plan: string | null };
  readonly fields: {
    readonly filled: readonly string[];
    readonly empty: readonly string[];
    readonly withheld: readonly string[];
    readonly found: string;
    readonly differing: readonly string[];
  };
}

export interface Explained {
  readonly jobs: readonly ExplainedJobView[];
  readonly notTakenUp: readonly string[];
  readonly withdrawn: readonly string[];
}

export interface PlanView {
  readonly jobs: readonly {
    readonly job: string;
    readonly people: number;
    readonly mailboxes: number;
    readonly create: number;
    readonly adopt: number;
    readonly change: number;
    readonly remove: number;
    readonly look: number;
    readonly hold: number;
    readonly requests: number;
    readonly rows: readonly {
      readonly kind: string;
      readonly id: string;
      readonly action: string;
      readonly contacts: number;
      readonly fields: readonly string[] | null;
    }[];
  }[];
  readonly unread: number;
  readonly httpRequests: number;
}
