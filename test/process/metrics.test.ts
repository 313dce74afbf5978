import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/run/metrics/catalogue.ts';
import { personalValues } from '../demo/personal-data.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { hasPromtool, promtool, readExposition, valueOf, type Family } from './exposition.ts';
import { freePort } from './free-port.ts';
import { install, type Gate, type Installation } from './installation.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

const PEOPLE = 40;
const MAILBOXES = 4;
const LET_THROUGH = 2;

let on: Installation;
let service: Program;
let origin = '';
/** So many batches are told to come back in a second. */
let refusals = 0;
const gate: Gate = async (request, answer) => {
  if (!request.url.endsWith('/$batch') || refusals === 0) return answer(request);
  refusals -= 1;
  const headers = { 'retry-after': '1', 'x-ms-throttle-information': 'ResourceUnitLimitExceeded' };
  return { status: 429, headers, body: '{"error":{"code":"TooManyRequests"}}' };
};

async function scrape(): Promise<ReadonlyMap<string, Family>> {
  const answer = await fetch(`${origin}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return readExposition(await answer.text());
}

const now = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | null> =>
  valueOf(await scrape(), name, labels);

const answered = async (path: string, init?: RequestInit): Promise<[number, string]> => {
  const answer = await fetch(`${origin}${path}`, init);
  return [answer.status, await answer.text()];
};

const lagOf = (families: ReadonlyMap<string, Family>): number =>
  valueOf(families, 'contact_sync_lag_seconds_sum') ?? 0;

/** What follows from ledger and queues is read every five seconds. */
const untilIs = (
  value: number,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> =>
  until(async () => (await now(name, labels)) === value, {
    else: () => `${name} ${JSON.stringify(labels)} is not ${value}. ${service.said().slice(-3_000)}`,
  });

beforeAll(async () => {
  on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 5, gate });
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const groups = [on.population.source.id];
  await on.configure({
    jobs: { staff: { groups, guard: { count: LET_THROUGH, percent: 1 } } },
    more: { health: { listen: `127.0.0.1:${port}` } },
  });
  service = on.start('run');
  await on.untilRight();
  await on.untilSubscribed(service);
});
afterAll(() => on.close());

describe('the figures of a running service', () => {
  test('are those of the catalogue, each with its help and type, and all that a process alone can have', async () => {
    const families = await scrape();
    const found = [...families].map(([name, { help, type }]) => [name, { help, type }]);
    const told = Object.entries(CATALOGUE).map(([name, { help, type }]) => [name, { help, type }]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(told));
  });

  test('say what was filled, by whom it was asked for, and how it was answered', async () => {
    const made = { tenant: 'contoso', job_id: 'staff', operation: 'create', outcome: 'done' };
    await untilIs((PEOPLE - 1) * MAILBOXES, 'contact_sync_writes_total', made);
    await untilIs(PEOPLE, 'contact_sync_people', { job_id: 'staff' });
    await untilIs(MAILBOXES, 'contact_sync_mailboxes', { job_id: 'staff' });
    const families = await scrape();
    const asked = { tenant: 'contoso', service: 'graph', via: 'batch', status: '201' };
    const creates = { ...asked, operation: 'POST /users/{id}/contactFolders/{id}/contacts' };
    expect(valueOf(families, 'contact_sync_requests_total', creates)).toBe((PEOPLE - 1) * MAILBOXES);
    const posts = { via: 'request', operation: 'POST /$batch', status: '200' };
    expect(valueOf(families, 'contact_sync_requests_total', posts)).toBeGreaterThan(5);
    expect(valueOf(families, 'contact_sync_process_info', { role: 'all' })).toBe(1);
    expect(valueOf(families, 'contact_sync_state_readable')).toBe(1);
    expect(valueOf(families, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(valueOf(families, 'contact_sync_receiver_handshakes_total')).toBeGreaterThanOrEqual(4);
  });

  test('say until when subscriptions and certificate are good, and when the last sweep was', async () => {
    const seconds = Date.now() / 1_000;
    await until(async () => (await now('contact_sync_last_sweep_timestamp_seconds')) !== null);
    const families = await scrape();
    for (const resource of ['users', 'groups']) {
      expect(valueOf(families, 'contact_sync_subscriptions', { resource })).toBe(1);
      const ends = valueOf(families, 'contact_sync_subscription_expiry_timestamp_seconds', { resource });
      expect(ends).toBeGreaterThan(seconds + 3_600);
    }
    const certificate = valueOf(families, 'contact_sync_certificate_expiry_timestamp_seconds');
    expect(certificate).toBe(Date.parse((await on.look()).tenants[0]?.certificate?.ends ?? '') / 1_000);
    const swept = valueOf(families, 'contact_sync_last_sweep_timestamp_seconds', { tenant: 'contoso' });
    expect(Math.abs((swept ?? 0) - seconds)).toBeLessThan(300);
    expect(valueOf(families, 'contact_sync_tenant_hindered_seconds')).toBe(0);
  });
});

describe('they move when something happens', () => {
  test('a change that is announced: how long it took to the last mailbox, and what it wrote', async () => {
    const before = await scrape();
    const count = valueOf(before, 'contact_sync_lag_seconds_count') ?? 0;
    const accepted = valueOf(before, 'contact_sync_receiver_items_total', { result: 'accepted' }) ?? 0;
    const answers = valueOf(before, 'contact_sync_receiver_answers_total') ?? 0;
    const somebody = on.population.people[MAILBOXES + 1]?.id ?? '';
    on.tenant.directory.updateUser(somebody, { jobTitle: 'Announced' });
    await on.untilRight();
    await untilIs(count + 1, 'contact_sync_lag_seconds_count', { tenant: 'contoso' });
    const after = await scrape();
    const patched = { operation: 'patch', outcome: 'done' };
    expect(valueOf(after, 'contact_sync_writes_total', patched)).toBe(
      (valueOf(before, 'contact_sync_writes_total', patched) ?? 0) + MAILBOXES,
    );
    expect(lagOf(after) - lagOf(before)).toBeGreaterThan(0);
    expect(lagOf(after) - lagOf(before)).toBeLessThan(60);
    expect(valueOf(after, 'contact_sync_receiver_items_total', { result: 'accepted' })).toBeGreaterThan(
      accepted,
    );
    expect(valueOf(after, 'contact_sync_receiver_answers_total')).toBeGreaterThan(answers);
  });

  test('Graph asks to wait: by which limit, and how often', async () => {
    refusals = 1;
    on.tenant.directory.updateUser(on.population.people[MAILBOXES + 2]?.id ?? '', { jobTitle: 'Throttled' });
    await until(() => refusals === 0);
    await on.untilRight();
    const pool = { tenant: 'contoso', scope: 'tenant', pool: 'ResourceUnitLimitExceeded' };
    expect(await now('contact_sync_throttles_total', pool)).toBe(1);
    const refused = { via: 'request', operation: 'POST /$batch', status: '429' };
    expect(await now('contact_sync_requests_total', refused)).toBe(1);
  });

  test('a mailbox that cannot be used is parked', async () => {
    const newcomer = on.tenant.directory.addUser({ displayName: 'Early Bird' });
    on.tenant.mailboxes.setState(newcomer.id, 'on-premises');
    on.tenant.directory.updateUser(newcomer.id, { assignedLicenses: [mailboxLicense] });
    await untilIs(1, 'contact_sync_parked_mailboxes', { tenant: 'contoso' });
  });

  test('removals beyond the guard are held, and an approval lets them go', async () => {
    const gone = on.population.people.slice(-5).map(({ id }) => id);
    for (const id of gone) on.tenant.directory.updateUser(id, { accountEnabled: false });
    await untilIs(gone.length - LET_THROUGH, 'contact_sync_held_removals', {
      job_id: 'staff',
      kind: 'person',
    });
    expect((await on.run('approve')).code).toBe(0);
    await untilIs(0, 'contact_sync_held_removals', { job_id: 'staff', kind: 'person' });
  });

  test('a job that is paused says so', async () => {
    expect((await on.run('pause', '--job', 'staff')).code).toBe(0);
    await untilIs(1, 'contact_sync_job_stopped', { job_id: 'staff', mode: 'paused' });
    expect((await on.run('resume', '--job', 'staff')).code).toBe(0);
    await untilIs(0, 'contact_sync_job_stopped', { job_id: 'staff', mode: 'paused' });
  });
});

describe('what stays inside', () => {
  test('no person, no mailbox, no address, no secret', async () => {
    const answer = await fetch(`${origin}/metrics`);
    const text = await answer.text();
    const ids = [...on.tenant.directory.users.keys(), ...on.tenant.directory.groups.keys()];
    const { tenantId, clientId } = on.tenant;
    const values = [...personalValues(on.tenant), ...ids, tenantId, clientId, 'k'.repeat(48)];
    expect(values.length).toBeGreaterThan(PEOPLE * 5);
    const spoken = (where: string): string[] => values.filter((value) => where.includes(value));
    expect(spoken(text)).toEqual([]);
    expect(spoken(`${text} ${values[0]}`)).toContain(values[0]);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|@/i);
  });

  test('the address that a proxy opens to the world has no figures for Prometheus', async () => {
    const port = /"port":(\d+),"msg":"receiver listens"/.exec(service.said())?.[1];
    const there = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([there.status, await there.text()]).toEqual([404, 'Nothing here.\n']);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  test('beside them, whether it lives and is ready; nothing else, and only to be looked at', async () => {
    expect(await answered('/healthz')).toEqual([200, 'ok\n']);
    expect(await answered('/readyz')).toEqual([200, 'ok: keeper\n']);
    for (const path of ['/', '/metrics/', '/metrics?a=1', '/figures'])
      expect(await answered(path)).toEqual([404, 'Nothing here.\n']);
    expect(await answered('/metrics', { method: 'POST' })).toEqual([404, 'Nothing here.\n']);
  });

  test.skipIf(!hasPromtool)('promtool finds nothing wrong with them', async () => {
    const answer = await fetch(`${origin}/metrics`);
    const text = await answer.text();
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, said: '' });
    const wrong = text.replaceAll('contact_sync_writes_total', 'contact_sync_writes');
    expect(promtool(['check', 'metrics'], wrong).said).toContain('_total');
  });
});
