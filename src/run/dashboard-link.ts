import { LINK_MS, offerLink, type Access } from '../dashboard/links.ts';
import type { Config } from '../kit/config/config.ts';
import { isLoopbackHost } from '../kit/config/web.ts';
import type { Surroundings } from './service.ts';

export interface DashboardLink {
  /** Where the code signs in: over loopback the code is in it, at the public name it is to be typed there. */
  readonly url: string;
  readonly code: string;
  readonly access: Access;
  readonly expires: string;
  /** Where the code may be typed as well, by whoever does not reach loopback: from outside of a container, say. */
  readonly elsewhere: string | null;
}

/**
 * Makes a link that signs in to the dashboard of this data folder once, in place of an older one. Null: the configuration has
 * no dashboard. No address at the public name bears the code: the proxy there writes addresses into its log.
 */
export function dashboardLink(
  { dashboard, data }: Config,
  { clock, random }: Pick<Surroundings, 'clock' | 'random'>,
  access: Access,
): DashboardLink | null {
  if (dashboard === null) return null;
  const now = clock.now();
  const code = offerLink(data, { random, now, access });
  const expires = new Date(now + LINK_MS).toISOString();
  return { ...waysTo(dashboard, code), code, access, expires };
}

function waysTo(
  { listen: { host, port }, entra }: NonNullable<Config['dashboard']>,
  code: string,
): Pick<DashboardLink, 'url' | 'elsewhere'> {
  const page = entra === null ? null : `${entra.publicUrl}/sign-in`;
  if (EVERY.includes(host)) return { url: `http://127.0.0.1:${port}/sign-in?code=${code}`, elsewhere: page };
  // It does not listen on loopback, which takes a public name.
  if (page !== null && !isLoopbackHost(host)) return { url: page, elsewhere: null };
  const named = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${named}:${port}/sign-in?code=${code}`, elsewhere: null };
}

/** Every address of a machine, so that loopback is among them. */
const EVERY: readonly string[] = ['0.0.0.0', '::'];
