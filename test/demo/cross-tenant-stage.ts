import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { freePort } from '../process/free-port.ts';
import { total } from '../tenant/counts.ts';
import { compareContacts } from '../tenant/exchange/expectation.ts';
import { populate, type Population } from '../tenant/population.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import type { DemoOptions } from './options.ts';
import type { Effort, Stage } from './stage.ts';
import { directoryScenes } from './story.ts';
import { timings } from './telling.ts';
import { openTheatre, type OnProgress } from './theatre.ts';

/** The module itself puts so many commands into a batch. */
const COMMANDS_A_BATCH = 10;
/** How far a server of Exchange may be behind. */
const LAG_MS = 300;
const ROUTE = 'partners';
/** From the end of the list, as the scenes take them. */
const ON_STAGE = 7;

/**
 * What one contact takes, one command after the other: a create is made, filled and marked; a change looks first, then writes
 * what is personal and what mail goes by; a removal looks first.
 */
const COMMANDS: Readonly<Record<Effort['what'], number>> = { create: 3, change: 3, address: 3, remove: 2 };
/** Whether users or guests have the address is asked in Graph, 20 to a request. */
const ASKS_FOR_ADDRESS: ReadonlySet<Effort['what']> = new Set<Effort['what']>(['create', 'address']);

/** People of one tenant as mail contacts in Exchange of another. */
export async function crossTenantStage(options: DemoOptions, onProgress: OnProgress): Promise<Stage> {
  const theatre = await openTheatre();
  const tenantOf = (seed: number, tenantId: string): Tenant =>
    createTenant({
      clock: systemClock,
      random: seededRandom(seed),
      deliver: fetchTransport,
      latencyMs: options.latencyMs,
      tenantId,
      switches: { graceMs: 50 },
      exchange: { lagMs: LAG_MS },
    });
  const tenant = tenantOf(options.seed, '11111111-1111-4111-8111-111111111111');
  const target = tenantOf(options.seed + 1, '33333333-3333-4333-8333-333333333333');
  const population = populate(tenant, seededRandom(options.seed), { ...options, mailboxes: 1 });
  // Those to whom something happens are shown: without an address nobody is.
  for (const { id, userPrincipalName } of population.people.slice(-ON_STAGE))
    tenant.directory.updateUser(id, { mail: userPrincipalName });
  furnish(target, population);
  const origins = { contoso: await theatre.serve(tenant), fabrikam: await theatre.serve(target) };
  const configuration = configurationOf({ tenant, target, population, origins, port: await freePort() });
  const opened = await theatre.open(configuration, options, onProgress);
  const job = { route: ROUTE, sourceGroups: [population.source.id], suffix: ' (Contoso)' };
  return {
    ...opened,
    tenant,
    scenes: directoryScenes({ tenant, population }),
    search: (signal) => opened.service.sweep(signal),
    tenants: [tenant, target],
    told: [
      ...timings({ config: opened.config, tenant }, options),
      `They are shown in Exchange of a second tenant, whose servers learn of a write up to ${LAG_MS} ms apart.`,
    ],
    compare: () => compareContacts(tenant, target, job),
    // The last command that each contact takes.
    writes: () =>
      total(target.counts, 'InvokeCommand Set-MailContact') +
      total(target.counts, 'InvokeCommand Remove-MailContact'),
    httpRequests: () => tenant.httpRequests + target.httpRequests,
    floor: ({ writes, peopleRead, what }) =>
      COMMANDS[what] * Math.ceil(writes / COMMANDS_A_BATCH) +
      (ASKS_FOR_ADDRESS.has(what) ? Math.ceil(writes / 20) : 0) +
      Math.ceil(peopleRead / 20),
    hasEchoes: false,
    violations: () => [...tenant.oracles.violations, ...target.oracles.violations],
    close: () => theatre.close(),
  };
}

/** What is in the other tenant before: contacts of its own, and a guest who is a colleague of ours. */
function furnish(target: Tenant, { people }: Population): void {
  const { recipients } = target.exchange;
  for (let number = 1; number <= 20; number += 1)
    recipients.furnish({ name: `Supplier ${number}`, address: `supplier${number}@adatum.example` });
  const colleague = people.find(({ mail }) => mail !== null);
  target.directory.addUser({
    displayName: 'A guest',
    userType: 'Guest',
    userPrincipalName: 'guest_contoso.example#EXT#@fabrikam.example',
    mail: null,
    otherMails: [colleague?.mail ?? ''],
  });
}

interface Made {
  readonly tenant: Tenant;
  readonly target: Tenant;
  readonly population: Population;
  readonly origins: Readonly<Record<'contoso' | 'fabrikam', string>>;
  readonly port: number;
}

function configurationOf({ tenant, target, population, origins, port }: Made): string {
  const { contoso, fabrikam } = origins;
  return `tenants:
  contoso:
    tenantId: ${tenant.tenantId}
    clientId: ${tenant.clientId}
    cloud: { login: "${contoso}", graph: "${contoso}" }
    credential: { certificate: ./app.pem }
  fabrikam:
    tenantId: ${target.tenantId}
    clientId: ${target.clientId}
    cloud: { login: "${fabrikam}", graph: "${fabrikam}", exchange: "${fabrikam}" }
    credential: { certificate: ./app.pem }
    exchange: {}
notifications:
  publicUrl: http://127.0.0.1:${port}
  listen: 127.0.0.1:${port}
  clientStateKey: env:CONTACT_SYNC_CLIENT_STATE_KEY
jobs:
  ${ROUTE}:
    kind: cross-tenant
    tenant: contoso
    source: { groups: [${population.source.id}] }
    target: { tenant: fabrikam }
    fields: { displayName: "{displayName} (Contoso)" }
    phones: { format: as-is }
    grace: 0s
    guard: { count: 20, percent: 10 }
`;
}
