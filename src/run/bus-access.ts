import { originsOf, type CloudName } from '../graph/clouds.ts';
import type { ServiceBusConfig } from '../kit/config/stores-config.ts';
import type { BusAccess } from '../queue/bus/connection.ts';
import { hostToken } from './host-identity.ts';
import type { Surroundings } from './service.ts';

/** The same in every cloud (the client asks for it in all of them). */
const RESOURCE = 'https://servicebus.azure.net';

/** Where tokens for a namespace are issued, by the end of its name; the global cloud for any other. */
const CLOUDS: readonly (readonly [ending: string, cloud: CloudName])[] = [
  ['.servicebus.usgovcloudapi.net', 'gcc-high'],
  ['.servicebus.chinacloudapi.cn', 'china'],
];

/** How a process gets at the bus: by the identity that its host has, or by the key of a connection string. */
export function busAccess(
  { access }: ServiceBusConfig,
  { transport, clock }: Pick<Surroundings, 'transport' | 'clock'>,
): BusAccess {
  if (access.kind === 'connectionString') return { connectionString: access.text.text() };
  const { namespace, identity } = access;
  const cloud = CLOUDS.find(([ending]) => namespace.endsWith(ending))?.[1] ?? 'global';
  return {
    namespace,
    credential: {
      getToken: async () => {
        const at = clock.now();
        const { token, lifetimeMs } = await hostToken(
          identity,
          { transport, clock },
          { resource: RESOURCE, origins: originsOf(cloud) },
        );
        return { token, expiresOnTimestamp: at + lifetimeMs };
      },
    },
  };
}
