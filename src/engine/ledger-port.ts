/**
 * What the engine remembers, by noun. Every method is one transaction: it happens whole or not at all. No
 * personal data: object ids, item ids, keyed fingerprints, revisions, times.
 */
import type { Fingerprint } from '../model/card.ts';
import type * as Books from './ledger-books.ts';
import type { Audits } from './audit-book.ts';
import type { Book } from './book-port.ts';
import type { Crew, Leases } from './crew-port.ts';
import type { Sighted } from './drift.ts';
import type { GuardBook } from './guard-port.ts';
import type { KeptOut } from './kept-out-port.ts';
import type { Mailboxes } from './mailbox-port.ts';
import type { LinkRecord } from './link.ts';
import type { RecordBook } from './record-port.ts';
import type { Setbacks } from './setback-book.ts';
import type { ThrottleBook } from './throttle-book.ts';
import type { TraceBook } from './trace-port.ts';

export type { LinkRecord, LinkState } from './link.ts';

export interface Ledger {
  readonly routes: Routes;
  readonly cards: Cards;
  readonly mailboxes: Mailboxes;
  readonly places: Places;
  readonly slabs: Books.Slabs;
  readonly links: Links;
  readonly audits: Audits;
  readonly book: Book;
  readonly memberships: Books.Memberships;
  readonly tokens: Books.Tokens;
  readonly subscriptions: Books.SubscriptionBook;
  readonly guard: GuardBook;
  readonly halts: Books.HaltBook;
  readonly keptOut: KeptOut;
  readonly record: RecordBook;
  readonly traces: TraceBook;
  readonly photos: Books.PhotoBook;
  readonly outbox: Books.Outbox;
  readonly counters: Books.Counters;
  readonly throttles: ThrottleBook;
  readonly leases: Leases;
  readonly crew: Crew;
  readonly setbacks: Setbacks;
  close(): Promise<void>;
}

export interface Routes {
  all(): Promise<RouteRecord[]>;
  /**
   * Inserts or updates by id; the key of a known route never changes. Refuses other tenants than it had: its people would
   * be shown in mailboxes that it was not made for.
   */
  save(route: Omit<RouteRecord, 'key'>): Promise<RouteRecord>;
  /** Forgets a withdrawn route with its cards and held removals. Refuses while it has places. */
  forget(key: number): Promise<void>;
}

export interface RouteRecord {
  readonly key: number;
  readonly id: string;
  readonly job: string;
  readonly sourceTenant: string;
  readonly targetTenant: string;
  readonly folder: string;
  readonly definition: string;
  readonly state: 'active' | 'withdrawn';
}

export interface Cards {
  /** The cards of these people in every route of the tenant; people unknown so far are simply not in the answer. */
  of(sourceTenant: string, identities: readonly string[]): Promise<CardRecord[]>;
  /**
   * Stores what an expand found: a new fingerprint and state each, revision + 1. Creates the person when new.
   * Returns the cards as stored. `fannedOut` is untouched, so that a crash after this call is repaired by `unfinished`.
   */
  record(sourceTenant: string, findings: readonly CardFinding[]): Promise<CardRecord[]>;
  /** Raises `fannedOut` to the given revision (never lowers it), after the writes are durable in the queue. */
  fannedOut(cards: readonly { person: number; route: number; revision: number }[]): Promise<void>;
  /** Cards whose last revision was not fanned out, oldest person first, at most `limit`. */
  unfinished(limit: number): Promise<CardRecord[]>;
  /** Identities of the tenant's people that have a card in state `shown` or `held` in any route. */
  identities(sourceTenant: string): Promise<string[]>;
  /** Number of people in state `shown`, `gone`, `held` of a route. */
  count(route: number): Promise<Record<CardState, number>>;
}

/**
 * `held`: the removal waits for an approval. Contacts that are there get updates, and none is added; with an empty fingerprint
 * the person cannot be read, and contacts stay as they are.
 */
export type CardState = 'shown' | 'gone' | 'held';

export interface CardRecord {
  readonly person: number;
  readonly identity: string;
  readonly route: number;
  readonly fingerprint: Fingerprint;
  readonly revision: number;
  readonly fannedOut: number;
  readonly state: CardState;
  /** Digest of the picture that the contact is to show; null: none, or pictures are not ours. */
  readonly photo: Fingerprint | null;
}

export type CardFinding = Pick<CardRecord, 'identity' | 'route' | 'fingerprint' | 'state'> & {
  /** Identity of whomever the card names; null unless given. */
  readonly refersTo?: string | null;
};

export interface Places {
  /** Every place of the slab's mailboxes with the mailbox's own state, by place key. */
  ofSlab(tenant: string, slab: number): Promise<PlaceRecord[]>;
  /**
   * Updates the named members of each place, unless it began anew since it was read: what was found out before is void, and
   * whoever goes on there finds it out afresh. Returns the places (by key) that were updated.
   */
  update(changes: readonly PlaceChange[]): Promise<ReadonlySet<number>>;
  /**
   * Places begin anew, whatever is under way there: at their first person, or (`folder`) by looking for their folder, since
   * the one that the ledger names could not be found.
   */
  restart(places: readonly number[], from: 'folder' | 'people'): Promise<void>;
  /**
   * Forgets those that are leaving, with their links, and mailboxes with the last of theirs. The counters named in `tally`
   * grow by as many in the same step. Returns how many.
   */
  forget(places: readonly number[], tally?: readonly string[]): Promise<number>;
  /** Slabs with places that are not filled, leaving, untrusted or named otherwise than their route's folder. */
  unfilledSlabs(): Promise<{ tenant: string; slab: number }[]>;
  /** Places of the route that are `active`, unless said otherwise. */
  count(route: number, state?: PlaceState['state']): Promise<number>;
  /** Owners of the route's places that are not leaving, without the `first` that joined before the others. */
  beyond(route: number, first: number): Promise<string[]>;
  /** Marks every place of a route as leaving (a withdrawn job); returns the slabs. */
  leaveAll(route: number): Promise<{ tenant: string; slab: number }[]>;
}

