import { askAudit, sendAudits } from '../engine/audit.ts';
import type { AuditMode } from '../engine/audit-book.ts';
import type { Needs } from '../engine/needs.ts';

/** Asks for verifications; slabs carry them out in their turns. */
export interface Auditor {
  /** The tenant's share of one night: after `nights` of them every place was verified. Nothing where the audit is off. */
  nightly(tenant: string): Promise<void>;
  /** These places. */
  verify(places: readonly number[], mode: AuditMode): Promise<void>;
  /** What was asked for and is not sent for. */
  outstanding(): Promise<void>;
}

/** `nights` null: no audit unless somebody asks for one. */
export function createAuditor(needs: Needs, nights: number | null): Auditor {
  const { audits, places } = needs.ledger;
  return {
    nightly: async (tenant) => {
      if (nights === null) return;
      for (const { key } of needs.routes.filter((route) => route.targetTenant === tenant)) {
        const share = Math.ceil((await places.count(key)) / nights);
        await askAudit(needs, await audits.oldest(key, share), 'changes');
      }
    },
    verify: (asked, mode) => askAudit(needs, asked, mode),
    outstanding: () => sendAudits(needs),
  };
}
