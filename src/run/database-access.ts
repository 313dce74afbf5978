import { originsOf, type CloudName } from '../graph/clouds.ts';
import type { PostgresConfig } from '../kit/config/stores-config.ts';
import { systemClock } from '../kit/clock.ts';
import { fetchTransport } from '../kit/transport.ts';
import { hostToken } from './host-identity.ts';
import type { Surroundings } from './service.ts';

interface Cloud {
  readonly name: CloudName;
  /** The audience of a token that a database of this cloud takes in place of a password. */
  readonly resource: string;
}

const GLOBAL: Cloud = { name: 'global', resource: 'https://ossrdbms-aad.database.windows.net' };

/**
 * By the end of the server's name; the global cloud for any other. Source: learn.microsoft.com/azure/postgresql/security
 * ("Microsoft Entra authentication"), and what `az cloud show` names as `ossrdbmsResourceId`.
 */
const CLOUDS: readonly (readonly [ending: string, cloud: Cloud])[] = [
  [
    '.postgres.database.usgovcloudapi.net',
    { name: 'gcc-high', resource: 'https://ossrdbms-aad.database.usgovcloudapi.net' },
  ],
  [
    '.postgres.database.chinacloudapi.cn',
    { name: 'china', resource: 'https://ossrdbms-aad.database.chinacloudapi.cn' },
  ],
];

/** What a process asks with. */
export type Asking = Pick<Surroundings, 'transport' | 'clock'>;
export const SYSTEM: Asking = { transport: fetchTransport, clock: systemClock };

/** The password of each new connection, where the configuration names an identity: a token, which lives for an hour or so. */
export function databasePassword(
  { url, identity }: Pick<PostgresConfig, 'url' | 'identity'>,
  asking: Asking,
): (() => Promise<string>) | undefined {
  if (identity === null) return undefined;
  const host = URL.parse(url.text())?.hostname ?? '';
  const cloud = CLOUDS.find(([ending]) => host.endsWith(ending))?.[1] ?? GLOBAL;
  return async () =>
    (await hostToken(identity, asking, { resource: cloud.resource, origins: originsOf(cloud.name) })).token;
}
