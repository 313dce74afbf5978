/** The ledger's smaller books, beside people, mailboxes and links (ledger-port.ts). The same rules hold. */
import type { Fingerprint } from '../model/card.ts';
import type { Cause, ChangeKind } from '../model/change.ts';
import type { CardRecord } from './ledger-port.ts';
import type { GroupMember, SubscriptionState } from './ports.ts';

export interface Memberships {
  /** Tracked groups that contain the person, at any depth, for each identity. */
  groupsOf(tenant: string, identities: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Starts to track these groups (those tracked already stay as they are). */
  track(tenant: string, groups: readonly string[]): Promise<void>;
  /** Tracked groups by bundle; `bundle` null: not read yet. */
  tracked(tenant: string): Promise<{ group: string; bundle: string | null }[]>;
  /**
   * Applies what a delta round over `groups` yielded, stores the token under `bundle`, tracks nested groups that are new,
   * and puts a `membership` change for every affected person (at any depth) and every newly tracked group into the outbox:
   * all in one transaction, with the suspicions that the round's watches give rise to. A full round replaces the members of its groups; what it does not list has left.
   */
  apply(round: MembershipRound): Promise<Applied>;
  /** Tracked groups no longer reachable from `roots` are forgotten. */
  prune(tenant: string, roots: readonly string[]): Promise<void>;
}

export interface MembershipRound {
  readonly tenant: string;
  readonly bundle: string;
  readonly groups: readonly string[];
  readonly full: boolean;
  readonly differences: readonly {
    group: string;
    gone: boolean;
    joined: readonly GroupMember[];
    left: readonly string[];
  }[];
  readonly token: string;
  readonly at: number;
  /** None unless given. */
  readonly watches?: readonly ScopeWatch[];
}

/** A scope that a reading must not take too many people out of at once. */
export interface ScopeWatch {
  readonly job: string;
  readonly roots: readonly string[];
  /** More than so many at once are suspicious; any at all when a group that had members is gone. */
  readonly allowed: number;
  /** People shown, or mailboxes that receive. */
  readonly scope: number;
}

export interface Applied {
  readonly affected: number;
  readonly nested: number;
  readonly suspicions: readonly Suspicion[];
}

/** About 200 mailboxes of a tenant, written by one worker at a time. */
export interface Slabs {
  /** Slabs with a place of this route. */
  of(route: number): Promise<{ tenant: string; slab: number }[]>;
  /** Generation of the slab: `current` counts what was sent to its mailboxes, `stamped` is the last one confirmed in most beacons. */
  generation(tenant: string, slab: number): Promise<{ current: number; stamped: number }>;
  stamped(tenant: string, slab: number, generation: number): Promise<void>;
  /**
   * The ledger is older than it was: every place of the slab becomes untrusted and unfilled, its cursor 0, and the
   * slab's generation becomes `generation`. `at` (ms since 1970): until then something may have been sent that the
   * ledger does not know of.
   */
  distrust(
    tenant: string,
    slab: number,
    since: { readonly generation: number; readonly at: number },
  ): Promise<void>;
}

export interface Tokens {
  read(tenant: string, name: string): Promise<TokenRecord | null>;
  /** The current token becomes the previous one; `at` in ms since 1970. */
  replace(tenant: string, name: string, token: string, at: number): Promise<void>;
  /** The same, but the previous token stays what it was: between two nights. */
  advance(tenant: string, name: string, token: string, at: number): Promise<void>;
  forget(tenant: string, name: string): Promise<void>;
}

export interface TokenRecord {
  readonly current: string;
  /** The token before: the nightly sweep starts there, so that every change is seen twice. Null: there was none yet. */
  readonly previous: string | null;
  readonly at: number;
}

export interface SubscriptionBook {
  all(tenant: string): Promise<(SubscriptionState & { nonce: string })[]>;
  save(tenant: string, subscription: SubscriptionState & { nonce: string }): Promise<void>;
  forget(tenant: string, id: string): Promise<void>;
}

export interface GuardBook {
  /**
   * Asks for removals in this order; each is admitted while the removals of the job and kind in the 24 hours before
   * `now`, this one included, stay within max(count, percent of `scope`), or when it was approved; the others are held
   * durably. A subject admitted or held already is not counted twice. Returns the admitted subjects.
   */
  admit(request: GuardRequest): Promise<ReadonlySet<string>>;
  /** From now on every removal of the job is held, however few, until `approve`; or until nothing is held of it any more. */
  suspect(suspicion: Suspicion): Promise<void>;
  suspicions(): Promise<Suspicion[]>;
  /** A subject that is wanted again is no longer held. */
  release(job: string, kind: GuardKind, subjects: readonly string[]): Promise<void>;
  held(job?: string): Promise<HeldRecord[]>;
  /** Suspicions are over; held removals become approved, with a `command` change each in the outbox for people (kind `user`) and mailbox owners. Returns how many. */
  approve(job: string | null, now: number): Promise<number>;
  /** Old removals, and old suspicions that hold nothing. */
  forgetBefore(at: number): Promise<void>;
}

/** The source of a job shrank suddenly, or could not be read whole. */
export interface Suspicion {
  readonly job: string;
  readonly reason: SuspicionReason;
  /** So many of `scope` would leave. */
  readonly lost: number;
  readonly scope: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type SuspicionReason = 'group gone' | 'groups shrank' | 'people missing';

export type GuardKind = 'person' | 'mailbox';

export interface GuardRequest {
  readonly job: string;
  readonly kind: GuardKind;
  readonly tenant: string;
  readonly subjects: readonly string[];
  readonly limits: { readonly count: number; readonly percent: number };
  /** People shown, or mailboxes that receive, before these removals; removals of the last 24 hours are added inside. */
  readonly scope: number;
  readonly now: number;
}

export interface HeldRecord {
  readonly job: string;
  readonly kind: GuardKind;
  readonly subject: string;
  readonly since: number;
}

/** Where an administrator stopped the work. It stands in the ledger, so every process sees it. */
export interface HaltBook {
  all(): Promise<HaltRecord[]>;
  /** One that stands already keeps its time. A revert of a job takes the place of its pause. */
  set(halt: HaltRecord): Promise<void>;
  /**
   * Lifts the pauses of the scope (`all`: of every scope) and, for a job, its revert: its leaving places stay, and a round
   * over everybody is asked for. Returns whether anything was lifted.
   */
  lift(scope: HaltScope): Promise<boolean>;
  /** What holds for each stopped route, by its id: a pause of its job, of a tenant of it, or of all goes before a revert. */
  ofRoutes(): Promise<ReadonlyMap<string, HaltMode>>;
}

/** `paused`: nothing is written. `reverting`: what the job wrote is taken back, and nothing is put there. */
export type HaltMode = 'paused' | 'reverting';

export type HaltScope = { readonly kind: 'all' } | { readonly kind: 'tenant' | 'job'; readonly name: string };

export interface HaltRecord {
  readonly scope: HaltScope;
  readonly mode: HaltMode;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Changes that are decided in the ledger and not yet durable in the queue. */
export interface Outbox {
  /** The oldest entries, at most `limit`. */
  read(limit: number): Promise<OutboxEntry[]>;
  /** Forgets entries after they are durable in the queue. */
  sent(entries: readonly number[]): Promise<void>;
}

export interface OutboxEntry {
  readonly entry: number;
  readonly kind: ChangeKind;
  readonly tenant: string;
  readonly id: string;
  readonly cause: Cause;
  readonly at: number;
}

export interface Counters {
  add(name: string, by: number): Promise<void>;
  set(name: string, value: number): Promise<void>;
  read(name: string): Promise<number>;
}

// --- pictures -------------------------------------------------------------------------------------------------

export interface PhotoBook {
  /** What was last seen of the pictures of people who are shown or held, in every route of the tenant. */
  of(sourceTenant: string, identities: readonly string[]): Promise<PhotoRecord[]>;
  /** Stores tag and picture; where the picture is another, the card's revision + 1. Returns the cards that changed. */
  record(sourceTenant: string, findings: readonly PhotoFinding[]): Promise<CardRecord[]>;
  /** Lets go of the pictures of a route: what stands in the contacts is not ours any more. */
  forget(route: number): Promise<void>;
}

export interface PhotoFinding {
  readonly identity: string;
  readonly route: number;
  /** Digest of the tag under which the source has the picture. */
  readonly tag: Fingerprint;
  /** Digest of the picture; null: there is none. */
  readonly photo: Fingerprint | null;
}

/** `tag` null: never looked. */
export type PhotoRecord = Omit<PhotoFinding, 'tag'> & { readonly tag: Fingerprint | null };

// --- throttles ------------------------------------------------------------------------------------------------

/** What services asked of us lately: for whoever looks, never for a decision. */
export interface ThrottleBook {
  /** Adds events, oldest first, and forgets all but the newest `most` of the tenant. */
  keep(tenant: string, events: readonly ThrottleRecord[], most: number): Promise<void>;
  /** Newest first. */
  recent(tenant: string): Promise<ThrottleRecord[]>;
}

/** A service asked to wait. */
export interface ThrottleRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly scope: 'mailbox' | 'source' | 'tenant';
  /** The limit that was used up, as far as it was named. */
  readonly pool: string;
  readonly status: number;
  /** Milliseconds to wait, as asked; null when no time was named. */
  readonly waitMs: number | null;
}
