import type { Receiver } from '../../webhooks/receiver.ts';
import { routesOf } from '../jobs/routes.ts';
import type { Config } from '../kit/config/config.ts';
import type { Connection } from './connect.ts';
import { healthRole } from './health-role.ts';
import { keptFresh } from './metrics/kept-fresh.ts';
import { createMeter, type Meter } from './metrics/meter.ts';
import { createMetrics } from './metrics/metrics.ts';
import { exposeConnections } from './metrics/of-connections.ts';
import { exposeReceiver } from './metrics/of-receiver.ts';
import { exposeStanding } from './metrics/of-standing.ts';
import { queueStatuses } from './queue-depths.ts';
import type { RoleName } from './role-name.ts';
import type { Role } from './roles.ts';
import type { Surroundings } from './service.ts';
import { readStanding } from './status.ts';
import type { Standing } from './status-report.ts';
import type { Stores } from './stores.ts';

interface Watched {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly role: Exclude<RoleName, 'receiver'>;
  readonly stores: Pick<Stores, 'ledger' | 'changes' | 'writes' | 'deployment'>;
  readonly connections: ReadonlyMap<string, Connection>;
  /** Null where this process has none. */
  readonly receiver: Receiver | null;
  /** Whether this process is the one that keeps; one that could be, and is not, stands by. */
  readonly isKeeper: () => boolean;
}

export interface Watch {
  readonly meter: Meter;
  readonly role: Role;
}

/** How a process with ledger and queues answers for its health, and what it tells of itself; null where nobody is to ask. */
export function watched(process: Watched): Watch | null {
  const { config, surroundings, role, connections, receiver } = process;
  const { clock, log } = surroundings;
  if (config.health === null) return null;
  const metrics = createMetrics({ role, clock });
  const { registry } = metrics;
  const meter = createMeter(registry, { clock, routes: config.jobs.flatMap(routesOf) });
  exposeConnections(registry, connections);
  if (receiver) exposeReceiver(registry, receiver);
  // The same for all who share a ledger: told by those of whom there are few.
  if (role !== 'worker')
    exposeStanding(registry, { clock, read: keptFresh(clock, () => standingOf(process)) });
  return { meter, role: healthRole(config.health, { ready: () => ready(process), metrics, log }) };
}

async function standingOf({ config, surroundings, stores }: Watched): Promise<Standing> {
  const { ledger, deployment } = stores;
  const [changes, writes] = await Promise.all([stores.changes.depth(), stores.writes.depth()]);
  const queues = queueStatuses({ changes, writes });
  return readStanding(config, { ledger, deployment, queues, now: surroundings.clock.now() });
}

/** A keeper says whether it is the one at work or stands by, and either is fine. */
async function ready({ stores, role, isKeeper }: Watched): Promise<string> {
  await Promise.all([stores.ledger.counters.read('found by sweep'), stores.writes.reachable()]);
  if (role === 'worker') return 'ok';
  return isKeeper() ? 'ok: keeper' : 'ok: standby';
}
