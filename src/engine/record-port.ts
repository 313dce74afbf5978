/**
 * What was sent to mailboxes, and what came of it: a noun of the ledger (ledger-port.ts has the rules). Ids, and names of fields.
 * It can be added to and, when it is old, forgotten; there is no way to change it.
 */
export interface RecordBook {
  /** All of these were answered at `at` (milliseconds since 1970). */
  add(tenant: string, at: number, writes: readonly RecordedWrite[]): Promise<void>;
  /** The newest portions before this one (null: of all) that are not older than `since`, the newest first; none: that was all. */
  portions(from: { readonly before: number | null; readonly since: number }): Promise<RecordPortion[]>;
  forgetBefore(at: number): Promise<void>;
}

export interface RecordPortion {
  readonly portion: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tenant: string;
  readonly writes: readonly RecordedWrite[];
}

export interface RecordedWrite {
  /** What was asked for, by the names of ports.ts: `create`, `patch`, `remove`, `unstamp`, `read` and so on. */
  readonly operation: string;
  /** Object id of the owner. */
  readonly mailbox: string;
  readonly route: string;
  /** Null: it was about the folder, or it has none yet. */
  readonly item: string | null;
  /** The person's; null: nobody's in particular, or not known. */
  readonly identity: string | null;
  /** Names of fields that were written. */
  readonly fields: readonly string[];
  /** `done`, or the kind of the failure; `unknown-outcome` where nobody knows whether it was applied. */
  readonly outcome: string;
  /** Ids of the events that it follows from (model/trace.ts); none where nothing in particular was behind it, as in a fill. */
  readonly changes: readonly string[];
}
