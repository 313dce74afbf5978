/** Work for one slab of mailboxes: bring an identity up to date in it, fill what is missing in it, or verify what stands there. */
export type Write = IdentityWrite | FillWrite | AuditWrite;

export interface IdentityWrite {
  readonly v: 1;
  readonly kind: 'identity';
  /** Configuration key of the tenant whose mailboxes are written. */
  readonly tenant: string;
  readonly slab: number;
  /** The stable id of one person in a source. */
  readonly identity: string;
  /** When the event behind it reached us, in milliseconds since 1970. */
  readonly at: number;
  /**
   * When the notification behind it arrived (milliseconds since 1970); not there where no notification told. For figures: nothing is
   * decided by it.
   */
  readonly announced?: number;
  /** On behalf of which events (trace.ts); not there where none is known. Nothing is decided by it. */
  readonly traces?: readonly string[];
}

export interface FillWrite {
  readonly v: 1;
  readonly kind: 'fill';
  readonly tenant: string;
  readonly slab: number;
  readonly at: number;
}

/** Which places, and how, stands in the ledger. */
export interface AuditWrite {
  readonly v: 1;
  readonly kind: 'audit';
  readonly tenant: string;
  readonly slab: number;
  readonly at: number;
}

/** On behalf of which events a write is done, as traceparents; of fills and audits nothing is known. */
export function tracesBehind(write: Write): readonly string[] {
  return write.kind === 'identity' ? (write.traces ?? []) : [];
}

/** A mailbox has one writer at a time, because its slab has. */
export function writeKey(write: Pick<Write, 'tenant' | 'slab'>): string {
  return `${write.tenant}|${write.slab}`;
}

/** Two waiting writes with the same merge key ask for the same work. */
export function writeMergeKey(write: Write): string {
  return `${writeKey(write)}|${write.kind === 'identity' ? write.identity : write.kind}`;
}
