import type { AuditMode } from '../engine/audit-book.ts';
import type { Key } from '../engine/book-port.ts';
import type { HaltMode, HaltScope } from '../engine/ledger-books.ts';
import type { KeptOutRecord } from '../engine/kept-out-port.ts';
import type { GuardKind, SuspicionReason } from '../engine/guard-port.ts';
import type { CardState, LinkState, PlaceState, RouteRecord } from '../engine/ledger-port.ts';
import type { MailboxRecord } from '../engine/mailbox-port.ts';
import type { GroupKind, GroupMember, LinkOrigin } from '../engine/ports.ts';
import type { SetbackKind } from '../engine/setback-book.ts';
import type { Cause, ChangeKind } from '../model/change.ts';

/** A closed set of words as small integers. The numbers stand in ledgers out there: never change one, only add. */
export interface Code<Word extends string> {
  of(word: Word): number;
  word(code: number): Word;
}

function code<Word extends string>(numbers: Readonly<Record<Word, number>>): Code<Word> {
  const words = new Map<number, Word>();
  for (const word in numbers) words.set(numbers[word], word);
  return {
    of: (word) => numbers[word],
    word: (number) => {
      const word = words.get(number);
      if (word === undefined)
        throw new Error(`The ledger holds code ${number}, which this version does not know.`);
      return word;
    },
  };
}

export const routeState = code<RouteRecord['state']>({ active: 0, withdrawn: 1 });
export const cardState = code<CardState>({ shown: 0, gone: 1, held: 2 });
export const mailboxState = code<MailboxRecord['state']>({ ready: 0, parked: 1 });
export const placeState = code<PlaceState['state']>({ active: 0, leaving: 1 });
/** SQLite keeps 0 and 1 without a byte: the two states that nearly every link is in. */
export const linkState = code<LinkState>({
  known: 0,
  settling: 1,
  creating: 2,
  patching: 3,
  removing: 4,
  refused: 5,
  declined: 6,
  released: 7,
  misplaced: 8,
});
export const linkOrigin = code<LinkOrigin>({ created: 0, linked: 1 });
export const keyKind = code<Key['kind']>({ tag: 0, address: 1, name: 2 });
/** 0: a place that nobody asks about. */
export const auditMode = code<AuditMode>({ changes: 1, full: 2 });
export const groupKind = code<GroupKind>({ group: 0, unit: 1 });
export const memberKind = code<GroupMember['kind']>({ person: 0, group: 1, contact: 2 });
export const guardKind = code<GuardKind>({ person: 0, mailbox: 1 });
/** `resting`: not asked for yet. `ripe`: looked at again, since the rest is over. */
export const removalState = code<'admitted' | 'held' | 'approved' | 'resting' | 'ripe'>({
  admitted: 0,
  held: 1,
  approved: 2,
  resting: 3,
  ripe: 4,
});

export const keptOutBy = code<KeptOutRecord['by']>({ order: 0, configuration: 1 });
export const haltScope = code<HaltScope['kind']>({ all: 0, tenant: 1, job: 2 });
export const haltMode = code<HaltMode>({ paused: 0, reverting: 1 });
export const suspicionReason = code<SuspicionReason>({
  'group gone': 0,
  'groups shrank': 1,
  'people missing': 2,
});

export const changeKind = code<ChangeKind>({
  user: 0,
  group: 1,
  subscription: 2,
  photo: 3,
  mailbox: 4,
  contacts: 5,
});
export const setbackKind = code<SetbackKind>({
  user: 0,
  group: 1,
  subscription: 2,
  photo: 3,
  mailbox: 4,
  identity: 5,
  fill: 6,
  audit: 7,
  folder: 8,
  contact: 9,
  contacts: 10,
});
export const cause = code<Cause>({
  notification: 0,
  reauthorizationRequired: 1,
  subscriptionRemoved: 2,
  missed: 3,
  sweep: 4,
  membership: 5,
  configuration: 6,
  stale: 7,
  command: 8,
  poll: 9,
});

export function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** The bytes of a fingerprint. Throws when it is not an even number of lower-case hex digits. */
export function fingerprintBytes(fingerprint: string): Uint8Array {
  const bytes = Buffer.from(fingerprint, 'hex');
  if (bytes.toString('hex') !== fingerprint)
    throw new Error('A fingerprint is written in lower-case hex digits.');
  return bytes;
}

export function fingerprintText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
