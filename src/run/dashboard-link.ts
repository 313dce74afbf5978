import { LINK_MS, offerLink, type Access } from '../dashboard/links.ts';
import type { Config } from '../kit/config/config.ts';
import { isLoopbackHost } from '../kit/config/web.ts';
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
  return {
    url: `${originOf(dashboard)}/sign-in?code=${code}`,
    access,
    expires: new Date(now + LINK_MS).toISOString(),
  };
}

/** Every address of a machine, so that loopback is among them. */
const EVERY: readonly string[] = ['0.0.0.0', '::'];

/** By which a browser on this machine reaches the dashboard; where it does not listen there, the name that others call it by. */
function originOf({ listen: { host, port }, entra }: NonNullable<Config['dashboard']>): string {
  if (EVERY.includes(host)) return `http://127.0.0.1:${port}`;
  if (entra !== null && !isLoopbackHost(host)) return entra.publicUrl;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
