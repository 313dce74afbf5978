/** What the ledger remembers about the drift audit (ledger-port.ts has the rules). */
import type { LinkRecord } from './ledger-port.ts';

export interface Audits {
  /** Active places of the route, at most `limit`: the longest unverified first, after all of them those already asked for. */
  oldest(route: number, limit: number): Promise<number[]>;
  /** Asks for places to be verified; `full` is not taken back by `changes`. */
  ask(places: readonly number[], mode: AuditMode): Promise<void>;
  /** Slabs with places that are asked for and can be verified now: open, trusted, filled, their mailboxes in use. */
  slabs(): Promise<{ tenant: string; slab: number }[]>;
  /** Such places of one slab. */
  orders(tenant: string, slab: number): Promise<AuditOrder[]>;
  /** How often differences of these people were healed in this place, under which revision. */
  healings(place: number): Promise<Healing[]>;
  /** Stores what a verification found, and takes the order for done. Where links are to be healed the place becomes unfilled. */
  conclude(finding: AuditFinding): Promise<void>;
  /** Every active place. Takes a look at every contact, of which there may be millions. */
  report(): Promise<AuditRecord[]>;
  /** Every active place, with no more than the place itself tells. */
  verifications(): Promise<Verification[]>;
  /**
   * How many people of the route an active place does not show as it should, as far as the ledger knows: the links held
   * against the cards. Places without any are not in the answer. `own`: as for `Links.count`.
   */
  behind(route: number, own: boolean): Promise<ReadonlyMap<number, number>>;
}

/** `changes`: what happened since the last time. `full`: everything that stands in the folder. */
export type AuditMode = 'changes' | 'full';

export interface AuditOrder {
  readonly place: number;
  readonly mode: AuditMode;
  /** Where the last verification of this very folder ended; null: nowhere. */
  readonly token: string | null;
}

/** Differences by kind. */
export interface Drift {
  /** Ours, and not in the folder any more, or without its mark. */
  readonly missing: number;
  readonly changed: number;
  /** Second items with one mark. */
  readonly extra: number;
  /** The folder itself is gone. */
  readonly folder: boolean;
}

export interface Healing {
  readonly person: number;
  /** Of the card whose difference it was. */
  readonly revision: number;
  readonly times: number;
}

export interface AuditFinding {
  readonly place: number;
  /** The folder that was verified, and where its next verification goes on. */
  readonly folder: string;
  readonly token: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly drift: Drift;
  /** Links as they are now known to be. */
  readonly links: readonly LinkRecord[];
  readonly healings: readonly Healing[];
  /** Something is there that the links cannot explain: they are to be rebuilt from the marks. */
  readonly distrusted: boolean;
}

export interface Verification {
  readonly place: number;
  readonly tenant: string;
  readonly owner: string;
  readonly job: string;
  /** When it was last verified (ms since 1970); null: never yet. */
  readonly verified: number | null;
  /** What that verification found. */
  readonly drift: Drift;
  /** Open, filled, and its mailbox in use: nothing is known to be left to do. */
  readonly settled: boolean;
}

export interface AuditRecord extends Verification {
  /** Differences that came back after they were healed, and are let be. */
  readonly accepted: number;
  /** Links to originals of the owner's. */
  readonly adopted: number;
}

/** So often the same difference is healed; when it comes back once more, it is accepted. */
export const HEALINGS_AT_MOST = 2;

export function isAccepted({ times }: Pick<Healing, 'times'>): boolean {
  return times > HEALINGS_AT_MOST;
}
