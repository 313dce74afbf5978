import type { Config, NotificationsConfig } from '../kit/config/config.ts';
import { createReceiver, type Receiver } from '../../webhooks/receiver.ts';
import { startReceiver } from '../../webhooks/server.ts';
import type { Outlet } from '../engine/queue-port.ts';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { Change } from '../model/change.ts';
import type { Role } from './roles.ts';
import { tracedOutlet } from './tracing/traced.ts';

interface Receiving {
  readonly changes: Outlet<Change>;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
}

/** What takes notifications about the configuration's tenants. */
export function receiverOf(
  config: Config,
  { clientStateKey, previousClientStateKey }: NotificationsConfig,
  { changes, clock, log, tracing }: Receiving,
): Receiver {
  return createReceiver({
    tenants: new Map(config.tenants.map((tenant) => [tenant.tenantId.toLowerCase(), { key: tenant.id }])),
    keys: {
      current: clientStateKey.bytes(),
      ...(previousClientStateKey ? { previous: previousClientStateKey.bytes() } : {}),
    },
    changes: tracing ? tracedOutlet(tracing, changes) : changes,
    clock,
    log,
  });
}

/** The receiver listens before anything subscribes: Graph calls it while it answers the create. */
export function receiverRole(
  receiver: Receiver,
  { listen }: Pick<NotificationsConfig, 'listen'>,
  { clock, log }: Pick<Receiving, 'clock' | 'log'>,
): Role {
  return {
    name: 'receiver',
    start: async () => {
      const server = await startReceiver({ receiver, clock, host: listen.host, port: listen.port });
      log.tell('receiver-listens', { host: listen.host, port: server.port });
      return { stop: () => server.stop() };
    },
  };
}
