import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { STORES_ALONE } from '../../src/cli/settings.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { loadConfig } from '../../src/kit/config/config.ts';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { readStatus } from '../../src/run/status.ts';
import type { Status } from '../../src/run/status-report.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import type { DirectoryJob } from '../tenant/directory-job.ts';
import { compareMailboxes, type Comparison } from '../tenant/expectation.ts';
import type { LatencyMs } from '../tenant/http/latency.ts';
import type { Switches } from '../tenant/options.ts';
import { populate, type Population, type PopulationSize } from '../tenant/population.ts';
import { serveTenant, type ServedTenant } from '../tenant/serve.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { configurationText, CURRENT_KEY, FOLDER, type Configuration } from './configuration.ts';
import { freePort } from './free-port.ts';
import { startProgram, type Ended, type Program } from './program.ts';
import { openStores, type Stores } from './stores.ts';
import { until, type Patience } from './until.ts';

/** Short waits, so that second looks and unknown outcomes are settled within a test. */
export const TIMING = {
  secondLook: ['200ms', '600ms'],
  subscriptionCheck: '2s',
  poll: '300ms',
  gatewayTimeout: '1s',
} as const;

/** Something in front of the tenant: sees every request before it is answered. */
export type Gate = (
  request: HttpRequest,
  answer: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;

export interface InstallationOptions extends PopulationSize {
  readonly seed: number;
  readonly gate?: Gate;
  /** Application permissions of the app; the three of the main job unless given. */
  readonly roles?: readonly string[];
  readonly switches?: Partial<Switches>;
  /** Of one call to the tenant, in milliseconds; 5 unless given. */
  readonly latencyMs?: LatencyMs;
  /** For every process, beside what the standard configuration refers to. */
  readonly env?: Readonly<Record<string, string>>;
  /** Opens those of the shape under test unless given; they are closed with the installation. `data`: the data folder. */
  readonly stores?: (data: string) => Stores | Promise<Stores>;
}

/** Sets everything up in a temporary folder; nothing leaves the loopback address. */
export async function install(options: InstallationOptions): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-process-'));
  const certificates = await makeCertificates();
  const random = seededRandom(options.seed);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    latencyMs: options.latencyMs ?? 5,
    switches: { graceMs: 50, notifyAfterMs: 50, ...options.switches },
    ...(options.roles === undefined ? {} : { app: { roles: options.roles } }),
  });
  tenant.registerCertificate(certificates.app.cert);
  const population = populate(tenant, random, options);
  const { gate = (request, answer) => answer(request) } = options;
  const answer = (request: HttpRequest): Promise<HttpResponse> => gate(request, tenant.answer);
  const served = await serveTenant({ answer }, { tls: certificates.server });
  await writeFile(path.join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  await writeFile(path.join(folder, 'authority.pem'), certificates.ca);
  const installation = new Installation({
    folder,
    tenant,
    population,
    served,
    port: await freePort(),
    env: options.env ?? {},
    stores: await (options.stores ?? openStores)(path.join(folder, 'data')),
  });
  await installation.configure();
  return installation;
}

type Made = Pick<Installation, 'folder' | 'tenant' | 'population' | 'stores'> & {
  readonly served: ServedTenant;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
};

/** A tenant behind HTTPS in this process, and a folder with all that the program needs to run against it. */
export class Installation {
  /** Of the configuration and the data. */
  readonly folder: string;
  readonly tenant: Tenant;
  readonly population: Population;
  readonly stores: Stores;
  readonly #served: ServedTenant;
  /** Of the receiver. */
  readonly port: number;
  readonly #env: Readonly<Record<string, string>>;
  readonly #file: string;
  readonly #running = new Set<Program>();

  constructor({ folder, tenant, population, stores, served, port, env }: Made) {
    this.folder = folder;
    this.tenant = tenant;
    this.population = population;
    this.stores = stores;
    this.#served = served;
    this.port = port;
    this.#env = env;
    this.#file = path.join(folder, 'contact-sync.yaml');
  }

  /** (Re)writes the file: with notifications, and one job `staff` over the source group, unless told otherwise. */
  async configure(changes: Partial<Configuration> = {}): Promise<void> {
    const { tenantId, clientId } = this.tenant;
    const { origin } = this.#served;
    const jobs = { staff: { groups: [this.population.source.id] } };
    const standard = { tenantId, clientId, origin, port: this.port, jobs, timing: TIMING };
    const more = { ...this.stores.keys, ...changes.more };
    await writeFile(this.#file, configurationText({ ...standard, ...changes, more }));
  }

  start(command: string, ...args: readonly string[]): Program {
    const program = startProgram([command, '--config', this.#file, ...args], this.environment());
    this.#running.add(program);
    void program.ended.then(() => this.#running.delete(program));
    return program;
  }

  /** What `status` shows, read by this process: for a look that is taken again and again, a process each time is dear. */
  look(): Promise<Status> {
    return readStatus(loadConfig(this.#file, this.environment(), { secrets: STORES_ALONE }));
  }

  /** Until the program ends. */
  run(command: string, ...args: readonly string[]): Promise<Ended> {
    return this.start(command, ...args).ended;
  }

  compare(changes: Partial<DirectoryJob> = {}): Comparison {
    const sourceGroups = [this.population.source.id];
    return compareMailboxes(this.tenant, { sourceGroups, target: 'licensed', folder: FOLDER, ...changes });
  }

  /** Until every mailbox equals the directory; returns how long that took, in milliseconds. */
  untilRight(): Promise<number> {
    return until(() => this.compare().divergences.length === 0, { else: () => this.#trouble() });
  }

  /**
   * Until both subscriptions are there, and `keeper` has asked for what happened before: that sweep finds a change as well, and nobody
   * announced that one.
   */
  async untilSubscribed(keeper: Program, patience: Patience = {}): Promise<void> {
    const whole = { else: () => keeper.said(), ...patience };
    await until(() => this.tenant.subscriptions.all().length === 2, whole);
    await until(() => keeper.said().includes('"from":"latest"'), whole);
  }

  /** What a failed test left running does not outlive it. */
  async close(): Promise<void> {
    for (const program of this.#running) program.kill('SIGKILL');
    await Promise.all([...this.#running].map((program) => program.ended));
    this.tenant.close();
    await this.#served.close();
    await this.stores.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Of every process, beside this one's own. */
  environment(): Record<string, string> {
    const authority = path.join(this.folder, 'authority.pem');
    const own = { NODE_EXTRA_CA_CERTS: authority, [CURRENT_KEY]: 'k'.repeat(48) };
    return { ...own, ...this.stores.env, ...this.#env };
  }

  #trouble(): string {
    const { divergences } = this.compare();
    const logs = [...this.#running].map((program) => program.said().slice(-4_000));
    return `${divergences.length} divergences: ${JSON.stringify(divergences.slice(0, 5))}\n${logs.join('\n')}`;
  }
}
