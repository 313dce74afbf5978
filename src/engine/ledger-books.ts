/** The ledger's smaller books, beside people, mailboxes and links (ledger-port.ts). The same rules hold. */
import type { Fingerprint } from '../model/card.ts';
import type { Cause, ChangeKind } from '../model/change.ts';
import type { CardRecord } from './ledger-port.ts';
import type { ExceptionBook, GroupMissing } from './exceptions.ts';
import type { Suspicion } from './guard-port.ts';
import type { GroupKind, GroupMember } from './ports.ts';
import type { SubscriptionState } from './subscription-port.ts';

export interface Memberships extends ExceptionBook {
  /** Tracked groups that contain the person, at any depth, for each identity. */
  groupsOf(tenant: string, identities: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Starts to track these groups. Those tracked already stay as they are; one that was taken for another kind is read anew. */
  track(tenant: string, groups: readonly string[], kind: GroupKind): Promise<void>;
  /** Tracked groups by bundle; `bundle` null: not read yet. */
  tracked(tenant: string): Promise<{ group: string; kind: GroupKind; bundle: string | null }[]>;
  /**
   * Applies what a delta round over `groups` yielded, stores the token under `bundle`, tracks nested groups that are new,
   * and puts a `membership` change for every affected person (at any depth) and every newly tracked group into the outbox:
   * all in one transaction, with the suspicions that the round's watches give rise to. A full round replaces the members of its groups; what it does not list has left.
   * The members of a group that is gone and keeps something back (`setExceptions`) stay until `letGo`.
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
  /**
   * The bundle's current token when the round began: where another one stands by now, `apply` throws `lease-lost` and stores
   * nothing, since the older of two readings must not be stored over the newer. Not compared unless given.
   */
  readonly since?: string | null;
  /** Contacts are affected, too; unless given, their memberships are merely kept: nobody shows them. */
  readonly contacts?: boolean;
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
  /** Groups that this round was the first not to find. */
  readonly missing: readonly GroupMissing[];
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
  /** The current token becomes the previous one. Like the next two, it returns whether the token was stored. */
  replace(tenant: string, name: string, next: NextToken): Promise<boolean>;
  /** The same, but the previous token stays what it was: between two nights. */
  advance(tenant: string, name: string, next: NextToken): Promise<boolean>;
  /** The same, and there is no previous one: after a full round. */
  restart(tenant: string, name: string, next: NextToken): Promise<boolean>;
  forget(tenant: string, name: string): Promise<void>;
}

export interface NextToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * The current token as it was when the round began: where another one stands by now, somebody else has read further, and
   * nothing is stored. Stored in any case unless given.
   */
  readonly since?: string | null;
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
  /** What was last seen of a person's picture is not believed any more: as if nobody had looked; what it was stands. */
  doubt(route: number, person: number): Promise<void>;
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
