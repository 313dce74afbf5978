import { LINK_MS, offerLink, type Access } from '../dashboard/links.ts';
import type { Config } from '../kit/config/config.ts';
import type { Surroundings } from './service.ts';

export interface DashboardLink {
  readonly url: string;
  readonly access: Access;
  readonly expires: string;
}

/**
 * Makes a link that signs in to the dashboard of this data folder once, in place of an older one. Null: the configuration has
 * no dashboard.
 */
export function dashboardLink(
  { dashboard, data }: Config,
  { clock, random }: Pick<Surroundings, 'clock' | 'random'>,
  access: Access,
): DashboardLink | null {
  if (dashboard === null) return null;
  const now = clock.now();
  const code = offerLink(data, { random, now, access });
  const { host, port } = dashboard.listen;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${port}/sign-in?code=${code}`,
    access,
    expires: new Date(now + LINK_MS).toISOString(),
  };
}
