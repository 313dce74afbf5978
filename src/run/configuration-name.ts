import { createHash } from 'node:crypto';
import type { Config } from '../kit/config/config.ts';

/**
 * Names what all processes must have in common: what the jobs are, for whom, whom nobody shows, and how long the record is kept.
 * While one of them has an older configuration, nothing follows from a change that could not be undone.
 */
export function configurationName({ jobs, tenants, compliance: { keepOut, record } }: Config): string {
  const named = {
    jobs,
    tenants: tenants.map(({ id, tenantId, clientId }) => [id, tenantId, clientId]),
    keepOut: [...new Set(keepOut)].toSorted(),
    record: record.days,
  };
  return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 16);
}
