import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { integer, seededRandom } from '../kit/seeded-random.ts';
import { makeCertificates } from './certificates.ts';
import { populate, type Population } from './population.ts';
import { serveTenant } from './serve.ts';
import { createTenant, type Tenant } from './tenant.ts';

const HELP = `Starts a simulated Microsoft 365 tenant on this machine.

  npm run tenant -- [options]

  --people N        people in the directory (500)
  --mailboxes N     how many of them have a mailbox (50)
  --seed N          another seed, other people (1)
  --latency-ms N    time that every sub-request takes (20)
  --port N          where to listen (any free port)
  --certificate F   registers this certificate (PEM) with the app, as the upload in the admin center does
  --change-every S  renames somebody every S seconds, so that there is something to see (0: never)
`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '500' },
    mailboxes: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    'latency-ms': { type: 'string', default: '20' },
    port: { type: 'string', default: '0' },
    certificate: { type: 'string' },
    'change-every': { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else await start();

async function start(): Promise<void> {
  const random = seededRandom(Number(values.seed));
  const certificates = await makeCertificates();
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    latencyMs: Number(values['latency-ms']),
    switches: { graceMs: 50 },
  });
  tenant.registerCertificate(certificates.app.cert);
  if (values.certificate !== undefined)
    tenant.registerCertificate(await readFile(values.certificate, 'utf8'));
  const population = populate(tenant, random, {
    people: Number(values.people),
    mailboxes: Number(values.mailboxes),
  });
  const served = await serveTenant(tenant, { port: Number(values.port), tls: certificates.server });
  const folder = await mkdtemp(join(tmpdir(), 'simulated-tenant-'));
  await writeFile(join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  await writeFile(join(folder, 'ca.pem'), certificates.ca);
  console.log(guide({ tenant, population, origin: served.origin, folder }));
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  await keepChanging(tenant, population, stop.signal);
  await served.close();
  tenant.close();
  for (const violation of tenant.oracles.violations) console.log(`${violation.kind}: ${violation.detail}`);
}

function guide(made: { tenant: Tenant; population: Population; origin: string; folder: string }): string {
  const { tenant, population, origin, folder } = made;
  return `A tenant of ${population.people.length} people and ${population.owners.length} mailboxes answers at ${origin}

A configuration for it, with the certificate of "contact-sync init" where that was named by --certificate:

export NODE_EXTRA_CA_CERTS=${join(folder, 'ca.pem')}
npm run -s contact-sync -- init --force --tenant-id ${tenant.tenantId} --client-id ${tenant.clientId} \\
  --group ${population.source.id} --cloud ${origin} --public-url http://127.0.0.1:8080

Or by hand, with its own certificate:

tenants:
  contoso:
    tenantId: ${tenant.tenantId}
    clientId: ${tenant.clientId}
    cloud: { login: ${origin}, graph: ${origin} }
    credential: { certificate: ${join(folder, 'app.pem')} }
notifications:
  publicUrl: http://127.0.0.1:8080
  listen: 127.0.0.1:8080
  clientStateKey: env:CONTACT_SYNC_CLIENT_STATE_KEY
jobs:
  staff:
    kind: directory
    tenant: contoso
    source: { groups: [${population.source.id}] }
    target: { mailboxes: licensed }
    folder: Company Directory
data: ./data

Start the service with NODE_EXTRA_CA_CERTS as above. Stop the tenant with Ctrl+C.`;
}

/** Until stopped. A real clock, so this is the one place that waits for it. */
async function keepChanging(tenant: Tenant, population: Population, signal: AbortSignal): Promise<void> {
  const every = Number(values['change-every']) * 1_000;
  const random = seededRandom(Number(values.seed) + 1);
  while (!signal.aborted) {
    await systemClock.sleep(every > 0 ? every : 3_600_000, signal).catch(() => undefined);
    const somebody = population.people[integer(random, population.people.length)];
    if (signal.aborted || every === 0 || somebody === undefined) continue;
    tenant.directory.updateUser(somebody.id, { jobTitle: `Title ${integer(random, 1_000)}` });
    console.log(
      `${new Date().toISOString()} changed ${somebody.id}; ${tenant.httpRequests} HTTP requests so far`,
    );
  }
}
