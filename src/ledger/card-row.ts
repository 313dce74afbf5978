import type { CardRecord } from '../engine/ledger-port.ts';
import { cardState, fingerprintText } from './codes.ts';

/** What a query over `cards as c` and `people as p` selects; names of their own, so that a link can stand beside a card. */
export const cardColumns = [
  'c.person',
  'p.identity',
  'c.route',
  'c.fingerprint as cardPrint',
  'c.revision as cardRevision',
  'c.fanned_out as fannedOut',
  'c.state as cardState',
  'c.photo as cardPhoto',
] as const;

export interface CardRow {
  readonly person: number;
  readonly identity: string;
  readonly route: number;
  readonly cardPrint: Uint8Array;
  readonly cardRevision: number;
  readonly fannedOut: number;
  readonly cardState: number;
  readonly cardPhoto: Uint8Array | null;
}

export function toCard(row: CardRow): CardRecord {
  return {
    person: row.person,
    identity: row.identity,
    route: row.route,
    fingerprint: fingerprintText(row.cardPrint),
    revision: row.cardRevision,
    fannedOut: row.fannedOut,
    state: cardState.word(row.cardState),
    photo: row.cardPhoto === null ? null : fingerprintText(row.cardPhoto),
  };
}
