import type { AuditMode } from '../../src/engine/audit-book.ts';
import type { Office } from '../bench/office.ts';

/** As the command asks for it: every mailbox of every job. */
export async function auditEverything({ service }: Office, mode: AuditMode): Promise<void> {
  const { needs, keeper } = service.assembly;
  const places = (await needs.ledger.audits.report()).map(({ place }) => place);
  await keeper.auditor.verify(places, mode);
}
