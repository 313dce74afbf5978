import { execFileSync } from 'node:child_process';
import { randomUUID, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchTransport } from '../../../src/kit/transport.ts';
import { ConnectionLost } from '../../tenant/http/gateway.ts';
import { install, type Gate, type Installation } from '../installation.ts';
import { until } from '../until.ts';
import { Typist } from './typist.ts';

const PART = "Microsoft's side";

let on: Installation;
let typist: Typist;
let isAway = false;
/** So many batches are refused for a second. */
let refused = 0;
const gate: Gate = (request, answer) => {
  if (isAway) throw new ConnectionLost();
  if (!request.url.endsWith('/$batch') || (refused -= 1) < 0) return answer(request);
  const headers = { 'retry-after': '1', 'content-type': 'application/json' };
  return Promise.resolve({
    status: 429,
    headers,
    body: JSON.stringify({ error: { code: 'TooManyRequests', message: 'Too many.' } }),
  });
};

const certificate = './contoso.pem';
const file = (name: string): string => path.join(on.folder, name);
const upload = async (name: string): Promise<X509Certificate> => {
  const text = await readFile(file(name), 'utf8');
  on.tenant.registerCertificate(text);
  return new X509Certificate(text);
};

beforeAll(async () => {
  on = await install({ people: 12, mailboxes: 2, seed: 93, gate });
  typist = await Typist.at(on, PART);
  // One that ends soon.
  const made = ['-keyout', 'old.key', '-out', 'old.crt', '-subj', '/CN=contact-sync', '-days', '20'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...made], {
    cwd: on.folder,
    stdio: 'ignore',
  });
  await upload('old.crt');
  const pem = await Promise.all(['old.crt', 'old.key'].map((name) => readFile(file(name), 'utf8')));
  await writeFile(file('contoso.pem'), pem.join(''), { mode: 0o600 });
  await on.configure({ certificate });
  typist.machine.start();
  await settled();
});
afterAll(async () => {
  await typist.close();
  await on.close();
});

async function settled(): Promise<void> {
  await on.untilRight();
  await until(async () => (await on.look()).jobs.every(({ behind }) => behind === 0));
}

const somebody = (): string => on.population.people.at(-1)?.id ?? '';
const health = (): Parameters<typeof fetchTransport>[0] => ({
  method: 'GET',
  url: `http://127.0.0.1:${on.port}/healthz`,
  headers: {},
});
const listens = (): Promise<boolean> =>
  fetchTransport(health()).then(
    ({ status }) => status === 200,
    () => false,
  );
const since = async () => (await on.look()).tenants[0]?.hinderedSince;
const subscribed = (): boolean => on.tenant.subscriptions.all().length === 2;

test('nothing succeeds in a tenant', async () => {
  const title = 'Nothing succeeds in a tenant';
  isAway = true;
  await until(async () => (await since()) !== null);
  const before = await since();
  (await typist.type(title)).shows('nothing succeeds since');
  // Much is looked for meanwhile that asks nothing of the tenant.
  expect(await since()).toBe(before);
  isAway = false;
  await until(async () => (await since()) === null);
  const seen = await typist.type(title);
  expect(seen.output).not.toContain('nothing succeeds since');
});

test('a certificate ends', async () => {
  const title = 'A certificate ends';
  (await typist.type(title)).shows('the certificate ends in');
  const { fingerprint } = await upload('desk/new.crt');
  const seen = await typist.type(title);
  seen.shows('certificate');
  expect(seen.output).toContain(fingerprint.replaceAll(':', ''));
  await until(async () => (await on.look()).tenants.every((one) => one.certificate?.endsSoon === false));
  await until(subscribed);
});

test('Microsoft asks to wait', async () => {
  const title = 'Microsoft asks to wait';
  refused = 1;
  on.tenant.directory.updateUser(somebody(), { jobTitle: 'Later' });
  await settled();
  await until(async () => (await on.look()).throttles.length > 0);
  (await typist.type(title)).shows('Throttled', 'the latest');
  await typist.type(title);
  await on.configure({ certificate, more: { limits: { requestsPer10s: 2_000 } } });
  await typist.type(title);
  await settled();
});

test('notifications do not arrive', async () => {
  const title = 'Notifications do not arrive';
  await until(listens);
  const reached = await typist.type(title);
  reached.shows('reached');
  expect(reached.output).toMatch(/reached$/);
  on.tenant.setFaults({ notificationLost: 1 });
  on.tenant.directory.updateUser(somebody(), { jobTitle: 'Nobody was told' });
  const swept = await typist.type(title);
  on.tenant.setFaults({});
  expect(swept.output).toContain('1 ');
  await settled();
});

test('a tenant was moved', async () => {
  const title = 'A tenant was moved';
  const config = file('contact-sync.yaml');
  const right = await readFile(config, 'utf8');
  const changed = JSON.parse(right) as {
    tenants: { contoso: Record<string, unknown> };
    jobs: Record<string, unknown>;
  };
  const { contoso } = changed.tenants;
  const { staff } = changed.jobs as { staff: Record<string, unknown> };
  const tenants = { contoso, fabrikam: { ...contoso, tenantId: randomUUID() } };
  await writeFile(
    config,
    JSON.stringify({ ...changed, tenants, jobs: { staff: { ...staff, tenant: 'fabrikam' } } }),
  );
  const refusal = await typist.type(title);
  expect(refusal.output).toContain('jobs.staff.tenant');
  await writeFile(config, right);
  await typist.type(title);
  expect(on.compare().contacts).toBe(0);
  const folder = 'Directory of the new tenant';
  await writeFile(config, JSON.stringify({ ...changed, jobs: { everybody: { ...staff, folder } } }));
  await typist.type(title);
  const elsewhere = (): readonly unknown[] => on.compare({ folder }).divergences;
  await until(() => elsewhere().length === 0);
  await until(async () => (await on.look()).jobs.every(({ job }) => job === 'everybody'));
  expect(on.compare({ folder })).toMatchObject({ duplicates: 0, foreignTouched: 0 });
});

test('every command of this part was typed', async () => {
  expect(typist.untyped()).toEqual([]);
  await typist.machine.stop();
  expect(on.tenant.oracles.violations).toEqual([]);
});
