import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { status } from '../commands.ts';
import type { Program } from '../program.ts';
import { installShared, type Shared } from './several.ts';
import { until } from '../until.ts';

const PEOPLE = 30;
const MAILBOXES = 4;
/** Long enough for a machine that does much else. */
const PATIENCE = { withinMs: 150_000 };

let shared: Shared;
const running = new Map<string, Program>();

beforeAll(async () => {
  shared = await installShared({ people: PEOPLE, mailboxes: MAILBOXES, seed: 11 });
}, 120_000);
afterAll(() => shared.close(), 60_000);

const start = (name: string, role: string): void => {
  running.set(name, shared.on.start('run', '--role', role));
};
const named = (name: string): Program => {
  const program = running.get(name);
  if (!program) throw new Error(`There is no ${name}.`);
  return program;
};
const untilRight = () =>
  until(() => shared.on.compare().divergences.length === 0, {
    ...PATIENCE,
    else: () => [...running].map(([name, one]) => `${name}: ${one.said().slice(-2_000)}`).join('\n'),
  });
const started = (name: string) => until(() => named(name).said().includes('"role":"crew"'), PATIENCE);
const keepers = async () => (await status(shared.on)).processes.filter(({ role }) => role === 'keeper');
const keeperSince = (name: string): number =>
  named(name).said().split('this process is the keeper').length - 1;

describe('a process per role', { timeout: 400_000 }, () => {
  test('fills every mailbox, whoever starts first', async () => {
    start('worker-1', 'worker');
    start('keeper-1', 'keeper');
    start('receiver', 'receiver');
    start('worker-2', 'worker');
    await untilRight();
    await until(() => shared.on.tenant.subscriptions.all().length === 2, PATIENCE);
    const { processes, queues, code } = await status(shared.on);
    expect(processes.map(({ role }) => role).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'keeper',
      'worker',
      'worker',
    ]);
    expect(queues.map(({ name, dead }) => [name, dead])).toEqual([
      ['changes', 0],
      ['writes', 0],
    ]);
    expect(code).toBe(0);
  });

  test('a change comes through receiver, bus and workers', async () => {
    const [person] = shared.on.population.people.slice(MAILBOXES);
    shared.on.tenant.directory.updateUser(person?.id ?? '', { jobTitle: 'Changed while several run' });
    await untilRight();
    expect(named('receiver').said()).toContain('receiver listens');
    expect(shared.on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
  });

  test('a command that would do the work itself is turned away, one that orders it is not', async () => {
    const refused = await shared.on.run('sync', '--once');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/^contact-sync: the process \S+ is the keeper: .*\n$/m);
    expect((await shared.on.run('pause')).code).toBe(0);
    expect((await status(shared.on)).halts).toHaveLength(1);
    expect((await shared.on.run('resume')).code).toBe(0);
    expect((await shared.on.run('run', '--role', 'worker', '--job', 'staff')).code).toBe(2);
  });

  test('a keeper that is killed is followed by the one that stands by within 30 seconds', async () => {
    start('keeper-2', 'keeper');
    await started('keeper-2');
    named('keeper-1').kill('SIGKILL');
    const tookMs = await until(() => keeperSince('keeper-2') === 1, PATIENCE);
    expect(tookMs).toBeLessThan(30_000);
  });

  test('a keeper that slept beyond its lease gives way when it wakes, and nothing is wrong afterwards', async () => {
    start('keeper-3', 'keeper');
    await started('keeper-3');
    named('keeper-2').kill('SIGSTOP');
    await until(() => keeperSince('keeper-3') === 1, PATIENCE);
    const [, person] = shared.on.population.people.slice(MAILBOXES);
    shared.on.tenant.directory.updateUser(person?.id ?? '', { department: 'Changed while a keeper slept' });
    named('keeper-2').kill('SIGCONT');
    await until(() => named('keeper-2').said().includes('its work stops at once'), PATIENCE);
    await untilRight();
    expect(shared.on.tenant.subscriptions.all()).toHaveLength(2);
    expect(keeperSince('keeper-2')).toBe(1);
    // What was killed stands in the list for a minute.
    await until(async () => (await keepers()).length === 1, PATIENCE);
  });

  test('workers are replaced one by one, by SIGTERM and by SIGKILL, while changes go on', async () => {
    const people = shared.on.population.people.slice(MAILBOXES + 2, MAILBOXES + 10);
    const change = (index: number): void => {
      const person = people[index];
      shared.on.tenant.directory.updateUser(person?.id ?? '', { jobTitle: `Number ${index}` });
    };
    change(0);
    start('worker-3', 'worker');
    await started('worker-3');
    named('worker-1').kill('SIGTERM');
    for (const index of [1, 2, 3]) change(index);
    expect(await named('worker-1').ended).toMatchObject({ code: 0 });
    expect(named('worker-1').said()).toContain('nothing is left half done');
    named('worker-2').kill('SIGKILL');
    for (const index of [4, 5]) change(index);
    await untilRight();
    expect(shared.on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
    expect(shared.on.tenant.oracles.violations).toEqual([]);
  });

  test('all of it stops when told, and nothing is left', async () => {
    for (const name of ['worker-3', 'keeper-3', 'keeper-2', 'receiver']) {
      named(name).kill('SIGTERM');
      expect(await named(name).ended).toMatchObject({ code: 0, stdout: '' });
    }
    expect(await keepers()).toEqual([]);
    expect(shared.stores.bus.depth('writes').dead + shared.stores.bus.depth('changes').dead).toBe(0);
  });
});
