import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contactWrites } from '../tenant/counts.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { documentOf, status, sync } from './commands.ts';
import { install, type Gate, type Installation } from './installation.ts';
import type { Program } from './program.ts';
import type { RevertReport } from '../../src/run/service.ts';
import { SOON_MS } from './stores.ts';
import { until } from './until.ts';

const FOLDER = 'Company Directory';
const MAILBOXES = 12;
let on: Installation;

const owners = (): string[] => on.population.owners.map(({ id }) => id);
const folderOf = (owner: string) => on.tenant.mailboxes.get(owner).folderNamed(FOLDER);

/** Items of ours in the mailboxes, wherever they are. */
function ours(): number {
  let count = 0;
  for (const mailbox of on.tenant.mailboxes.all())
    for (const { content } of mailbox.items()) if (markOf(content) !== undefined) count += 1;
  return count;
}

const writes = (): number => contactWrites(on.tenant.counts);

async function revert(): Promise<RevertReport & { code: number | null }> {
  const ended = await on.run('revert', '--job', 'staff', '--yes', '--json');
  return { ...(documentOf(ended) as RevertReport), code: ended.code };
}

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
}

describe('beside a running service', () => {
  let service: Program;
  beforeAll(async () => {
    on = await install({ people: 40, mailboxes: MAILBOXES, seed: 31 });
    service = on.start('run');
    await on.untilRight();
  });
  afterAll(() => on.close());

  test('a pause holds at once; changes wait, and a resume brings everything up to date', async () => {
    const { directory } = on.tenant;
    expect(await on.run('pause', '--job', 'staff')).toMatchObject({ code: 0 });
    expect(await status(on)).toMatchObject({
      jobs: [{ halt: 'paused' }],
      halts: [{ scope: 'job', name: 'staff' }],
    });
    const before = writes();
    const [changed, leaver] = on.population.people.slice(MAILBOXES);
    directory.updateUser(changed?.id ?? '', { jobTitle: 'Changed during the pause' });
    directory.updateUser(leaver?.id ?? '', { accountEnabled: false });
    await until(() => on.tenant.notifier.pending === 0);
    // Received, looked at and laid by: nothing is due any more.
    await until(async () => (await on.stores.waiting(SOON_MS)).due === 0);
    expect(writes()).toBe(before);
    expect(on.compare().divergences).toHaveLength(2 * MAILBOXES);
    expect(await on.run('resume', '--job', 'staff')).toMatchObject({ code: 0 });
    await on.untilRight();
    expect(writes() - before).toBe(2 * MAILBOXES);
    expect(await status(on)).toMatchObject({ jobs: [{ halt: null }], halts: [] });
  });

  test('a revert leaves what people put there, and nothing of ours', async () => {
    const [keeper = '', tidy = '', parent = ''] = owners();
    const { mailboxes } = on.tenant;
    const own = mailboxes.addContact(keeper, { displayName: 'Plumber' }, folderOf(keeper));
    const elsewhere = mailboxes.addContact(tidy, { displayName: 'Aunt' });
    const below = mailboxes.get(parent).createFolder('Family', folderOf(parent));
    const requests = on.tenant.httpRequests;
    expect(await revert()).toMatchObject({ code: 0, mailboxes: MAILBOXES, kept: 2, left: 0, stopped: false });
    expect(ours()).toBe(0);
    expect([...(folderOf(keeper)?.items.values() ?? [])]).toEqual([own]);
    expect([...mailboxes.get(tidy).contacts.items.values()]).toContain(elsewhere);
    expect([...mailboxes.get(parent).folders.values()]).toContain(below);
    expect(owners().filter((owner) => folderOf(owner))).toEqual([keeper, parent]);
    expect(on.compare().foreignTouched).toBe(0);
    expect(on.tenant.oracles.violations).toEqual([]);
    expect(on.tenant.httpRequests - requests).toBeLessThan(40);
    expect(await status(on)).toMatchObject({
      jobs: [{ halt: 'reverted', revert: { left: 0, free: MAILBOXES, kept: 2 } }],
    });
  });

  test('what happens afterwards puts nothing back, until the job is taken up again', async () => {
    const [first] = on.population.people;
    on.tenant.directory.updateUser(first?.id ?? '', { department: 'Somewhere else' });
    await until(() => on.tenant.notifier.pending === 0);
    await until(async () => (await on.look()).queues.every(({ due, held }) => due + held === 0));
    expect(ours()).toBe(0);
    expect(await on.run('resume')).toMatchObject({ code: 0, stdout: 'Not stopped: everything.\n' });
    expect(await on.run('resume', '--job', 'staff')).toMatchObject({ code: 0 });
    await on.untilRight();
    expect(on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
    await stop(service);
  });
});

describe('alone', () => {
  let hold = 0;
  let waiting: (() => void)[] = [];
  /** Lets `hold` removals of folders through, and keeps the others waiting. */
  const gate: Gate = async (request, answer) => {
    const removals = request.body?.match(/contactFolders\/[^/"]+\/permanentDelete/g)?.length ?? 0;
    if (removals > hold) await new Promise<void>((resolve) => waiting.push(resolve));
    hold -= removals;
    return answer(request);
  };
  const release = (): void => {
    hold = Infinity;
    for (const go of waiting.splice(0)) go();
  };

  beforeAll(async () => {
    hold = Infinity;
    on = await install({ people: 30, mailboxes: MAILBOXES, seed: 32, gate });
    await on.configure({ port: undefined });
    expect(await sync(on)).toMatchObject({ code: 0 });
  });
  afterAll(() => {
    release();
    return on.close();
  });

  test('killed in the middle, it goes on where it stopped', async () => {
    hold = 0;
    const before = ours();
    const killed = on.start('revert', '--job', 'staff', '--yes');
    await until(() => waiting.length > 0);
    killed.kill('SIGKILL');
    await killed.ended;
    waiting = [];
    expect(ours()).toBe(before);
    expect(await status(on)).toMatchObject({ jobs: [{ halt: 'reverting' }] });
    hold = 0;
    const stopped = on.start('revert', '--job', 'staff', '--yes', '--json');
    await until(() => waiting.length > 0);
    stopped.kill('SIGINT');
    await until(async () => (await on.look()).halts.some(({ mode }) => mode === 'paused'));
    release();
    const ended = await stopped.ended;
    expect(documentOf(ended)).toMatchObject({ stopped: true });
    expect(ended.code).toBe(1);
    // A service that starts now leaves it at that.
    expect(await sync(on)).toMatchObject({ code: 0, stopped: ['staff'], writes: 0 });
    expect(await revert()).toMatchObject({ code: 0, left: 0, kept: 0, mailboxes: MAILBOXES });
    expect(ours()).toBe(0);
    expect(owners().filter((owner) => folderOf(owner))).toEqual([]);
    expect(on.tenant.oracles.violations).toEqual([]);
  });

  test('asked without anybody to answer, it does nothing', async () => {
    expect(await on.run('revert', '--job', 'staff')).toMatchObject({ code: 2 });
    expect(await on.run('revert', '--yes')).toMatchObject({ code: 2 });
    expect(await on.run('pause', '--tenant', 'nobody')).toMatchObject({ code: 2 });
  });
});
