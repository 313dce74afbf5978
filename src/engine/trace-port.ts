import type { ChangeKind } from '../model/change.ts';

/**
 * What became of events until something was written: a noun of the ledger (ledger-port.ts has the rules), beside the record of
 * writes (record-port.ts). Object ids; kept for days, and nothing is decided by it.
 */
export interface TraceBook {
  /** All of these were looked at by `at` (milliseconds since 1970). */
  add(tenant: string, at: number, looks: readonly TracedLook[]): Promise<void>;
  /** The newest portions before this one (null: of all) that are not older than `since`, the newest first; none: that was all. */
  portions(from: { readonly before: number | null; readonly since: number }): Promise<TracePortion[]>;
  forgetBefore(at: number): Promise<void>;
}

export interface TracePortion {
  readonly portion: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tenant: string;
  readonly looks: readonly TracedLook[];
}

/** One object was looked at, on behalf of all events that waited for it. */
export interface TracedLook {
  /** Ids of the events (model/trace.ts). */
  readonly changes: readonly string[];
  readonly kind: ChangeKind;
  /** Object id of the person, group or owner; the id of a subscription. */
  readonly object: string;
  readonly causes: readonly string[];
  readonly outcome: LookOutcome;
  /** Of a failed one, the kind of the fault and its code; else empty. */
  readonly fault: string;
}

/**
 * What a look found: something `new`, which is written from then on; `nothing` new; an object that may be gone, `unproven`; one that is
 * none of ours, `ignored`; `looked`: of what has no such answer; `failed`: it is tried again.
 */
export type LookOutcome = 'new' | 'nothing' | 'unproven' | 'ignored' | 'looked' | 'failed';
