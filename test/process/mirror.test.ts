import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import type { ExplainedJob } from '../../src/run/explain/report.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import { contactWrites } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Item } from '../tenant/mailbox/item.ts';
import { populate } from '../tenant/population.ts';
import { serveTenant, type ServedTenant } from '../tenant/serve.ts';
import { createTenant, MAIN_ROLES, type Tenant } from '../tenant/tenant.ts';
import { documentOf } from './commands.ts';
import { freePort } from './free-port.ts';
import { TIMING } from './installation.ts';
import { startIn, type Ended, type Program } from './program.ts';
import { until } from './until.ts';

/* The mirror by the real command line, over HTTPS. */

let folder: string;
let tenant: Tenant;
let members: readonly User[];
let hub: User;
let served: ServedTenant;
let running: Program | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-mirror-'));
  const certificates = await makeCertificates();
  await writeFile(path.join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  await writeFile(path.join(folder, 'authority.pem'), certificates.ca);
  tenant = createTenant({
    clock: systemClock,
    random: seededRandom(1),
    deliver: fetchTransport,
    app: { roles: [...MAIN_ROLES, 'Contacts.Read'] },
    switches: { graceMs: 50, notifyAfterMs: 50, staleMs: 0, adoptable: true },
  });
  tenant.registerCertificate(certificates.app.cert);
  members = populate(tenant, seededRandom(3), { people: 3, mailboxes: 3, foreign: 0 }).owners;
  hub = tenant.directory.addUser({ displayName: 'All contacts', accountEnabled: false });
  tenant.mailboxes.setPurpose(hub.id, 'shared');
  served = await serveTenant(tenant, { tls: certificates.server });
  await configure(await freePort());
});

afterEach(async () => {
  running?.kill('SIGKILL');
  await running?.ended;
  running = undefined;
  expect(tenant.oracles.violations).toEqual([]);
  tenant.close();
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

/** `beside`: what others keep comes into a folder of that name. */
async function configure(port: number, beside: string | null = null): Promise<void> {
  const { tenantId, clientId } = tenant;
  const cloud = { login: served.origin, graph: served.origin };
  const configuration = {
    tenants: { contoso: { tenantId, clientId, cloud, credential: { certificate: './app.pem' } } },
    notifications: {
      publicUrl: `http://127.0.0.1:${port}`,
      listen: `127.0.0.1:${port}`,
      clientStateKey: 'env:KEY',
    },
    jobs: {
      shared: {
        kind: 'mirror',
        tenant: 'contoso',
        members: { mailboxes: 'licensed', ...(beside === null ? {} : { folder: beside }) },
        hub: { mailbox: hub.id },
      },
    },
    timing: TIMING,
  };
  await writeFile(path.join(folder, 'contact-sync.yaml'), JSON.stringify(configuration));
}

const run = (command: string, ...args: readonly string[]): Promise<Ended> =>
  startIn(folder, command, ...args).ended;

function itemsOf(owner: User): Item[] {
  const mailbox = tenant.mailboxes.get(owner.id);
  const shared = owner.id === hub.id ? mailbox.folderNamed('All Contacts') : mailbox.contacts;
  return [...(shared?.items.values() ?? [])];
}

const titles = (): unknown[] =>
  [hub, ...members].map((owner) => itemsOf(owner).map(({ content }) => content.fields['jobTitle'] ?? null));

/** Told by its name, since it has no address, and by the SyncId that this says. */
async function explains(writer: User): Promise<void> {
  const explained = async (contact: string, owner: User) => {
    const { jobs } = documentOf(await run('explain', contact, owner.userPrincipalName, '--json')) as {
      jobs: ExplainedJob[];
    };
    return jobs.map(({ route, shared, answer, contact: { link }, person }) => {
      return { route, shared, answer, origin: link?.origin, id: person.id };
    });
  };
  const [into, out] = await explained('the  Plumber', writer);
  const right = { shared: true, answer: 'in this mailbox, where it belongs' };
  expect(into).toMatchObject({ route: 'shared/in', origin: undefined });
  expect(out).toMatchObject({ ...right, route: 'shared/out', origin: 'linked' });
  const [there] = await explained(out?.id ?? '', hub);
  expect(there).toMatchObject({ ...right, route: 'shared/in', origin: 'created' });
  const nobody = await run('explain', 'Nobody', writer.userPrincipalName);
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('nobody is called so')]);
}

