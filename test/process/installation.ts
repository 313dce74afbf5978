import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeCertificates, type Certificates } from '../tenant/certificates.ts';
import { compareMailboxes, type Comparison, type DirectoryJob } from '../tenant/expectation.ts';
import { populate, type Population, type PopulationSize } from '../tenant/population.ts';
import { serveTenant } from '../tenant/serve.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { configurationText, CURRENT_KEY, FOLDER, type Configuration } from './configuration.ts';
import { freePort } from './free-port.ts';
import { startProgram, type Ended, type Program } from './program.ts';
import { until, type Patience } from './until.ts';

/** Short waits, so that second looks and unknown outcomes are settled within a test. */
export const TIMING = {
  secondLook: ['200ms', '600ms'],
  subscriptionCheck: '2s',
  poll: '300ms',
  gatewayTimeout: '1s',
} as const;

/** A tenant behind HTTPS in this process, and a folder with all that the program needs to run against it. */
export interface Installation {
  readonly tenant: Tenant;
  readonly population: Population;
  readonly certificates: Certificates;
  /** The folder of the configuration, the data and the logs. */
  readonly folder: string;
  readonly data: string;
  readonly origin: string;
  readonly port: number;
  /** (Re)writes the configuration: notifications and one job `staff` over the source group unless told otherwise. */
  configure(changes?: Partial<Configuration>): Promise<void>;
  start(command: string, ...args: readonly string[]): Program;
  /** Until the program ends. */
  run(command: string, ...args: readonly string[]): Promise<Ended>;
  compare(job?: Partial<DirectoryJob>): Comparison;
  /** Until every mailbox equals the directory; returns how long that took, in milliseconds. */
  untilRight(patience?: Patience): Promise<number>;
  close(): Promise<void>;
}

/** Something in front of the tenant: sees every request before it is answered. */
export type Gate = (
  request: HttpRequest,
  answer: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;

export interface InstallationOptions extends PopulationSize {
  readonly seed: number;
  readonly latencyMs?: number;
  readonly gate?: Gate;
}

export async function install(options: InstallationOptions): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-process-'));
  const certificates = await makeCertificates();
  const random = seededRandom(options.seed);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    latencyMs: options.latencyMs ?? 5,
    switches: { graceMs: 50, notifyAfterMs: 50 },
  });
  tenant.registerCertificate(certificates.app.cert);
  const population = populate(tenant, random, options);
  const { gate } = options;
  const answer = (request: HttpRequest): Promise<HttpResponse> =>
    gate ? gate(request, tenant.answer) : tenant.answer(request);
  const served = await serveTenant({ answer }, { tls: certificates.server });
  const port = await freePort();
  await writeFile(path.join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  await writeFile(path.join(folder, 'authority.pem'), certificates.ca);
  const file = path.join(folder, 'contact-sync.yaml');
  const env = {
    NODE_EXTRA_CA_CERTS: path.join(folder, 'authority.pem'),
    [CURRENT_KEY]: 'k'.repeat(48),
  };
  const started = new Set<Program>();
  const start = (command: string, ...args: readonly string[]): Program => {
    const program = startProgram([command, '--config', file, ...args], env);
    started.add(program);
    void program.ended.then(() => started.delete(program));
    return program;
  };
  const job: DirectoryJob = { sourceGroups: [population.source.id], target: 'licensed', folder: FOLDER };
  const installation: Installation = {
    tenant,
    population,
    certificates,
    folder,
    data: path.join(folder, 'data'),
    origin: served.origin,
    port,
    configure: (changes) =>
      writeFile(
        file,
        configurationText({
          tenantId: tenant.tenantId,
          clientId: tenant.clientId,
          origin: served.origin,
          port,
          jobs: { staff: { groups: [population.source.id] } },
          timing: TIMING,
          ...changes,
        }),
      ),
    start,
    run: (command, ...args) => start(command, ...args).ended,
    compare: (changes) => compareMailboxes(tenant, { ...job, ...changes }),
    untilRight: (patience) =>
      until(() => installation.compare().divergences.length === 0, {
        else: () => describe(installation, started),
        ...patience,
      }),
    close: async () => {
      // What a failed test left behind must not outlive it.
      for (const program of started) program.kill('SIGKILL');
      await Promise.all([...started].map((program) => program.ended));
      tenant.close();
      await served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await installation.configure();
  return installation;
}

function describe(installation: Installation, started: ReadonlySet<Program>): string {
  const { divergences } = installation.compare();
  const logs = [...started].map((program) => program.said().slice(-4_000));
  return `${divergences.length} divergences: ${JSON.stringify(divergences.slice(0, 5))}\n${logs.join('\n')}`;
}
