import type { AuditRecord, Verification } from '../engine/audit-book.ts';

/** A proof: for every mailbox and job whether it is what the directory says, and when that was last seen. */
export interface AuditReport {
  readonly at: string;
  /** Every mailbox of every job is, and nothing of the directory is left to look at. */
  readonly equal: boolean;
  /** Pieces of work that failed and wait to be tried again: as long as there are any, nothing is proven. */
  readonly failing: number;
  readonly mailboxes: readonly MailboxAudit[];
  /** Null where the service beside did the work. */
  readonly httpRequests: number | null;
  readonly seconds: number;
}

export interface MailboxAudit {
  readonly job: string;
  readonly tenant: string;
  /** Object id of the mailbox's owner. */
  readonly mailbox: string;
  /** After the differences that were found were healed, and looked at once more. */
  readonly equal: boolean;
  /** Null: never yet. */
  readonly verifiedAt: string | null;
  /** What was found before it was healed. */
  readonly found: { missing: number; changed: number; extra: number; folderMissing: boolean };
  /** Differences that came back after two healings, and are let be. */
  readonly accepted: number;
  /** People who are missing there or shown as they were before, after all of it. */
  readonly behind: number;
}

/** `since`: only what was verified from then on (ms since 1970) proves anything. */
export function auditOf(
  record: AuditRecord,
  { first, since, behind }: { first: AuditRecord | undefined; since: number; behind: number },
): MailboxAudit {
  const { missing, changed, extra, folder } = (first ?? record).drift;
  const verified = record.verified;
  return {
    job: record.job,
    tenant: record.tenant,
    mailbox: record.owner,
    equal:
      record.settled &&
      verified !== null &&
      verified >= since &&
      !hasDrift(record) &&
      record.accepted === 0 &&
      behind === 0,
    verifiedAt: verified === null ? null : new Date(verified).toISOString(),
    found: { missing, changed, extra, folderMissing: folder },
    accepted: record.accepted,
    behind,
  };
}

export function hasDrift({ drift }: Pick<Verification, 'drift'>): boolean {
  return drift.folder || drift.missing + drift.changed + drift.extra > 0;
}
