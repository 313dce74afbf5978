import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import { loadConfig, type Config } from '../../src/kit/config/config.ts';
import { silentLog, type Log } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';
import type { Service } from '../../src/run/service.ts';
import type { Status } from '../../src/run/status-report.ts';
import { openService, readStatus } from '../../src/run/wire.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeAppCertificate } from '../tenant/certificates.ts';
import { compareMailboxes, type Comparison } from '../tenant/expectation.ts';
import { populate, type Population } from '../tenant/population.ts';
import type { Switches } from '../tenant/options.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { FOLDER } from './configuration.ts';
import { TIMING } from './installation.ts';
import { openStores, type Stores } from './stores.ts';
import { until } from './until.ts';

/** What can be wrong with a whole tenant. */
export type Illness = 'well' | 'refuses the credential' | 'cannot be reached' | 'never answers';

const NAMES = ['contoso', 'fabrikam'] as const;
type Name = (typeof NAMES)[number];

export interface Neighbour {
  readonly tenant: Tenant;
  readonly population: Population;
  /** What hangs is cut off. */
  become(illness: Illness): void;
  answer(request: HttpRequest): Promise<HttpResponse>;
  compare(): Comparison;
  untilRight(): Promise<number>;
}

export interface Neighbours extends Readonly<Record<Name, Neighbour>> {
  readonly config: Config;
  status(config?: Config): Promise<Status>;
  /** With the file's configuration and without a log unless given. */
  open(changed?: { readonly config?: Config; readonly log?: Log }): Promise<Service>;
  close(): Promise<void>;
}

/** One service in this process, without notifications, for two tenants with hosts of their own. */
export async function openNeighbours(
  size = { people: 12, mailboxes: 2 },
  switches: Partial<Switches> = {},
): Promise<Neighbours> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-neighbours-'));
  const app = await makeAppCertificate();
  await writeFile(path.join(folder, 'app.pem'), app.pem, { mode: 0o600 });
  const [contoso, fabrikam] = [
    neighbour('contoso', 1, { ...size, switches }),
    neighbour('fabrikam', 2, { ...size, switches }),
  ];
  for (const { tenant } of [contoso, fabrikam]) tenant.registerCertificate(app.cert);
  const file = path.join(folder, 'contact-sync.yaml');
  const stores = await openStores(path.join(folder, 'data'));
  await writeFile(file, configurationOf({ contoso, fabrikam }, stores));
  const config = loadConfig(file, stores.env);
  const transport: Transport = (request) =>
    (new URL(request.url).host.endsWith('contoso') ? contoso : fabrikam).answer(request);
  return {
    contoso,
    fabrikam,
    config,
    status: (other = config) => readStatus(other),
    open: (changed = {}) =>
      openService(changed.config ?? config, {
        clock: systemClock,
        random: systemRandom,
        transport,
        log: changed.log ?? silentLog,
      }),
    close: async () => {
      contoso.tenant.close();
      fabrikam.tenant.close();
      await stores.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function neighbour(
  name: Name,
  number: number,
  { switches, ...size }: { people: number; mailboxes: number; switches: Partial<Switches> },
): Neighbour {
  const random = seededRandom(number);
  const tenant = createTenant({
    clock: systemClock,
    random,
    tenantId: `${number}0000000-0000-4000-8000-000000000000`,
    loginHost: `https://login.${name}`,
    graphHost: `https://graph.${name}`,
    switches: { graceMs: 50, ...switches },
  });
  const population = populate(tenant, random, size);
  const job = { sourceGroups: [population.source.id], target: 'licensed' as const, folder: FOLDER };
  const hung = new Set<(reason: Error) => void>();
  let illness: Illness = 'well';
  const compare = (): Comparison => compareMailboxes(tenant, job);
  return {
    tenant,
    population,
    become: (now) => {
      illness = now;
      for (const cut of hung) cut(new Error('cut off'));
      hung.clear();
    },
    answer: (request) =>
      illness === 'never answers' ? silence(request, hung) : answered(request, tenant, illness),
    compare,
    untilRight: () => until(() => compare().divergences.length === 0),
  };
}

function configurationOf(tenants: Readonly<Record<Name, Neighbour>>, { keys }: Stores): string {
  return JSON.stringify({
    tenants: Object.fromEntries(
      NAMES.map((name) => {
        const { tenantId, clientId } = tenants[name].tenant;
        const cloud = { login: `https://login.${name}`, graph: `https://graph.${name}` };
        return [name, { tenantId, clientId, cloud, credential: { certificate: './app.pem' } }];
      }),
    ),
    jobs: Object.fromEntries(
      NAMES.map((name) => [
        `${name}-staff`,
        {
          kind: 'directory',
          tenant: name,
          source: { groups: [tenants[name].population.source.id] },
          target: { mailboxes: 'licensed' },
          folder: FOLDER,
        },
      ]),
    ),
    timing: TIMING,
    ...keys,
  });
}

async function answered(request: HttpRequest, tenant: Tenant, illness: Illness): Promise<HttpResponse> {
  if (illness === 'cannot be reached') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const isToken = request.url.includes('/oauth2/');
  if (illness !== 'refuses the credential') return tenant.transport(request);
  const body = JSON.stringify({ error: 'invalid_client', error_description: 'AADSTS7000222: expired' });
  return isToken
    ? { status: 401, headers: {}, body }
    : { status: 401, headers: {}, body: '{"error":{"code":"InvalidAuthenticationToken"}}' };
}

/** Until the caller gives up, or the tenant recovers. */
function silence({ signal }: HttpRequest, hung: Set<(reason: Error) => void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    hung.add(reject);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
