/** Tables of contacts that mailboxes share (tables.ts). */

/** Where the newest edit of a shared contact stands. */
export interface BookTable {
  person: number;
  place: number;
  item: string;
  edited_at: number;
}

/** Keyed digests that a shared contact is met by. */
export interface BookKeysTable {
  source: string;
  kind: number;
  digest: Uint8Array;
  person: number;
}

/** Keyed digests of contacts in a place of which nobody can say whose they are. */
export interface BookDoubtsTable {
  place: number;
  kind: number;
  digest: Uint8Array;
}
