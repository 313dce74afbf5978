import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import type { Group } from '../tenant/directory/objects.ts';
import { compareContacts } from '../tenant/exchange/expectation.ts';
import { populate, type Population } from '../tenant/population.ts';
import { serveTenant, type ServedTenant } from '../tenant/serve.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { documentOf } from './commands.ts';
import { freePort } from './free-port.ts';
import { TIMING } from './installation.ts';
import { startIn, type Ended, type Program } from './program.ts';
import { until } from './until.ts';

/* The job across tenants by the real command line, over HTTPS. */

let folder: string;
let contoso: Tenant;
let fabrikam: Tenant;
let population: Population;
let list: Group;
let served: ServedTenant[];
let running: Program | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-cross-'));
  const certificates = await makeCertificates();
  await writeFile(path.join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  await writeFile(path.join(folder, 'authority.pem'), certificates.ca);
  const [one, two] = ['1', '2'].map((digit) => {
    const tenant = createTenant({
      clock: systemClock,
      random: seededRandom(Number(digit)),
      deliver: fetchTransport,
      tenantId: `${digit}0000000-0000-4000-8000-000000000000`,
      switches: { graceMs: 50, notifyAfterMs: 50, staleMs: 0 },
      exchange: { lagMs: 50 },
    });
    tenant.registerCertificate(certificates.app.cert);
    return tenant;
  });
  if (!one || !two) throw new Error('Two tenants make a pair.');
  [contoso, fabrikam] = [one, two];
  population = populate(contoso, seededRandom(3), { people: 12, mailboxes: 1 });
  const [boss] = population.people;
  for (const { id } of population.people) contoso.directory.updateUser(id, { manager: boss?.id ?? null });
  list = contoso.directory.addGroup({
    displayName: 'Sales',
    mailEnabled: true,
    mail: 'sales@contoso.example',
  });
  served = await Promise.all(
    [contoso, fabrikam].map((tenant) => serveTenant(tenant, { tls: certificates.server })),
  );
  await configure(await freePort());
});

afterEach(async () => {
  running?.kill('SIGKILL');
  await running?.ended;
  running = undefined;
  expect([...contoso.oracles.violations, ...fabrikam.oracles.violations]).toEqual([]);
  for (const tenant of [contoso, fabrikam]) tenant.close();
  for (const one of served) await one.close();
  await rm(folder, { recursive: true, force: true });
});

function tenantMap({ tenantId, clientId }: Tenant, origin: string): Record<string, unknown> {
  const cloud = { login: origin, graph: origin, exchange: origin };
  return { tenantId, clientId, cloud, credential: { certificate: './app.pem' } };
}

async function configure(port: number, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const [a = '', b = ''] = served.map(({ origin }) => origin);
  const configuration = {
    tenants: { contoso: tenantMap(contoso, a), fabrikam: { ...tenantMap(fabrikam, b), exchange: {} } },
    notifications: {
      publicUrl: `http://127.0.0.1:${port}`,
      listen: `127.0.0.1:${port}`,
      clientStateKey: 'env:KEY',
    },
    jobs: {
      partners: {
        kind: 'cross-tenant',
        tenant: 'contoso',
        source: { groups: [population.source.id], mailGroups: true },
        fields: { manager: true },
        target: { tenant: 'fabrikam' },
        phones: { format: 'as-is' },
        grace: '0s',
        ...changes,
      },
    },
    timing: TIMING,
  };
  await writeFile(path.join(folder, 'contact-sync.yaml'), JSON.stringify(configuration));
}

const run = (command: string, ...args: readonly string[]): Promise<Ended> =>
  startIn(folder, command, ...args).ended;
const compare = () =>
  compareContacts(contoso, fabrikam, {
    route: 'partners',
    sourceGroups: [population.source.id],
    managers: true,
    mailGroups: true,
  });

