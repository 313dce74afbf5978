import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MoveReport } from '../../../src/run/move.ts';
import { contactWrites, since, snapshot } from '../../tenant/counts.ts';
import { documentOf, sync } from '../commands.ts';
import { installShared, type Shared } from './several.ts';

const PEOPLE = 30;
const MAILBOXES = 4;

/** What a configuration says that names neither bus nor database. */
const ALONE = { queue: undefined, ledger: undefined };

let shared: Shared;

beforeAll(async () => {
  shared = await installShared({ people: PEOPLE, mailboxes: MAILBOXES, seed: 5 });
}, 120_000);
afterAll(() => shared.close(), 60_000);

const move = async (from: string, to: string): Promise<MoveReport> => {
  const ended = await shared.on.run('move', '--from', from, '--to', to, '--json');
  return documentOf(ended) as MoveReport;
};
const refusal = async (from: string, to: string): Promise<string> => {
  const { code, stderr } = await shared.on.run('move', '--from', from, '--to', to);
  expect(code).toBe(1);
  return stderr;
};
/** What one pass over everything writes, and whether every mailbox is right afterwards. */
const passes = async () => {
  const before = snapshot(shared.on.tenant.counts);
  const { code, dead } = await sync(shared.on);
  const writes = contactWrites(since(shared.on.tenant.counts, before));
  return { code, dead, writes, divergences: shared.on.compare().divergences.length };
};
const QUIET = { code: 0, dead: 0, writes: 0, divergences: 0 };

describe('a move', { timeout: 400_000 }, () => {
  test('needs something to be moved', async () => {
    expect(await refusal('embedded', 'distributed')).toMatch(/there is no ledger in .* to be moved\n/);
  });

  test('takes ledger and waiting work to bus and database, and nothing is written anew', async () => {
    await shared.on.configure({ port: undefined, more: ALONE });
    expect((await sync(shared.on)).code).toBe(0);
    await shared.on.configure({ port: undefined });
    const report = await move('embedded', 'distributed');
    const rows = Object.fromEntries(report.tables.map(({ table, rows: count }) => [table, count]));
    expect(rows).toMatchObject({ people: PEOPLE, mailboxes: MAILBOXES, links: (PEOPLE - 1) * MAILBOXES });
    expect(report.left).toBe(0);
    expect(await passes()).toEqual(QUIET);
  });

  test('and a plan over the database finds nothing to do', async () => {
    const { stdout } = await shared.on.run('plan', '--json');
    const { jobs } = JSON.parse(stdout) as { jobs: { create: number; change: number; remove: number }[] };
    expect(jobs.map(({ create, change, remove }) => [create, change, remove])).toEqual([[0, 0, 0]]);
  });

  test('leaves behind what nobody works on any more', async () => {
    await shared.on.configure({ port: undefined, more: ALONE });
    const { code, stderr } = await shared.on.run('sync', '--once');
    expect([code, stderr]).toEqual([1, expect.stringContaining('this ledger was moved elsewhere at ')]);
    await shared.on.configure({ port: undefined });
    expect(await refusal('embedded', 'distributed')).toContain('the ledger to be moved into is not empty');
    expect(await refusal('distributed', 'embedded')).toContain('the ledger to be moved into is not empty');
  });

  test('of another deployment is refused', async () => {
    await shared.on.configure({ port: undefined, more: { deployment: 'another' } });
    expect(await refusal('distributed', 'embedded')).toContain('deployment differs from the one');
  });

  test('goes back as well', async () => {
    await shared.on.configure({ port: undefined });
    const [person] = shared.on.population.people.slice(MAILBOXES);
    shared.on.tenant.directory.updateUser(person?.id ?? '', { jobTitle: 'Changed while distributed' });
    expect(await passes()).toEqual({ ...QUIET, writes: MAILBOXES });
    const data = path.join(shared.on.folder, 'data');
    await rename(data, path.join(shared.on.folder, 'before'));
    await mkdir(data);
    const report = await move('distributed', 'embedded');
    expect(report.tables.find(({ table }) => table === 'links')?.rows).toBe((PEOPLE - 1) * MAILBOXES);
    await shared.on.configure({ port: undefined, more: ALONE });
    expect(await passes()).toEqual(QUIET);
    expect(shared.on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
  });
});
