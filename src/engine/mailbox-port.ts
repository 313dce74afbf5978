/** What the engine remembers of mailboxes: a noun of the ledger (ledger-port.ts). The same rules hold. */
export interface Mailboxes {
  /** Mailboxes of these owners, known or not. */
  of(tenant: string, owners: readonly string[]): Promise<MailboxRecord[]>;
  /**
   * Makes sure that the mailbox is known and has an active place for the route; a new mailbox gets the next seat
   * (slabs of 200 in the order of joining). Returns the slab. A leaving place becomes new work again: `filled` false.
   */
  join(tenant: string, owner: string, route: number): Promise<{ slab: number; joined: boolean }>;
  /** The same, unless as many as `first` others have a place in the route already: then null, and nothing was done. */
  joinFirst(
    tenant: string,
    owner: string,
    to: { readonly route: number; readonly first: number },
  ): Promise<{ slab: number; joined: boolean } | null>;
  /**
   * Something of ours was found in this mailbox at this time (milliseconds since 1970). Unless it has a place in the route
   * by that id already, it gets one in which something may still arrive that was sent before, and a `membership` change for its owner goes to the outbox; the route, when nobody knows it, is a withdrawn one of the
   * tenant's. Returns whether anything was new; nothing is where the route is one of another tenant's mailboxes.
   */
  recall(
    tenant: string,
    owner: string,
    found: { readonly route: string; readonly at: number },
  ): Promise<boolean>;
  /** Active places of these routes (keys) in the tenant's mailboxes, or (`owners`) in theirs alone; by place key. */
  sharing(tenant: string, routes: readonly number[], owners?: readonly string[]): Promise<SharingPlace[]>;
  /** Marks the place of this mailbox in the route as leaving (fill work of the slab). Returns its slab, or null when there was none. */
  leave(tenant: string, owner: string, route: number): Promise<number | null>;
  /** Not before this time (ms since 1970), known or not; an earlier time never replaces a later one. */
  wait(tenant: string, waits: readonly { owner: string; until: number }[]): Promise<void>;
  /** Until when those of these mailboxes are to be left alone, by owner, that are so now, known or not. */
  resting(tenant: string, owners: readonly string[], now: number): Promise<ReadonlyMap<string, number>>;
  /** Not before `until` any more, which never shortens a wait. */
  park(tenant: string, owner: string, parking: Parking): Promise<void>;
  /** It works: what was noted about its troubles is forgotten. */
  recovered(tenant: string, owner: string): Promise<void>;
  /** Parked mailboxes whose `notBefore` has passed become ready again; returns their slabs. */
  unpark(tenant: string, now: number): Promise<number[]>;
  parked(): Promise<MailboxRecord[]>;
  /** Parked mailboxes, or those of this owner, need not wait any longer; how often they were parked stands. Returns how many. */
  retry(owner: string | null): Promise<number>;
}

/** Why and how long a mailbox is left alone. */
export interface Parking {
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** How often it was parked since it last worked, this time included. */
  readonly probes: number;
  /** When that began (milliseconds since 1970). */
  readonly since: number;
}

/** A place, where it is. */
export interface SharingPlace {
  readonly place: number;
  readonly route: number;
  readonly owner: string;
  /** Null: no folder known yet. */
  readonly folder: string | null;
}

export interface MailboxRecord {
  readonly key: number;
  readonly tenant: string;
  readonly owner: string;
  readonly slab: number;
  readonly state: 'ready' | 'parked';
  readonly reason: string | null;
  readonly notBefore: number;
  /** How often it was parked since it last worked; 0 while it works. */
  readonly probes: number;
  /** When it was first parked since it last worked (milliseconds since 1970); null while it works. */
  readonly troubledSince: number | null;
  /** Routes (keys) in which it has a place that is not leaving. */
  readonly routes: readonly number[];
}