test('doctor, plan, sync, explain, an edit that is announced, status, audit and revert', async () => {
  const [ann] = members;
  if (!ann) throw new Error('Nobody is there.');
  const own = tenant.mailboxes.addContact(ann.id, {
    displayName: 'The plumber',
    mobilePhone: '+49 151 1000',
  });
  expect((await run('doctor')).code).toBe(0);
  const sumOf = async () => {
    const { jobs } = documentOf(await run('plan', '--json')) as { jobs: Record<string, number>[] };
    const sum = (name: string): number => jobs.reduce((total, job) => total + (job[name] ?? 0), 0);
    return {
      mailboxes: sum('mailboxes'),
      create: sum('create'),
      change: sum('change'),
      remove: sum('remove'),
    };
  };
  // The contact of each other member and of the hub, and the mark in the original.
  expect(await sumOf()).toEqual({ mailboxes: 4, create: 3, change: 1, remove: 0 });
  expect(titles()).toEqual([[], [null], [], []]);
  expect(documentOf(await run('sync', '--once', '--json'))).toMatchObject({
    mailboxes: 4,
    contacts: 4,
    writes: 4,
  });
  expect(await sumOf()).toEqual({ mailboxes: 4, create: 0, change: 0, remove: 0 });

  await explains(ann);

  running = startIn(folder, 'run');
  // To people, to groups, and to the contacts of everybody and of the hub.
  await until(() => tenant.counts.get('POST subscriptions') === 6);
  tenant.mailboxes.editContact(ann.id, own, { jobTitle: 'Master plumber' });
  await until(() =>
    titles()
      .flat()
      .every((title) => title === 'Master plumber'),
  );
  const status = documentOf(await run('status', '--json')) as { jobs: unknown[] };
  expect(status.jobs).toMatchObject([{ job: 'shared', people: 1, mailboxes: 4, contacts: 4, behind: 0 }]);
  running.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);

  expect(documentOf(await run('audit', '--full', '--json'))).toMatchObject({ equal: true });
  expect(documentOf(await run('revert', '--job', 'shared', '--yes', '--json'))).toMatchObject({
    mailboxes: 4,
    left: 0,
  });
  expect([hub, ...members].map((owner) => itemsOf(owner).length)).toEqual([0, 1, 0, 0]);
});

test('a folder for what others keep: another choice is planned, and moves copies; edits there are announced; revert', async () => {
  const [ann, bob] = members;
  if (!ann || !bob) throw new Error('Nobody is there.');
  const beside = (): number[] =>
    members.map(({ id }) => tenant.mailboxes.get(id).folderNamed('Shared with me')?.items.size ?? -1);
  const own = (): number[] => members.map((owner) => itemsOf(owner).length);
  tenant.mailboxes.addContact(ann.id, { displayName: 'The plumber', mobilePhone: '+49 151 1000' });
  const port = await freePort();
  await configure(port, 'Shared with me');
  expect((await run('doctor')).code).toBe(0);
  await run('sync', '--once');
  expect([own(), beside()]).toEqual([
    [1, 0, 0],
    [0, 1, 1],
  ]);

  await configure(port);
  const before = contactWrites(tenant.counts);
  const { jobs } = documentOf(await run('plan', '--json')) as { jobs: Record<string, number>[] };
  expect(jobs.map(({ create, change, remove }) => [create, change, remove])).toEqual([
    [0, 0, 0],
    [0, 2, 0],
  ]);
  expect([contactWrites(tenant.counts) - before, beside()]).toEqual([0, [0, 1, 1]]);
  await run('sync', '--once');
  expect([own(), beside()]).toEqual([
    [1, 1, 1],
    [-1, -1, -1],
  ]);

  await configure(port, 'Shared with me');
  running = startIn(folder, 'run');
  // To people, to groups, to the contacts of the hub, and to both folders of each member.
  await until(() => tenant.counts.get('POST subscriptions') === 9);
  await until(() => beside().join(' ') === '0 1 1');
  const [copy] = tenant.mailboxes.get(bob.id).folderNamed('Shared with me')?.items.values() ?? [];
  if (copy) tenant.mailboxes.editContact(bob.id, copy, { jobTitle: 'Master plumber' });
  await until(() => itemsOf(ann)[0]?.content.fields['jobTitle'] === 'Master plumber');
  running.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
  expect(documentOf(await run('audit', '--full', '--json'))).toMatchObject({ equal: true });
  expect(documentOf(await run('revert', '--job', 'shared', '--yes', '--json'))).toMatchObject({ left: 0 });
  expect([own(), beside()]).toEqual([
    [1, 0, 0],
    [-1, -1, -1],
  ]);
});

test('a shared contact that is erased goes from everybody, stays with whoever wrote it, and is not met again', async () => {
  const [ann, bob] = members;
  if (!ann || !bob) throw new Error('Nobody is there.');
  const plumber = {
    displayName: 'The plumber',
    emailAddresses: [{ name: null, address: 'joe@plumbing.example' }],
  };
  const own = tenant.mailboxes.addContact(ann.id, plumber);
  await run('sync', '--once');
  const items = (): number[] => [hub, ...members].map((owner) => itemsOf(owner).length);
  expect(items()).toEqual([1, 1, 1, 1]);
  const erased = documentOf(await run('subject', 'JOE@plumbing.example', '--erase', '--yes', '--json'));
  expect(erased).toMatchObject({ subjects: [{ sharedBy: 'shared', contacts: 4 }] });
  await run('sync', '--once');
  expect(items()).toEqual([0, 1, 0, 0]);
  // An edit makes it no stranger to be met, nor does another member's contact of the same address.
  tenant.mailboxes.editContact(ann.id, own, { jobTitle: 'Master plumber' });
  tenant.mailboxes.addContact(bob.id, { ...plumber, displayName: 'Joe' });
  await run('sync', '--once');
  await run('audit', '--full');
  expect(items().filter((count) => count === 1)).toHaveLength(2);
  const { stdout } = await run('explain', 'joe@plumbing.example', ann.userPrincipalName);
  expect(stdout).toContain('the person was erased and is kept out');
  expect((await run('subject', 'joe@plumbing.example', '--restore')).code).toBe(0);
  await run('sync', '--once');
  await run('audit', '--full');
  // What another member has is shared; the original that was let go of stays apart, as it is.
  expect(items()).toEqual([1, 2, 1, 1]);
  const names = new Set(itemsOf(ann).map(({ content }) => content.fields['displayName']));
  expect(names).toEqual(new Set(['Joe', 'The plumber']));
});