export interface PlaceState {
  /** Null: no folder known yet. */
  readonly folder: string | null;
  /** The folder's display name as last written; null: another one, the owner's perhaps, which is not ours to keep. */
  readonly name: string | null;
  readonly state: 'active' | 'leaving';
  /** Links may be believed; false after a lost or restored ledger until they are rebuilt from the marks. */
  readonly trusted: boolean;
  readonly filled: boolean;
  /** Fill cursor: every person up to this key was handled in this pass. */
  readonly cursor: number;
  /** Something of this pass has to be done again. */
  readonly dirty: boolean;
  /** When a folder create was sent whose outcome is unknown (ms since 1970), else null. */
  readonly attempted: number | null;
  /** Looked through for what was there before us. */
  readonly adopted: boolean;
}

/** A place as it was read. Its epoch rises whenever it begins anew: a join, a leave, a job taken up again, lost trust, drift. */
export interface Seen {
  readonly place: number;
  readonly epoch: number;
}

/** What was found out about a place as it was read. */
export type PlaceChange = Seen & Partial<PlaceState>;

export interface PlaceRecord extends PlaceState, Seen {
  /** When its slab was last distrusted (ms since 1970), else null. */
  readonly distrusted: number | null;
  readonly route: number;
  readonly routeId: string;
  readonly routeFolder: string;
  readonly owner: string;
  readonly mailboxState: 'ready' | 'parked';
  readonly notBefore: number;
  /** When the mailbox was first parked since it last worked (milliseconds since 1970); null while it works. */
  readonly troubledSince: number | null;
}

export interface Links {
  /** Cards (all routes of the slab's places) and links of these identities in the slab; one statement for the links. */
  inSlab(tenant: string, slab: number, identities: readonly string[]): Promise<SlabView>;
  /**
   * The next people after `cursor` whose item in this place is not known to be right: shown without a confirmed link
   * at the card's revision, linked though gone, or held and linked at another revision (a held one with an empty fingerprint
   * is left alone). At most `limit`, by person key.
   */
  pending(place: number, cursor: number, limit: number): Promise<Pair[]>;
  /** The next links of a place after `cursor`, whatever their cards: for a place that is being emptied. */
  ofPlace(place: number, cursor: number, limit: number): Promise<Pair[]>;
  /** Every link of this person, whatever its route and place; null where the ledger knows nobody of this id. */
  ofPerson(sourceTenant: string, identity: string): Promise<PersonLink[] | null>;
  /** Links of a place to items that were adopted, wherever in the mailbox they are. */
  adopted(place: number, limit: number): Promise<Pair[]>;
  /**
   * Stores and drops links together; `bump` raises the slab's generation with them and returns it (0 unless asked for). `moved`:
   * people who have another item there now, or none. The links of whoever's card names one of them are not right any more, and
   * a place with such links begins anew at its first person.
   */
  save(changes: {
    readonly put?: readonly LinkRecord[];
    readonly drop?: readonly { person: number; place: number }[];
    readonly moved?: readonly { person: number; place: number }[];
    readonly bump?: { readonly tenant: string; readonly slab: number };
  }): Promise<number>;
  /**
   * Replaces every link of a place by what was found; links to items of ours that were not are dropped, those to adopted
   * ones stay, at revision 0. People of
   * the source tenant without a card get one in state `held` (empty fingerprint, revision 1, fanned out), and a
   * `membership` change for each goes to the outbox: whether they stay is for expand and the guard to decide. A link
   * whose fingerprint equals its card's is at the card's revision, any other at 0. The place becomes trusted and begins anew.
   * False, and nothing happens, where it began anew since it was read. `picture`: what is known of the pictures in them.
   */
  rebuild(seen: Seen, found: readonly Sighted[], picture?: Fingerprint | null): Promise<boolean>;
  /** When the latest write into this place was sent whose outcome is still unknown (ms since 1970); null when none is. */
  lastAttempt(place: number): Promise<number | null>;
  /**
   * Pairs of the route whose link is confirmed at the card's revision, and those that are not, the missing ones among
   * them. `own`: the route shows owners in their own mailboxes.
   */
  count(route: number, own: boolean): Promise<{ right: number; behind: number }>;
}

/** One link, and where it is. */
export interface PersonLink {
  readonly link: LinkRecord;
  /** Id of the route. */
  readonly route: string;
  readonly job: string;
  /** The mailbox's, with its owner. */
  readonly tenant: string;
  readonly owner: string;
  /** Null: not known yet. */
  readonly folder: string | null;
}

export interface SlabView {
  readonly cards: readonly CardRecord[];
  readonly links: readonly LinkRecord[];
}

/** One person in one place, with what is known of both. */
export interface Pair {
  readonly card: CardRecord;
  readonly link: LinkRecord | null;
}
