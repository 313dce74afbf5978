/** What the ledger remembers of contacts that mailboxes share (ledger-port.ts has the rules). */
import type { Fingerprint } from '../model/card.ts';
import type { LinkRecord, Seen } from './ledger-port.ts';

/**
 * Books of contacts, each under the name of its source. Of a contact it is known in which item the newest edit stands; and
 * keyed digests of its addresses, or of its name, by which it is met again.
 */
export interface Book {
  /**
   * Where the newest edit of each stands. Where that item is linked no longer, or its place leaves, the newest of the other
   * copies has taken its place; a contact of which none is left is forgotten, and not in the answer.
   */
  newest(source: string, identities: readonly string[]): Promise<NewestEdit[]>;
  /** Every identity of the book. */
  identities(source: string): Promise<string[]>;
  /**
   * Edits that were seen. One that is later than the newest known becomes the newest, and a look at its contact is in the
   * outbox. Returns the identities of those.
   */
  edited(source: string, edits: readonly Edit[]): Promise<ReadonlySet<string>>;
  /**
   * Contacts of a place that nobody has met yet. Each is found to be one that the book knows, or a new one, or nobody can say
   * which; those that are told apart are linked, to be marked by the next write, and a look at each is in the outbox. Nothing
   * happens, and every one is `later`, where the place began anew since it was read.
   */
  meet(source: string, seen: Seen, strangers: Strangers): Promise<Meeting[]>;
  /**
   * Which of these contacts their place may have already, in items of which nobody can say whose they are: another one would be one
   * too many.
   */
  doubtful(source: string, pairs: readonly PairName[]): Promise<readonly PairName[]>;
  /** The identities that are met by any of these keys. */
  knownBy(source: string, keys: readonly Key[]): Promise<string[]>;
  /** Is anything in the place in doubt? */
  hasDoubts(place: number): Promise<boolean>;
  /** Lets another copy of a contact be its newest edit, one that shows the same, if this item is it. */
  handOver(source: string, from: From): Promise<HandedOver>;
  /** Stores what has become of links, and has their contacts looked at. `forget`: they are in the book no longer. */
  part(source: string, partings: readonly Parting[]): Promise<void>;
}

/** An item that shows a contact, with the fingerprint of the contact's card. */
export interface From {
  readonly identity: string;
  readonly place: number;
  readonly item: string;
  readonly fingerprint: Fingerprint;
}

/** `later`: there are other copies, and none shows it yet. `alone`: there are none. */
export type HandedOver = 'handed' | 'later' | 'alone';

/** A contact in a place. */
export interface PairName {
  readonly place: number;
  readonly identity: string;
}

export interface NewestEdit {
  readonly identity: string;
  readonly place: number;
  /** Of the mailbox. */
  readonly owner: string;
  /** Of the place, as the ledger names it; null while it is not known. */
  readonly folder: string | null;
  readonly item: string;
  /** Milliseconds since 1970, by the clock of the mailbox. */
  readonly editedAt: number;
}

export interface Edit {
  readonly identity: string;
  readonly place: number;
  readonly item: string;
  readonly editedAt: number;
  readonly keys: readonly Key[];
}

/** What a contact is met by: another tool's tag, an address, or a name. A keyed digest tells no more than that two are equal. */
export interface Key {
  readonly kind: 'tag' | 'address' | 'name';
  readonly digest: Fingerprint;
}

export interface Strangers {
  readonly strangers: readonly Stranger[];
  /** These are all that the place has: what was in doubt before and is not among them is in doubt no longer. */
  readonly complete: boolean;
}

export interface Stranger {
  readonly item: string;
  /** Under which it is known if it is a new one. */
  readonly fresh: string;
  readonly editedAt: number;
  readonly fingerprint: Fingerprint;
  readonly keys: readonly Key[];
}

/** `ambiguous`: several could be meant, or this mailbox has another of it. `kept out`: nobody is to share it. */
export interface Meeting {
  readonly item: string;
  readonly kind: 'known' | 'new' | 'ambiguous' | 'later' | 'kept out';
}

export interface Parting {
  readonly identity: string;
  readonly link: LinkRecord;
  readonly forget: boolean;
}
