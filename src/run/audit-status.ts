import type { Verification } from '../engine/audit-book.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { hasDrift } from './audit-report.ts';

/** What the drift audit knows of a job's mailboxes, but for what takes a look at every contact. */
export interface AuditStanding {
  readonly job: string;
  readonly mailboxes: number;
  /** Of them, those that were verified at least once. */
  readonly verified: number;
  /** The verification that is the longest ago; null while one is still to come. */
  readonly oldest: string | null;
  /** The newest verification; null: none yet. */
  readonly latest: string | null;
  /** Mailboxes in which the last verification found something, to be healed. */
  readonly drifted: number;
}

export interface AuditStatus extends AuditStanding {
  /** Differences that came back after two healings, and are let be. */
  readonly accepted: number;
  /** Contacts of before that are linked, and stay when their person goes. */
  readonly adopted: number;
}

export async function auditStandingOf(ledger: Ledger): Promise<AuditStanding[]> {
  const jobs = Map.groupBy(await ledger.audits.verifications(), ({ job }) => job);
  return Array.from(jobs, ([job, places]) => standingOf(job, places));
}

export async function auditStatusOf(ledger: Ledger): Promise<AuditStatus[]> {
  const jobs = Map.groupBy(await ledger.audits.report(), ({ job }) => job);
  return Array.from(jobs, ([job, places]) => {
    const sum = (figure: 'accepted' | 'adopted'): number =>
      places.reduce((total, place) => total + place[figure], 0);
    return { ...standingOf(job, places), accepted: sum('accepted'), adopted: sum('adopted') };
  });
}

function standingOf(job: string, places: readonly Verification[]): AuditStanding {
  const times = places.flatMap(({ verified }) => verified ?? []);
  return {
    job,
    mailboxes: places.length,
    verified: times.length,
    oldest: times.length < places.length ? null : new Date(Math.min(...times)).toISOString(),
    latest: times.length === 0 ? null : new Date(Math.max(...times)).toISOString(),
    drifted: places.filter(hasDrift).length,
  };
}
