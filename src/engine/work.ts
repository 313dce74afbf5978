import type { CardRecord, LinkRecord, PlaceRecord } from './ledger-port.ts';

interface Seen {
  readonly version: string | null;
  readonly notes: string | null;
  readonly print: string;
  /** Nothing is to be written but what makes it known as ours. */
  readonly isStamp: boolean;
}

/** One identity in one place, worked on until it is right or has to wait. */
export interface Work {
  readonly place: PlaceRecord;
  readonly card: CardRecord;
  readonly wanted: boolean;
  link: LinkRecord | null;
  /** A contact that mailboxes share, as it was seen a moment ago: only then it may be written over. */
  peeked?: Seen | null;
  /** Milliseconds since 1970 when it is worth looking at again; null when nothing is left to do. */
  waitUntil: number | null;
  /** Ids of the events on whose behalf; not there where none is known. */
  traces?: readonly string[];
}
