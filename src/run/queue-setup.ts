import type { Config } from '../kit/config/config.ts';
import type { ServiceBusConfig } from '../kit/config/stores-config.ts';
import { openQueueSetup, type QueueFinding, type QueueSetup } from '../queue/service-bus-setup.ts';
import { busAccess } from './bus-access.ts';
import type { Surroundings } from './service.ts';

/** What became of the queues that the configuration names. */
export interface QueuesReport {
  readonly queues: readonly string[];
  readonly created: readonly string[];
  readonly findings: readonly QueueFinding[];
}

/** Only where the configuration names a bus: the files of a data folder make themselves. */
type BusConfig = Pick<Config, 'queue'> & { readonly queue: ServiceBusConfig };

/** Makes those that are missing, then checks all of them. Throws a fault when the namespace cannot be administered. */
export async function createQueues(
  config: BusConfig,
  surroundings: Pick<Surroundings, 'clock' | 'transport'>,
): Promise<QueuesReport> {
  const { setup, queues } = setupOf(config, surroundings);
  const created = await setup.create(queues);
  return { queues, created, findings: await setup.check(queues) };
}

/** Changes nothing. Throws a fault when the namespace cannot be administered. */
export async function checkQueues(
  config: BusConfig,
  surroundings: Pick<Surroundings, 'clock' | 'transport'>,
): Promise<QueuesReport> {
  const { setup, queues } = setupOf(config, surroundings);
  return { queues, created: [], findings: await setup.check(queues) };
}

function setupOf(
  { queue }: BusConfig,
  surroundings: Pick<Surroundings, 'clock' | 'transport'>,
): { setup: QueueSetup; queues: string[] } {
  return {
    setup: openQueueSetup(busAccess(queue, surroundings)),
    queues: [queue.changes, queue.writes],
  };
}
