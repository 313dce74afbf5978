import type { IncomingMessage } from 'node:http';
import type { DashboardConfig } from '../kit/config/dashboard.ts';
import { isFromLoopback, isLoopbackName } from '../kit/loopback.ts';

/** What protects every answer, whatever it is about. */
export const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  // No script, style or picture but from files of our own; nothing may frame the pages or take their forms.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // The address of a link bears its code. Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
  'Referrer-Policy': 'strict-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** One of the names by which browsers may call the dashboard, and what goes with it. */
export interface Door {
  /** Of the pages that are reached by it. */
  readonly origin: string;
  /** By the name that the configuration gives, where people sign in through Entra; else by one of this machine's own. */
  readonly isPublic: boolean;
  readonly cookies: { readonly session: string; readonly visit: string; readonly flow: string };
  /** Of every cookie but `flow`. */
  readonly attributes: string;
}

/** Null: the request calls this machine by another name, and gets nothing. */
export type DoorOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => Door | null;

/**
 * By the host that a request names. A page of somebody else's can make a browser send requests here under a name of its own (DNS
 * rebinding), and would then read the answers. Of loopback the port is free: a tunnel may lead here. Loopback names are for whoever
 * comes over loopback, by the address of the connection, and not by way of a proxy on this machine, which has that address as well.
 */
export function createDoors({ listen, entra }: Pick<DashboardConfig, 'listen' | 'entra'>): DoorOf {
  const site = entra === null ? null : new URL(entra.publicUrl);
  return ({ headers, socket }) => {
    const { host } = headers;
    if (site !== null && hostOf(`${site.protocol}//${host ?? ''}`)?.host === site.host)
      return doorOf(site, listen.port, true);
    const named = hostOf(`http://${host ?? ''}`);
    if (named === null || !isLoopbackName(named.hostname)) return null;
    if (FORWARDED.some((name) => headers[name] !== undefined)) return null;
    return isFromLoopback(socket) ? doorOf(named, listen.port, false) : null;
  };
}

/** What proxies add; a tunnel of SSH adds nothing. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const;
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

/** Cookies know no port: two dashboards on one machine would sign each other out under one name. */
function doorOf({ protocol, origin }: URL, port: number, isPublic: boolean): Door {
  // Browsers take a cookie of this prefix over https alone, for this very host, and from no other one of its domain.
  const name = (what: string): string =>
    protocol === 'https:' ? `__Host-contact-sync-${what}` : `contact-sync-${what}-${port}`;
  return {
    origin,
    isPublic,
    cookies: { session: name('session'), visit: name('visit'), flow: name('flow') },
    attributes: protocol === 'https:' ? `${ATTRIBUTES}; Secure` : ATTRIBUTES,
  };
}

/**
 * Whether a post comes from a page of ours. Browsers send `Origin` with every post; a program without a browser sends none, and
 * still needs the cookie and its token.
 */
export function isOwnOrigin({ headers }: Pick<IncomingMessage, 'headers'>, door: Door): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === door.origin;
}

/** Whether a page asks for itself, and nobody for it: by its script, or without one by the tag for that. */
export function isRefresh({ headers, url }: Pick<IncomingMessage, 'headers' | 'url'>): boolean {
  return headers['x-refresh'] !== undefined || url === '/?refresh';
}

/** The value of one cookie. */
export function cookieOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** What stands behind the question mark. */
export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at));
}

/** A host and nothing else. */
function hostOf(url: string): URL | null {
  const parsed = URL.parse(url);
  const isPlain =
    parsed !== null && parsed.username === '' && parsed.pathname === '/' && parsed.search === '';
  return isPlain ? parsed : null;
}
