import type { Config, JobConfig } from '../kit/config/config.ts';
import { routesOf } from '../jobs/routes.ts';
import { exchangeOf } from '../model/exchange-place.ts';

/** Everything that can be written to: the mailboxes of each tenant, and Exchange of those that say how. */
export function placesOf({ tenants }: Pick<Config, 'tenants'>): string[] {
  return tenants.flatMap(({ id, exchange }) => (exchange === null ? [id] : [id, exchangeOf(id)]));
}

/** Does the job show owners in their own mailboxes? */
export function showsOwners(job: JobConfig): boolean {
  return routesOf(job).some(({ ownContact }) => ownContact);
}