test('plan, sync, status, audit, pause, resume and revert', async () => {
  const planned = documentOf(await run('plan', '--json')) as {
    jobs: { create: number; mailboxes: number }[];
  };
  expect(planned.jobs[0]).toMatchObject({ mailboxes: 1, create: compare().divergences.length });
  expect(fabrikam.exchange.recipients.contacts()).toEqual([]);

  const synced = await run('sync', '--once', '--json');
  expect(synced.code).toBe(0);
  expect(documentOf(synced)).toMatchObject({ failing: 0, dead: 0, blocked: 0 });
  expect(compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });

  const status = await run('status', '--json');
  expect(documentOf(status)).toMatchObject({ jobs: [{ job: 'partners', behind: 0, mailboxes: 1 }] });
  expect((await run('status')).stdout).toContain('partners');

  const [shown] =
    compare().divergences.length === 0 ? population.people.filter(({ mail }) => mail !== null) : [];
  const explained = await run('explain', shown?.userPrincipalName ?? '', 'fabrikam', '--json');
  expect(explained.code).toBe(0);
  expect(documentOf(explained)).toMatchObject({
    jobs: [
      {
        job: 'partners',
        answer: 'in this mailbox, where it belongs',
        person: { id: shown?.id },
        mailbox: { id: fabrikam.tenantId, conditions: [], state: 'ready' },
        contact: { plan: 'nothing', link: { state: 'known' } },
        fields: { found: 'there', copies: 1, differing: [] },
      },
    ],
    notTakenUp: [],
  });
  // One by object id, of whom there is no mail contact, and for every organisation that there is.
  const stranger = contoso.directory.addUser({ surname: 'Stranger', mail: 'stranger@contoso.example' });
  expect((await run('explain', stranger.id)).stdout).toContain(
    'Job partners: not in this mailbox: the person is not shown (groups: one of ',
  );
  expect(await run('explain', stranger.id, stranger.id)).toMatchObject({ code: 1, stdout: '' });

  const [contact] = fabrikam.exchange.recipients.contacts();
  fabrikam.exchange.recipients.change(contact?.guid ?? '', { displayName: 'Somebody changed it' });
  const audited = documentOf(await run('audit', '--full', '--json')) as { equal: boolean };
  expect(audited.equal).toBe(true);
  expect(compare().divergences).toEqual([]);

  await run('pause', '--tenant', 'fabrikam');
  const [person] = population.people;
  contoso.directory.updateUser(person?.id ?? '', { jobTitle: 'While it is paused' });
  await run('sync', '--once', '--json');
  expect(compare().divergences).toHaveLength(1);
  await run('resume', '--tenant', 'fabrikam');
  await run('sync', '--once', '--json');
  expect(compare().divergences).toEqual([]);

  const reverted = await run('revert', '--job', 'partners', '--yes', '--json');
  expect(documentOf(reverted)).toMatchObject({ left: 0 });
  expect(fabrikam.exchange.recipients.contacts()).toEqual([]);
}, 120_000);

test('a running service follows a notification, and stops without leaving anything half done', async () => {
  running = startIn(folder, 'run');
  await until(() => compare().divergences.length === 0);
  const [person, leaver] = population.people.filter(({ mail }) => mail !== null);
  contoso.directory.updateUser(person?.id ?? '', { displayName: 'New Name' });
  contoso.directory.deleteUser(leaver?.id ?? '');
  contoso.directory.updateGroup(list.id, { displayName: 'Sales and service' });
  const [, , one, other] = population.people;
  contoso.directory.updateUser(one?.id ?? '', { manager: other?.id ?? null });
  await until(() => compare().divergences.length === 0);
  running.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  expect(compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
}, 120_000);

test('somebody who is erased goes at once, without the grace that everybody else is given, and stays away', async () => {
  await configure(await freePort(), { grace: '1d' });
  await run('sync', '--once');
  const there = fabrikam.exchange.recipients.contacts().length;
  expect(there).toBeGreaterThan(2);
  const [person] = population.people.filter(({ mail }) => mail !== null);
  const erased = documentOf(await run('subject', person?.id ?? '', '--erase', '--yes', '--json'));
  expect(erased).toMatchObject({ subjects: [{ id: person?.id, contacts: 1, keepOut: [person?.id] }] });
  await run('sync', '--once');
  expect(fabrikam.exchange.recipients.contacts()).toHaveLength(there - 1);
  contoso.directory.updateUser(person?.id ?? '', { jobTitle: 'Changed after it' });
  await run('sync', '--once');
  expect(fabrikam.exchange.recipients.contacts()).toHaveLength(there - 1);
  expect((await run('explain', person?.id ?? '', 'fabrikam')).stdout).toContain('was erased');
});
