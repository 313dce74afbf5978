/** Tables that tell who works, what stops them, and what does not succeed (tables.ts). */
import type { Generated } from 'kysely';

export interface LeasesTable {
  name: string;
  /** Null: given back. */
  holder: string | null;
  token: number;
  beat: number;
  at: number;
}

/** Who is never shown. */
export interface KeptOutTable {
  subject: string;
  by: number;
  identity: string;
  at: number;
}

/** What was sent to mailboxes, and what came of it: a packed portion at a time, never changed. */
export interface RecordTable {
  entry: Generated<number>;
  at: number;
  tenant: string;
  writes: Uint8Array;
}

/** What was looked at together, packed (traces.ts). */
export interface TracesTable {
  entry: Generated<number>;
  at: number;
  tenant: string;
  looks: Uint8Array;
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

export interface HaltsTable {
  scope: number;
  /** Of the tenant or job; empty for all. */
  name: string;
  mode: number;
  at: number;
}

/** Jobs whose source shrank suddenly: every removal of theirs is held. */
export interface SuspicionsTable {
  job: string;
  reason: number;
  lost: number;
  scope: number;
  at: number;
}

export interface ThrottlesTable {
  entry: Generated<number>;
  tenant: string;
  at: number;
  scope: string;
  pool: string;
  status: number;
  wait_ms: number | null;
}
