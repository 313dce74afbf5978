import type { Config } from '../kit/config/config.ts';
import { changeMessages } from '../queue/messages.ts';
import { openServiceBusOutlet } from '../queue/service-bus-queue.ts';
import { busAccess } from './bus-access.ts';
import { healthRole } from './health-role.ts';
import { createMetrics } from './metrics/metrics.ts';
import { exposeReceiver } from './metrics/of-receiver.ts';
import { receiverOf, receiverRole } from './receiver-role.ts';
import { runRoles, type Role } from './roles.ts';
import type { Running, Surroundings } from './service.ts';

/**
 * The receiver as a process of its own. It opens no ledger and knows no tenant's credential; of the bus it needs the right to
 * send to one queue. Nothing that could do more is even loaded: a test walks its imports.
 */
export function openReceiver(config: Config, surroundings: Surroundings): Running {
  const { clock, random, log } = surroundings;
  const { queue, notifications } = config;
  if (queue.kind !== 'serviceBus' || notifications === null)
    throw new Error('A receiver of its own takes a queue that it shares, and notifications.');
  const changes = openServiceBusOutlet({
    access: busAccess(queue, surroundings),
    queue: queue.changes,
    messages: changeMessages,
    buckets: queue.buckets,
    clock,
    random,
    log,
  });
  const receiver = receiverOf(config, notifications, { ...surroundings, changes });
  const roles: Role[] = [receiverRole(receiver, notifications, { clock, log })];
  if (config.health) {
    const metrics = createMetrics({ role: 'receiver', clock });
    exposeReceiver(metrics.registry, receiver);
    const ready = (): Promise<string> => changes.reachable().then(() => 'ok');
    roles.push(healthRole(config.health, { ready, metrics, log }));
  }
  return {
    run: (signal) => runRoles(roles, log, signal),
    close: () => changes.close(),
  };
}
