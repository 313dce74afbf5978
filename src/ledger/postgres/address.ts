import { isIP } from 'node:net';
import type { PoolConfig } from 'pg';
import type { PoolOptions } from './pool.ts';

const DEFAULT_PORT = 5_432;

/** In an address they would decide about certificates behind the configuration's back. */
const ELSEWHERE = ['sslcert', 'sslkey', 'sslrootcert', 'sslpassword', 'ssl', 'sslnegotiation'];

/**
 * Where the database is, whom we are there, and how the way is secured. `sslmode` of an address counts only as `disable`;
 * every other one means what it should: encrypted, and the certificate checked. Throws one clear line that never quotes
 * the address.
 */
export function readAddress({ url, tls = {} }: Pick<PoolOptions, 'url' | 'tls'>): PoolConfig {
  const address = parse(url);
  const { searchParams } = address;
  const foreign = ELSEWHERE.find((name) => searchParams.has(name));
  if (foreign !== undefined)
    throw new Error(
      `The address of the ledger's database sets ${foreign}: leave it out, and name a CA of your own in the configuration.`,
    );
  if (searchParams.get('sslmode') === 'no-verify')
    throw new Error(
      "The address of the ledger's database asks for no check of certificates (sslmode=no-verify): name the server's CA in the configuration instead.",
    );
  const host = (searchParams.get('host') ?? decodeURIComponent(address.hostname)).replace(/^\[(.*)\]$/, '$1');
  const database = decodeURIComponent(address.pathname.slice(1));
  if (host === '' || database === '')
    throw new Error("The address of the ledger's database names no host, or no database.");
  const plain = tls === 'off' || searchParams.get('sslmode') === 'disable' || host.startsWith('/');
  return {
    host,
    port: Number(address.port || searchParams.get('port') || DEFAULT_PORT),
    database,
    user: decodeURIComponent(address.username),
    ...(address.password === '' ? {} : { password: decodeURIComponent(address.password) }),
    ssl: plain ? false : secured(tls, host),
  };
}

function parse(url: string): URL {
  const address = URL.parse(url);
  if (!address || !/^postgres(?:ql)?:$/.test(address.protocol))
    throw new Error(
      "The address of the ledger's database is not one: postgres://login:password@host:5432/database.",
    );
  return address;
}

/** The name is checked by Node against `host`, which pg itself passes on only where it is no number. */
function secured(tls: { readonly ca?: string }, host: string): PoolConfig['ssl'] {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(isIP(host) === 0 ? {} : { host }),
  };
}
