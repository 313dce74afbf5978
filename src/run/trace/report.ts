import type { LookOutcome } from '../../engine/trace-port.ts';
import type { ChangeKind } from '../../model/change.ts';
import type { Recorded } from '../read-record.ts';

/** What became of one event. Object ids, names of routes and fields, and constant texts: no value of anybody. */
export interface TraceReport {
  readonly at: string;
  /** The id: 32 hexadecimal digits, a trace id of W3C Trace Context. */
  readonly change: string;
  /** When the event reached the service. */
  readonly arrived: string;
  /** Of what, and where: null where only writes are left of it. */
  readonly about: TracedObject | null;
  /** Ids of other events about the same object, with which it was looked at and written in one go; the newest. */
  readonly together: readonly string[];
  /** In their order. */
  readonly looks: readonly TracedRead[];
  readonly writes: TracedWrites;
  /** What is to be done for it yet. */
  readonly waiting: readonly TracedWaiting[];
  /** Why the queues could not be looked at; `waiting` and `givenUp` may lack something then. */
  readonly unread: string | null;
  /** Only so many messages of a queue were looked at; null: all. */
  readonly lookedAt: number | null;
  /** What does not succeed about its object. */
  readonly givenUp: readonly { readonly id: string; readonly reason: string; readonly next: string }[];
  /** How the ledger stands to the object now, job by job. */
  readonly cards: readonly TracedCard[];
  /** One sentence: what happens when nobody does anything. */
  readonly next: string;
}

export interface TracedObject {
  /** A tenant of the configuration, or a job whose mailboxes share contacts. */
  readonly tenant: string;
  readonly kind: ChangeKind;
  readonly object: string;
}

export interface TracedRead {
  readonly at: string;
  readonly outcome: LookOutcome;
  /** Of a failed one. */
  readonly fault: string | null;
  readonly causes: readonly string[];
}

export interface TracedWrites {
  /** In how many mailboxes, or tenants, something was sent. */
  readonly mailboxes: number;
  readonly first: string | null;
  readonly last: string | null;
  /** How often what was sent, and what came of it. */
  readonly counts: readonly {
    readonly operation: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  /** The last of those mailboxes in which the last thing that was sent is not known to be done. */
  readonly open: readonly Recorded[];
  /** One by one, the newest. */
  readonly list: readonly Recorded[];
  /** `list` or `open` lacks older ones. */
  readonly more: boolean;
}

export interface TracedWaiting {
  readonly queue: 'changes' | 'writes';
  readonly tenant: string;
  /** Of a write. */
  readonly slab: number | null;
  readonly due: string;
  /** Null: the queue does not tell. */
  readonly held: boolean | null;
  readonly attempts: number;
}

export interface TracedCard {
  readonly job: string;
  readonly route: string;
  readonly state: 'shown' | 'gone' | 'held';
  readonly revision: number;
  readonly fannedOut: number;
  readonly halt: 'paused' | 'reverting' | null;
}

/** The newest events about one object. */
export interface ChangesReport {
  readonly at: string;
  readonly object: string;
  /** Nothing older is kept. */
  readonly keptSince: string;
  /** The newest first. */
  readonly changes: readonly TracedChange[];
}

export interface TracedChange extends TracedObject {
  readonly change: string;
  readonly arrived: string;
  /** Of the last look. */
  readonly lookedAt: string;
  readonly outcome: LookOutcome;
  readonly causes: readonly string[];
}
