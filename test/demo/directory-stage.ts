import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { floorOf } from '../bench/floor.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { freePort } from '../process/free-port.ts';
import { contactWrites } from '../tenant/counts.ts';
import { compareMailboxes } from '../tenant/expectation.ts';
import { populate } from '../tenant/population.ts';
import { createTenant } from '../tenant/tenant.ts';
import type { DemoOptions } from './options.ts';
import type { Stage } from './stage.ts';
import { directoryScenes } from './story.ts';
import { timings } from './telling.ts';
import { openTheatre, type OnProgress } from './theatre.ts';

const FOLDER = 'Company Directory';

/** People of a tenant in the mailboxes of that tenant. */
export async function directoryStage(options: DemoOptions, onProgress: OnProgress): Promise<Stage> {
  const theatre = await openTheatre();
  const random = seededRandom(options.seed);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    latencyMs: options.latencyMs,
    switches: { graceMs: 50 },
  });
  const population = populate(tenant, random, options);
  const origin = await theatre.serve(tenant);
  const port = await freePort();
  const opened = await theatre.open(
    `tenants:
  contoso:
    tenantId: ${tenant.tenantId}
    clientId: ${tenant.clientId}
    cloud: { login: "${origin}", graph: "${origin}" }
    credential: { certificate: ./app.pem }
notifications:
  publicUrl: http://127.0.0.1:${port}
  listen: 127.0.0.1:${port}
  clientStateKey: env:CONTACT_SYNC_CLIENT_STATE_KEY
jobs:
  staff:
    kind: directory
    tenant: contoso
    source: { groups: [${population.source.id}] }
    target: { mailboxes: licensed }
    folder: ${FOLDER}
    guard: { count: 20, percent: 10 }
policy: ${options.policy}
`,
    options,
    onProgress,
  );
  const { policy, limits } = opened.config;
  const given = { policy, concurrency: limits.concurrency, latencyMs: options.latencyMs };
  const job = { sourceGroups: [population.source.id], target: 'licensed' as const, folder: FOLDER };
  return {
    ...opened,
    tenant,
    scenes: directoryScenes({ tenant, population }),
    search: (signal) => opened.service.sweep(signal),
    tenants: [tenant],
    told: timings({ config: opened.config, tenant }, options),
    compare: () => compareMailboxes(tenant, job),
    writes: () => contactWrites(tenant.counts),
    httpRequests: () => tenant.httpRequests,
    floor: ({ writes, peopleRead }) => floorOf(writes, given).batches + Math.ceil(peopleRead / 20),
    hasEchoes: false,
    violations: () => tenant.oracles.violations,
    close: () => theatre.close(),
  };
}
