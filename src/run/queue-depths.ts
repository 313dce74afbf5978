import type { QueueDepth } from '../engine/queue-port.ts';
import type { Clock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import type { ServiceBusConfig } from '../kit/config/stores-config.ts';
import { viewDataFolder } from '../kit/data-folder.ts';
import { silentLog } from '../kit/log.ts';
import { systemRandom } from '../kit/random.ts';
import { fetchTransport } from '../kit/transport.ts';
import { readDepths } from '../queue/figures.ts';
import { QUEUE_FILE } from './files.ts';
import type { QueueStatus } from './status-report.ts';

/** Nothing is taken. */
const NO_LEASE_MS = 60_000;

/** How full the queues are, read beside whoever works on them. None where there is no queue yet. */
export async function readQueues(
  config: Config,
  { clock }: { readonly clock: Clock },
): Promise<QueueStatus[]> {
  const depths =
    config.queue.kind === 'serviceBus'
      ? await depthsAtBus(config.queue, clock)
      : (readDepths(viewDataFolder(config.data).file(QUEUE_FILE), clock.now()) ?? {});
  return queueStatuses(depths);
}

export function queueStatuses(depths: Readonly<Record<string, QueueDepth>>): QueueStatus[] {
  return Object.entries(depths).map(([name, { due, delayed, held, dead, oldestDueMs }]) => ({
    name,
    due,
    delayed,
    held,
    dead,
    oldestDueSeconds: oldestDueMs / 1_000,
  }));
}

async function depthsAtBus(config: ServiceBusConfig, clock: Clock): Promise<Record<string, QueueDepth>> {
  const surroundings = { clock, random: systemRandom, transport: fetchTransport, log: silentLog };
  const { openBusQueues } = await import('./shared-stores.ts');
  const queues = openBusQueues(config, surroundings, { leaseMs: NO_LEASE_MS });
  try {
    const [changes, writes] = await Promise.all([queues.changes.depth(), queues.writes.depth()]);
    return { changes, writes };
  } finally {
    await queues.close();
  }
}
