/**
 * Who is never shown, whatever the source says: a noun of the ledger (ledger-port.ts has the rules). A subject is an object id, a
 * SyncId, or a keyed digest by which a contact that mailboxes share is met: none of them tells who it is.
 */
export interface KeptOut {
  /**
   * Which of these people of the source are kept out: by their id, or because all the addresses they are met by are (the name,
   * where there is no address). One address in common with somebody who is kept out is not enough.
   */
  among(source: string, identities: readonly string[]): Promise<ReadonlySet<string>>;
  /** What stands about these subjects. */
  of(subjects: readonly string[]): Promise<KeptOutRecord[]>;
  /**
   * By order of an administrator: the person is kept out from now on, with everything that a shared contact is met by, and their
   * removal is approved in every job that shows them. A look at them is in the outbox. Doing it again changes nothing. Returns
   * the subjects; none where the ledger knows nobody of this id, and nobody of this id was erased before.
   */
  keep(order: KeepOutOrder): Promise<readonly string[]>;
  /**
   * The order is taken back, with those approvals that no removal has made use of, and a look at the person is in the outbox.
   * False where there was none.
   */
  letIn(order: KeepOutOrder): Promise<boolean>;
  /** Subjects that would be kept out no longer if this were what the configuration says. */
  dropped(subjects: readonly string[]): Promise<readonly string[]>;
  /**
   * What the configuration says from now on; the orders stay. A look at everybody who is concerned is in the outbox: their removal
   * is for the guard to admit.
   */
  agree(subjects: readonly string[], at: number): Promise<void>;
}

export interface KeepOutOrder {
  readonly source: string;
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface KeptOutRecord {
  readonly subject: string;
  /** Whose it is, where an administrator ordered it: the subject itself, or the SyncId of a contact that is met by it. */
  readonly identity: string;
  readonly by: 'order' | 'configuration';
  /** Milliseconds since 1970. */
  readonly at: number;
}
