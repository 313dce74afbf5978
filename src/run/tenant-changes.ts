import { strandedIn } from '../engine/absent-tenant.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { routesOf } from '../jobs/routes.ts';
import { tenantOf } from '../model/exchange-place.ts';
import { ConfigProblems, type Config } from '../kit/config/config.ts';
import type { Log } from '../kit/log.ts';
import { placesOf } from './places.ts';

export function tenantsOf({ tenants }: Pick<Config, 'tenants'>): ReadonlySet<string> {
  return new Set(placesOf({ tenants }));
}

/** Says, once for each job, where contacts are left that nobody can take back until their tenant is in the file again. */
export async function reportStranded(config: Config, ledger: Ledger, log: Log): Promise<void> {
  for (const keys of await strandedIn(ledger, tenantsOf(config))) {
    log.tell('tenant-missing', { ...keys });
  }
}

/**
 * A job stays with the tenants that it was made for: its places are mailboxes there, and another tenant's people would be
 * shown in them. Throws `ConfigProblems` that name each job that was moved; nothing was done then.
 */
export async function refuseMovedJobs(config: Config, ledger: Pick<Ledger, 'routes'>): Promise<void> {
  const known = new Map((await ledger.routes.all()).map((record) => [record.id, record]));
  const problems = config.jobs.flatMap((job) => {
    const before = routesOf(job).flatMap(({ id, sourceTenant, targetTenant }) => {
      const record = known.get(id);
      const isMoved = record?.sourceTenant !== sourceTenant || record.targetTenant !== targetTenant;
      return record && isMoved ? [tenantOf(record.targetTenant)] : [];
    })[0];
    if (before === undefined) return [];
    const place = job.tenantPlace ?? { line: 1, path: `jobs.${job.id}.tenant` };
    const message =
      `the contacts of this job are in the tenant "${before}", and a job stays with its tenant. ` +
      `For another tenant make a job of another id; this one leaves the file, and its contacts go. ` +
      `Where the tenant was merely renamed in this file, give it its name "${before}" back`;
    return { ...place, message };
  });
  if (problems.length > 0) throw new ConfigProblems(config.file, problems);
}
