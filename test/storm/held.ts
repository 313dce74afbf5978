import type { Database } from 'better-sqlite3';
import { cardState } from '../../src/ledger/codes.ts';
import type { DirectoryJob } from '../tenant/directory-job.ts';
import { compareHeld } from '../tenant/expectation.ts';
import type { Tenant } from '../tenant/tenant.ts';

/**
 * What is wrong with the contacts of people whose removal waits for somebody to decide: until then they stay, and follow what
 * changes. Nothing while a group is missing: what it decided is kept as well, and this does not know what that was.
 */
export function wrongWhileHeld(tenant: Tenant, jobs: readonly DirectoryJob[], ledger: Database): string[] {
  const missing = ledger.prepare('SELECT 1 FROM tracked WHERE missing IS NOT NULL').get();
  if (missing !== undefined) return [];
  const held = ledger
    .prepare<[number], { identity: string; route: string }>(
      `SELECT p.identity, r.id AS route FROM cards c JOIN people p ON p.key = c.person
       JOIN routes r ON r.key = c.route WHERE c.state = ?`,
    )
    .all(cardState.of('held'));
  return jobs.flatMap((job) => {
    const people = new Set(held.flatMap(({ identity, route }) => (route === job.route ? identity : [])));
    return compareHeld(tenant, job, people).map(
      ({ mailbox, source, fields }) => `held, and not up to date: ${mailbox} ${source} ${fields.join(',')}`,
    );
  });
}
