import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { execute } from '../../../src/cli/program.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { systemRandom } from '../../../src/kit/random.ts';
import type { SyncReport } from '../../../src/run/service.ts';
import { Traffic } from '../traffic.ts';
import { documentOf } from '../commands.ts';
import { LeapingClock } from '../leaping-clock.ts';
import type { Ended } from '../program.ts';
import { company, entryOf, everywhere, names, P, single, type Company } from './companies.ts';
import { behindOneHost } from './internet.ts';

/*
 * What ran the mirroring script runs this instead, night after night: the real command line in this process, so that nobody waits for the
 * two minutes within which a write of a run before may still arrive.
 */

const ALLOWED = { CONTACT_SYNC_ALLOW_CLIENT_SECRET: 'true' };

type Variables = Readonly<Record<string, string>>;

let folder: string;
let clock: LeapingClock;
let contoso: Company;
let fabrikam: Company;
const home = process.cwd();

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-pipeline-'));
  process.chdir(folder);
  clock = new LeapingClock();
  contoso = company(1, clock);
  fabrikam = company(2, clock);
});

afterEach(async () => {
  process.chdir(home);
  for (const { tenant } of [contoso, fabrikam]) {
    expect(tenant.oracles.violations).toEqual([]);
    tenant.close();
  }
  await rm(folder, { recursive: true, force: true });
});

/** The command in the folder. No secret is ever printed. */
async function run(args: readonly string[], env: Variables): Promise<Ended> {
  const traffic = new Traffic();
  const over = new AbortController();
  const leaping = traffic.leapBetween(clock, over.signal);
  let [stdout, stderr] = ['', ''];
  const code = await execute(args, {
    version: '1.2.3',
    env,
    stdout: { write: (text) => void (stdout += text) },
    // At a terminal only what matters is logged.
    stderr: { isTTY: true, write: (text) => void (stderr += text) },
    signals: new EventEmitter(),
    openLog: () => silentLog,
    openEventLog: () => ({ take: () => {}, close: () => Promise.resolve() }),
    isJournal: false,
    openTracing: () => Promise.resolve(null),
    exit: () => {},
    clock,
    random: systemRandom,
    transport: traffic.through(behindOneHost([contoso.tenant, fabrikam.tenant])),
    loadRun: () => import('../../../src/run/wire.ts'),
    loadReceiver: () => import('../../../src/run/receiver-service.ts'),
    runDemo: () => Promise.resolve(1),
  });
  over.abort();
  await leaping;
  for (const { secret } of [contoso, fabrikam]) expect(stdout + stderr).not.toContain(secret);
  return { code, signal: null, stdout, stderr };
}

async function synced(env: Variables, ...more: readonly string[]): Promise<SyncReport> {
  const ended = await run(['sync', '--once', '--json', ...more], { ...ALLOWED, ...env });
  expect([ended.code, ended.code === 0 ? '' : ended.stderr]).toEqual([0, '']);
  return documentOf(ended) as SyncReport;
}

const loseData = (): Promise<void> => rm('data', { recursive: true });

test('the first run fills, the second writes nothing, and neither does one whose data folder is lost', async () => {
  expect(await synced(single(contoso))).toMatchObject({ mailboxes: 4, writes: 12, failing: 0 });
  expect(names(contoso)).toEqual(everywhere(1));
  expect(await synced(single(contoso))).toMatchObject({ mailboxes: 4, contacts: 12, writes: 0 });
  await loseData();
  expect(await synced(single(contoso))).toMatchObject({ mailboxes: 4, contacts: 12, writes: 0 });
  expect(names(contoso)).toEqual(everywhere(1));
  expect(await readdir('.')).toEqual(['data']);
});

test('an edit, and somebody who takes part no longer, are found with an empty data folder, too', async () => {
  const [ann, bob, eve] = contoso.members;
  const part = (...users: (string | undefined)[]) =>
    synced({
      ...single(contoso),
      [`${P}TEST_USER_LIST_BY_TENANT_JSON`]: JSON.stringify({ [contoso.tenant.tenantId]: users }),
    });
  await part(ann?.id, bob?.id, eve?.id);
  const [own] = contoso.tenant.mailboxes.get(ann?.id ?? '').contacts.items.values();
  if (!ann || !own) throw new Error('Nobody has anything.');
  contoso.tenant.mailboxes.editContact(ann.id, own, { displayName: 'Customer new' });
  await loseData();
  await part(ann?.id, bob?.id);
  const all = ['Customer 1-1', 'Customer 1-2', 'Customer new'];
  expect(names(contoso)).toEqual([all, all, all, ['Customer 1-2']]);
});

