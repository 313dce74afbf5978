import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execute } from '../../src/cli/program.ts';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { fetchTransport, type Transport } from '../../src/kit/transport.ts';
import type { Finding } from '../../src/run/doctor/examine.ts';
import * as run from '../../src/run/wire.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { configurationText, CURRENT_KEY, type Configuration } from '../process/configuration.ts';
import { makeAppCertificate } from '../tenant/certificates.ts';
import type { Switches } from '../tenant/options.ts';
import { populate, type Population } from '../tenant/population.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { fakeWorld } from './fake-world.ts';

interface WardOptions {
  readonly roles?: readonly string[];
  readonly switches?: Partial<Switches>;
}

export interface Seen {
  readonly code: number;
  readonly findings: readonly Finding[];
  readonly stderr: string;
}

/** What differs from one visit of the doctor to the next. */
export interface Visit {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How far the clock of this machine is ahead of the tenant's. */
  readonly aheadMs?: number;
  /** Instead of the login host and Graph. */
  readonly cloud?: Transport;
}

/** An installation in front of a tenant in this process; everything else that the doctor asks is on real sockets. */
export class Ward {
  readonly folder: string;
  readonly tenant: Tenant;
  readonly population: Population;

  private constructor({ folder, tenant, population }: Pick<Ward, 'folder' | 'tenant' | 'population'>) {
    this.folder = folder;
    this.tenant = tenant;
    this.population = population;
  }

  static async open({ roles, switches }: WardOptions = {}): Promise<Ward> {
    const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-ward-'));
    const random = seededRandom(91);
    const tenant = createTenant({
      clock: systemClock,
      random,
      ...(roles === undefined ? {} : { app: { roles } }),
      ...(switches === undefined ? {} : { switches }),
    });
    const population = populate(tenant, random, { people: 8, mailboxes: 2 });
    const app = await makeAppCertificate();
    tenant.registerCertificate(app.cert);
    const ward = new Ward({ folder, tenant, population });
    await writeFile(ward.file('app.pem'), app.pem, { mode: 0o600 });
    await ward.configure();
    return ward;
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Without notifications, and one job `staff` over the source group, unless told otherwise. */
  async configure(changes: Partial<Configuration> = {}): Promise<void> {
    const { tenantId, clientId } = this.tenant;
    const jobs = { staff: { groups: [this.population.source.id] } };
    const text = configurationText({ tenantId, clientId, jobs, ...changes });
    await writeFile(this.file('contact-sync.yaml'), text, { mode: 0o600 });
  }

  /** `doctor --json` in this process. */
  async look({ args = [], env = {}, aheadMs = 0, cloud = this.tenant.transport }: Visit = {}): Promise<Seen> {
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const { world, seen } = fakeWorld({ env: { [CURRENT_KEY]: 'k'.repeat(48), ...env } });
    const code = await execute(['doctor', '--json', '--config', this.file('contact-sync.yaml'), ...args], {
      ...world,
      clock,
      transport: dispatch(cloud),
      loadRun: () => Promise.resolve(run),
    });
    const { findings } = JSON.parse(seen.stdout) as Pick<Seen, 'findings'>;
    return { code, findings, stderr: seen.stderr };
  }

  close(): Promise<void> {
    this.tenant.close();
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Microsoft's hosts are the tenant's, with the date that every server sends; what is on this machine is asked for in earnest. */
function dispatch(cloud: Transport): Transport {
  return async (request) => {
    const { hostname } = new URL(request.url);
    if (hostname === 'localhost' || hostname.startsWith('127.')) return fetchTransport(request);
    const answer = await cloud(request);
    return { ...answer, headers: { date: new Date(systemClock.now()).toUTCString(), ...answer.headers } };
  };
}

/** The one finding of a check that is in this state. Throws unless there is exactly one. */
export function the(state: Finding['state'], check: string, { findings }: Seen): Finding {
  const found = findings.filter((one) => one.check === check && one.state === state);
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new Error(`${found.length} of ${check} are ${state}: ${JSON.stringify(findings)}`);
  return one;
}

/** Checks that failed or warn, each once, in their order. */
export function troubles({ findings }: Pick<Seen, 'findings'>): string[] {
  const bad = findings.filter(({ state }) => state === 'failed' || state === 'warning');
  return [...new Set(bad.map(({ check }) => check))];
}
