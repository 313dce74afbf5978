/** What the ledger remembers of what does not succeed, so that it comes back by itself and somebody can see it. */
import type { Cause, ChangeKind } from '../model/change.ts';
import type { Write } from '../model/write.ts';

export interface Setbacks {
  /**
   * One more failure of each: `since` stays, `times` grows, and `wait` says how long the thing then rests (milliseconds;
   * null: it does not come back by itself). Returns them as they stand now.
   */
  note(failures: readonly Failure[], wait: (times: number) => number | null): Promise<Setback[]>;
  /** They succeeded, or nobody wants them any more. */
  clear(subjects: readonly Subject[]): Promise<void>;
  /** Those of folders and contacts in the slab's mailboxes. */
  inSlab(tenant: string, slab: number): Promise<Setback[]>;
  /** Work and contacts of these tenants whose rest is over, the longest due first, at most `limit`. */
  due(tenants: readonly string[], now: number, limit: number): Promise<Setback[]>;
  /** They were sent, and rest until then (milliseconds since 1970) in case the sending comes to nothing. */
  postpone(subjects: readonly Subject[], until: number): Promise<void>;
  /** Ends every rest, or that of these; returns how many things may be tried again. */
  retry(subjects?: readonly Subject[]): Promise<number>;
  /** The newest failure first. */
  latest(limit: number): Promise<Setback[]>;
  /** How many there are, by kind. */
  count(): Promise<ReadonlyMap<SetbackKind, number>>;
}

/**
 * `user` to `mailbox`: a change that would be a dead letter. `identity`, `fill`, `audit`: a write that would be one.
 * `folder`: it cannot be made or renamed. `contact`: one person in one mailbox.
 */
export type SetbackKind = ChangeKind | Write['kind'] | 'folder' | 'contact';

/** What does not succeed. Ids only. */
export interface Subject {
  readonly kind: SetbackKind;
  readonly tenant: string;
  /** Of everything but changes. */
  readonly slab: number | null;
  /** Object id of the owner; of folders and contacts. */
  readonly mailbox: string | null;
  /** Id of the route; of folders and contacts. */
  readonly route: string | null;
  /** Object id of the person, group or subscription; of a contact, the person that it shows. */
  readonly object: string | null;
}

export interface Failure extends Subject {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Kinds, codes and constant texts: nothing that could quote anybody. */
  readonly reason: string;
  /** Of a change: who asked for the look. */
  readonly causes: readonly Cause[];
  /** When the event behind it reached us (milliseconds since 1970); 0 where there was none. */
  readonly event: number;
}

export interface Setback extends Failure {
  /** Of the first failure since it last succeeded (milliseconds since 1970). */
  readonly since: number;
  readonly times: number;
  /** When it is tried again (milliseconds since 1970); null: not by itself. */
  readonly retryAt: number | null;
}

export function subjectKey({ kind, tenant, slab, mailbox, route, object }: Subject): string {
  return [kind, tenant, slab ?? '', mailbox ?? '', route ?? '', object ?? ''].join('|');
}