test('a copy that somebody deleted stays away for as long as the data folder tells of it', async () => {
  const [, bob] = contoso.members;
  await synced(single(contoso));
  const mailbox = contoso.tenant.mailboxes.get(bob?.id ?? '');
  const copy = [...mailbox.contacts.items.values()].find(
    ({ content }) => content.fields['displayName'] === 'Customer 1-0',
  );
  if (!bob || !copy) throw new Error('There is no copy.');
  contoso.tenant.mailboxes.deleteContact(bob.id, copy);
  await synced(single(contoso));
  expect(names(contoso)[2]).toEqual(['Customer 1-1', 'Customer 1-2']);
  await loseData();
  await synced(single(contoso));
  expect(names(contoso)).toEqual(everywhere(1));
});

test('after a new client secret nothing is there twice, with the data folder and without', async () => {
  await synced(single(contoso));
  for (const secret of ['Zz9Q~a-newer.secret-of_1', 'Zz9Q~the-newest.secret-of_1']) {
    contoso.tenant.registerSecret(secret);
    if (secret.includes('newest')) await loseData();
    const variables = { ...single(contoso), [`${P}CLIENT_SECRET`]: secret };
    const { writes } = await synced(variables);
    expect(writes).toBeLessThanOrEqual(12);
    expect(names(contoso)).toEqual(everywhere(1));
    expect(await synced(variables)).toMatchObject({ contacts: 12, writes: 0 });
  }
});

test('every tenant of the list runs, in whatever order they stand, and of those with test users only these', async () => {
  const [ann] = fabrikam.members;
  const users = JSON.stringify({ 'Fabrikam.com': [ann?.id] });
  const list = [entryOf(contoso), { ...entryOf(fabrikam), TenantDomain: 'fabrikam.com' }];
  const variables = {
    [`${P}MICROSOFT_TENANTS_JSON`]: JSON.stringify(list),
    [`${P}TEST_USER_LIST_BY_TENANT_JSON`]: users,
  };
  await synced(variables);
  expect(names(contoso)).toEqual(everywhere(1));
  expect(names(fabrikam)).toEqual([['Customer 2-0'], ['Customer 2-0'], ['Customer 2-1'], ['Customer 2-2']]);
  await loseData();
  // Another order is another deployment, unless it is said.
  const whole = { MicrosoftTenants: [entryOf(fabrikam), entryOf(contoso)] };
  const again = {
    [`${P}CONFIG_JSON`]: JSON.stringify(whole),
    CONTACT_SYNC_DEPLOYMENT: await deploymentOf(variables),
  };
  expect(await synced(again)).toMatchObject({ mailboxes: 8, failing: 0 });
  expect(names(fabrikam)).toEqual(everywhere(2));
  expect(names(contoso)).toEqual(everywhere(1));
});

/** As it is said at every start. */
async function deploymentOf(env: Variables): Promise<string> {
  const { stderr } = await run(['sync', '--once'], { ...ALLOWED, ...env, [`${P}DRY_RUN`]: '1' });
  return /the deployment is (\S+);/.exec(stderr)?.[1] ?? '';
}

test('a file that is made of the variables later goes on with the same contacts', async () => {
  await synced(single(contoso));
  await loseData();
  expect((await run(['import', 'mirroring', '--as-started'], single(contoso))).code).toBe(0);
  expect(await synced({})).toMatchObject({ mailboxes: 4, contacts: 12, writes: 0 });
  expect(names(contoso)).toEqual(everywhere(1));
});

test('with a certificate in its place no client secret is needed', async () => {
  const { [`${P}CLIENT_SECRET`]: _secret, ...rest } = single(contoso);
  const { makeAppCertificate } = await import('../../tenant/certificates.ts');
  const { cert, pem } = await makeAppCertificate();
  contoso.tenant.registerCertificate(cert);
  const refused = await run(['sync', '--once'], rest);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(
      /CLIENT_SECRET is missing, and there is no certificate .* \.\/tenant-1000000000\.pem/,
    ),
  ]);
  await writeFile('tenant-1000000000.pem', pem, { mode: 0o600 });
  const ended = await run(['sync', '--once'], { ...rest, [`${P}DRY_RUN`]: 'true' });
  expect(ended.stderr).toContain('this is a plan');
  expect(ended.code).toBe(0);
});
