import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../../src/run/metrics/catalogue.ts';
import { readExposition, valueOf, type Family } from '../exposition.ts';
import { freePort } from '../free-port.ts';
import type { Program } from '../program.ts';
import { until } from '../until.ts';
import { installShared, type Shared } from './several.ts';

const PEOPLE = 12;
const MAILBOXES = 3;
const PATIENCE = { withinMs: 150_000 };

let shared: Shared;
const origins = new Map<string, string>();

/** Each is given a configuration in which only the address differs. */
async function start(role: string): Promise<Program> {
  const port = await freePort();
  await shared.on.configure({ more: { health: { listen: `127.0.0.1:${port}` } } });
  const program = shared.on.start('run', '--role', role);
  await until(() => program.said().includes('health is answered for'), {
    ...PATIENCE,
    else: () => program.said(),
  });
  origins.set(role, `http://127.0.0.1:${port}`);
  return program;
}

async function scrape(role: string): Promise<ReadonlyMap<string, Family>> {
  const answer = await fetch(`${origins.get(role)}/metrics`);
  expect(answer.status).toBe(200);
  return readExposition(await answer.text());
}

const readiness = async (role: string): Promise<string> =>
  (await fetch(`${origins.get(role)}/readyz`)).text();

const names = async (role: string): Promise<string[]> => [...(await scrape(role)).keys()];
const like = (...patterns: readonly RegExp[]): string[] =>
  Object.keys(CATALOGUE).filter((name) => patterns.some((pattern) => pattern.test(name)));

beforeAll(async () => {
  shared = await installShared({ people: PEOPLE, mailboxes: MAILBOXES, seed: 17 });
  for (const role of ['receiver', 'worker']) await start(role);
  const keeper = await start('keeper');
  await until(() => shared.on.compare().divergences.length === 0, PATIENCE);
  await shared.on.untilSubscribed(keeper, PATIENCE);
}, 400_000);
afterAll(() => shared.close(), 60_000);

describe('each role tells what it knows', { timeout: 400_000 }, () => {
  const OF_PROCESS = /^(?:process_|contact_sync_process_info$)/;
  const OF_RECEIVER = /^contact_sync_receiver_/;
  const OF_WORK = /^contact_sync_(?:lag_seconds|(?:writes|requests|throttles)_total)$/;

  test('and nothing else; all together tell everything', async () => {
    const [receiver, worker, keeper] = await Promise.all(['receiver', 'worker', 'keeper'].map(names));
    expect(receiver?.toSorted()).toEqual(like(OF_PROCESS, OF_RECEIVER).toSorted());
    expect(worker?.toSorted()).toEqual(like(OF_PROCESS, OF_WORK).toSorted());
    const ofReceiver = new Set(like(OF_RECEIVER));
    expect(keeper?.toSorted()).toEqual(
      Object.keys(CATALOGUE)
        .filter((name) => !ofReceiver.has(name))
        .toSorted(),
    );
  });

  test('whose figures they are, and who is at work', async () => {
    for (const role of ['receiver', 'worker', 'keeper'])
      expect(valueOf(await scrape(role), 'contact_sync_process_info', { role })).toBe(1);
    await until(
      async () => valueOf(await scrape('keeper'), 'contact_sync_processes', { role: 'worker' }) === 1,
    );
    expect(await readiness('receiver')).toBe('ok\n');
    expect(await readiness('worker')).toBe('ok\n');
    expect(await readiness('keeper')).toBe('ok: keeper\n');
  });

  test('a change is taken by one, written by another, and counted from its arrival by the one that writes', async () => {
    const lag = async (): Promise<number> =>
      valueOf(await scrape('worker'), 'contact_sync_lag_seconds_count', { tenant: 'contoso' }) ?? 0;
    const accepted = async (): Promise<number> =>
      valueOf(await scrape('receiver'), 'contact_sync_receiver_items_total', { result: 'accepted' }) ?? 0;
    const [before, items] = [await lag(), await accepted()];
    const somebody = shared.on.population.people[MAILBOXES + 1]?.id ?? '';
    shared.on.tenant.directory.updateUser(somebody, { jobTitle: 'Announced' });
    await until(async () => (await lag()) > before, PATIENCE);
    expect(await accepted()).toBeGreaterThan(items);
    const patched = { operation: 'patch', outcome: 'done' };
    expect(valueOf(await scrape('worker'), 'contact_sync_writes_total', patched)).toBe(MAILBOXES);
    expect(valueOf(await scrape('keeper'), 'contact_sync_writes_total')).toBeNull();
  });

  test('while the queues are away, the keeper says that they cannot be read, and tells the rest', async () => {
    await shared.stores.bus.stop();
    await until(async () => valueOf(await scrape('keeper'), 'contact_sync_state_readable') === 0, PATIENCE);
    const families = await scrape('keeper');
    expect(valueOf(families, 'contact_sync_found_by_sweep_total')).toBeNull();
    expect(valueOf(families, 'contact_sync_queue_messages')).toBeNull();
    expect(valueOf(families, 'contact_sync_process_info')).toBe(1);
    await until(async () => (await readiness('receiver')) === 'not ready\n', PATIENCE);
    await shared.stores.bus.restart();
    await until(async () => valueOf(await scrape('keeper'), 'contact_sync_state_readable') === 1, PATIENCE);
    expect(valueOf(await scrape('keeper'), 'contact_sync_found_by_sweep_total')).not.toBeNull();
  });
});
