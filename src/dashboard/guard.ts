import type { IncomingMessage } from 'node:http';
import type { Listen } from '../kit/config/web.ts';

/** What protects every answer, whatever it is about. */
export const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  // No script, style or picture but from files of our own; nothing may frame the pages or take their forms.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * Whether a request names this machine as its host. A page of somebody else's can make a browser send requests to loopback
 * under a name of its own (DNS rebinding), and would then read the answers. The port is free: a tunnel may lead here.
 */
export function isOwnHost(host: string | undefined): boolean {
  const name = nameOf(`http://${host ?? ''}`);
  return name !== null && (name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name));
}

/**
 * Whether a post comes from a page of ours. Browsers send `Origin` with every post; a program without a browser sends none, and
 * still needs the cookie and its token.
 */
export function isOwnOrigin({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === `http://${host}`;
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

/** Cookies know no port: two dashboards on one machine would sign each other out under one name. */
export function cookieNames({ port }: Listen): { readonly session: string; readonly visit: string } {
  return { session: `contact-sync-session-${port}`, visit: `contact-sync-visit-${port}` };
}

function nameOf(url: string): string | null {
  const parsed = URL.parse(url);
  const isPlain =
    parsed !== null && parsed.username === '' && parsed.pathname === '/' && parsed.search === '';
  return isPlain ? parsed.hostname : null;
}
