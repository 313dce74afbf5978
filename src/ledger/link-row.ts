import type { LinkRecord } from '../engine/ledger-port.ts';
import { fingerprintBytes, fingerprintText, linkOrigin, linkState } from './codes.ts';
import { packItem, unpackItem } from './item-id.ts';
import type { LinksTable } from './tables.ts';

/** What a query over `links as l` selects; names of their own, so that a card can stand beside a link. */
export const linkColumns = [
  'l.place',
  'l.item',
  'l.origin',
  'l.fingerprint as linkPrint',
  'l.revision as linkRevision',
  'l.state as linkState',
  'l.attempted',
] as const;

export interface LinkRow {
  readonly person: number;
  readonly place: number;
  readonly item: Uint8Array | null;
  readonly origin: number;
  readonly linkPrint: Uint8Array | null;
  readonly linkRevision: number;
  readonly linkState: number;
  readonly attempted: number | null;
}

/** A link as its row holds it; `stem` is the place's. */
export function packLink(link: LinkRecord, stem: string | null): LinksTable {
  return {
    person: link.person,
    place: link.place,
    item: link.item === null ? null : packItem(link.item, stem),
    origin: linkOrigin.of(link.origin),
    fingerprint: link.fingerprint === null ? null : fingerprintBytes(link.fingerprint),
    revision: link.revision,
    state: linkState.of(link.state),
    attempted: link.attempted,
  };
}

export function unpackLink(row: LinkRow, stem: string | null): LinkRecord {
  return {
    person: row.person,
    place: row.place,
    item: row.item === null ? null : unpackItem(row.item, stem),
    origin: linkOrigin.word(row.origin),
    fingerprint: row.linkPrint === null ? null : fingerprintText(row.linkPrint),
    revision: row.linkRevision,
    state: linkState.word(row.linkState),
    attempted: row.attempted,
  };
}
