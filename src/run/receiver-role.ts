import type { Config, NotificationsConfig } from '../kit/config/config.ts';
import { createReceiver } from '../../webhooks/receiver.ts';
import { startReceiver } from '../../webhooks/server.ts';
import type { Parts } from './assemble.ts';
import type { Role } from './roles.ts';

/** The receiver listens before anything subscribes: Graph calls it while it answers the create. */
export function receiverRole(
  config: Config,
  { listen, clientStateKey, previousClientStateKey }: NotificationsConfig,
  { changes, clock, log }: Pick<Parts, 'changes' | 'clock' | 'log'>,
): Role {
  const receiver = createReceiver({
    tenants: new Map(config.tenants.map((tenant) => [tenant.tenantId.toLowerCase(), { key: tenant.id }])),
    keys: {
      current: clientStateKey.bytes(),
      ...(previousClientStateKey ? { previous: previousClientStateKey.bytes() } : {}),
    },
    changes,
    clock,
    log,
  });
  return {
    name: 'receiver',
    start: async () => {
      const server = await startReceiver({ receiver, clock, host: listen.host, port: listen.port });
      log.info('receiver listens', { host: listen.host, port: server.port });
      return () => server.stop();
    },
  };
}
