import { isLoopbackName } from '../loopback.ts';
import { word } from './words.ts';
import type { Shape } from './shapes.ts';

/** An address to listen on. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Where a process answers for its health, and to whom it tells its figures. */
export interface HealthConfig {
  readonly listen: Listen;
  /** By the address of the connection, never by a header. */
  readonly metrics: (typeof METRICS_FOR)[number];
}

export const METRICS_FOR = ['nobody', 'sameMachine', 'everybody'] as const;

/** `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:8080`; port 0 lets the system choose. */
export const listenAddress = address('127.0.0.1:8080', '[0-9]{1,5}');

/** The same, under a port that others know beforehand. */
export const knownAddress = address('127.0.0.1:8090', '[1-9][0-9]{0,4}');

/** `port`: the pattern of its digits. */
function address(example: string, port: string): Shape<Listen> {
  const [ipv6, other] = ['[0-9A-Fa-f:.]+', '[A-Za-z0-9.-]+'];
  const pattern = new RegExp(`^(?:\\[(${ipv6})\\]|(${other})):(${port})$`);
  return word({
    expected: `an address and port such as ${example}`,
    json: { pattern: `^(\\[${ipv6}\\]|${other}):${port}$` },
    parse(text) {
      const match = pattern.exec(text);
      const host = match?.[1] ?? match?.[2];
      const number = Number(match?.[3]);
      return host === undefined || number > 65_535 ? undefined : { host, port: number };
    },
  });
}

/** Where Graph posts to, without the slash at the end. Graph refuses http; loopback is for tests and the demo. */
export const publicUrl: Shape<string> = word({
  expected: 'an https URL without user, query or fragment (http for loopback addresses only)',
  json: { pattern: '^https?://' },
  parse(text) {
    const url = plainUrl(text);
    if (url === undefined) return undefined;
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackName(url.hostname)))
      return undefined;
    return url.href.replace(/\/+$/, '');
  },
});

/** By what browsers call a site of ours. Without https others read what is sent; loopback is for tests and tunnels. */
export const siteOrigin: Shape<string> = word({
  expected:
    'an https origin without a path, such as https://dashboard.contoso.com (http for loopback addresses only)',
  json: { pattern: '^https?://[^/?#]+/?$' },
  parse(text) {
    const url = plainUrl(text);
    if (url?.pathname !== '/') return undefined;
    return url.protocol === 'https:' || isLoopbackName(url.hostname) ? url.origin : undefined;
  },
});

/** Scheme, host and port of a cloud of one's own. Only https: access tokens travel there. */
export const httpsOrigin: Shape<string> = word({
  expected: 'an https origin without a path, such as https://graph.example.com',
  json: { pattern: '^https://[^/?#]+/?$' },
  parse(text) {
    const url = plainUrl(text);
    return url?.protocol === 'https:' && url.pathname === '/' ? url.origin : undefined;
  },
});

function plainUrl(text: string): URL | undefined {
  // The parser drops white space and tolerates backslashes and missing slashes; a configuration should not need that.
  if (!/^https?:\/\/[^\s\\?#@]+$/.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text);
}

/** Of an address to listen on, where an IPv6 address stands without brackets. */
export function isLoopbackHost(host: string): boolean {
  return isLoopbackName(host.includes(':') ? `[${host}]` : host);
}
