import type { Known } from '../dashboard/house.ts';
import { routesOf } from '../jobs/routes.ts';
import type { Config } from '../kit/config/config.ts';
import { tenantOf } from '../model/exchange-place.ts';
import { withLedger } from './orders.ts';
import { haltStatusesOf } from './status.ts';

/** What an order may name, from configuration and ledger: jobs that were withdrawn are in the ledger alone. */
export function known(config: Config): Promise<Known> {
  return withLedger(config, async (ledger) => {
    const routes = [...config.jobs.flatMap(routesOf), ...(await ledger.routes.all())];
    const jobs = Map.groupBy(routes, (route) => route.job);
    return {
      jobs: Array.from(jobs, ([job, ways]) => ({ job, tenants: [...new Set(ways.flatMap(tenantsOf))] })),
      tenants: config.tenants.map(({ id }) => id),
      halts: await haltStatusesOf(ledger),
    };
  });
}

/** What stands in a tenant beside its mailboxes is called after it. */
function tenantsOf(way: { readonly sourceTenant: string; readonly targetTenant: string }): string[] {
  return [way.sourceTenant, way.targetTenant].map(tenantOf);
}
