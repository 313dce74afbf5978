/** Tables that tell who works, and what does not succeed (tables.ts). */

export interface LeasesTable {
  name: string;
  /** Null: given back. */
  holder: string | null;
  token: number;
  beat: number;
  at: number;
}

/** Processes at work on this ledger. */
export interface WorkersTable {
  id: string;
  role: string;
  configuration: string;
  beat: number;
  at: number;
}

/** Of a subject's name, what does not belong to its kind is empty, or slab -1. */
export interface SetbacksTable {
  kind: number;
  tenant: string;
  slab: number;
  mailbox: string;
  route: string;
  object: string;
  at: number;
  reason: string;
  /** Codes with commas in between. */
  causes: string;
  event: number;
  since: number;
  times: number;
  retry_at: number | null;
}

/** Mailboxes without a row of their own that asked to be left alone. */
export interface WaitsTable {
  tenant: string;
  owner: string;
  until: number;
}
