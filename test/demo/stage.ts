import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock } from '../../src/kit/clock.ts';
import { loadConfig, type Config } from '../../src/kit/config/config.ts';
import { createLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import type { Progress, Service } from '../../src/run/service.ts';
import { openService } from '../../src/run/wire.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { freePort } from '../process/free-port.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import type { DirectoryJob } from '../tenant/expectation.ts';
import { populate, type Population } from '../tenant/population.ts';
import { serveTenant, type ServedTenant } from '../tenant/serve.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import type { DemoOptions } from './options.ts';

const FOLDER = 'Company Directory';

/** A tenant behind real HTTPS, and the whole service against it. */
export interface Stage {
  readonly tenant: Tenant;
  readonly population: Population;
  readonly job: DirectoryJob;
  readonly config: Config;
  /** Of one call to the tenant, in milliseconds. */
  readonly callMs: number;
  readonly service: Service;
  /** Everything that the service keeps or says: data folder and log. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Sets everything up in a temporary folder; nothing leaves the loopback address. */
export async function setStage(
  options: DemoOptions,
  onProgress: (progress: Progress) => void,
): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-demo-'));
  const certificates = await makeCertificates();
  setDefaultCACertificates([...getCACertificates('default'), certificates.ca]);
  const random = seededRandom(options.seed);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    latencyMs: options.latencyMs,
    switches: { graceMs: 50 },
  });
  tenant.registerCertificate(certificates.app.cert);
  const population = populate(tenant, random, options);
  const served = await serveTenant(tenant, { tls: certificates.server });
  await writeFile(path.join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  await writeFile(
    path.join(folder, 'contact-sync.yaml'),
    configuration({ tenant, population, served, port: await freePort(), policy: options.policy }),
  );
  const config = loadConfig(path.join(folder, 'contact-sync.yaml'), {
    CONTACT_SYNC_CLIENT_STATE_KEY: Buffer.from(systemRandom.bytes(32)).toString('base64'),
  });
  const logFile = createWriteStream(path.join(folder, 'service.log'));
  const surroundings = {
    clock: systemClock,
    random: systemRandom,
    transport: fetchTransport,
    log: createLog('debug', logFile),
    onProgress,
  };
  const service = await openService(config, surroundings);
  const job: DirectoryJob = { sourceGroups: [population.source.id], target: 'licensed', folder: FOLDER };
  return {
    tenant,
    population,
    job,
    config,
    callMs: options.latencyMs,
    service,
    folder,
    close: () => strike({ served, service, logFile, folder }),
  };
}

async function strike(set: {
  served: ServedTenant;
  service: Service;
  logFile: WriteStream;
  folder: string;
}): Promise<void> {
  await set.service.close();
  await set.served.close();
  await new Promise((resolve) => set.logFile.end(resolve));
  await rm(set.folder, { recursive: true, force: true });
}

function configuration(made: {
  tenant: Tenant;
  population: Population;
  served: ServedTenant;
  port: number;
  policy: DemoOptions['policy'];
}): string {
  const { tenant, population, served, port, policy } = made;
  return `tenants:
  contoso:
    tenantId: ${tenant.tenantId}
    clientId: ${tenant.clientId}
    cloud: { login: "${served.origin}", graph: "${served.origin}" }
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
data: ./data
policy: ${policy}
`;
}
