import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contactWrites, since, snapshot } from '../tenant/counts.ts';
import { asked } from './asked.ts';
import { approve, status, sync } from './commands.ts';
import { install, type Installation } from './installation.ts';
import { until } from './until.ts';

let on: Installation;
const job = (): { groups: string[] } => ({ groups: [on.population.source.id] });
const folderIds = (name: string): (string | undefined)[] =>
  on.population.owners.map(({ id }) => on.tenant.mailboxes.get(id).folderNamed(name)?.id);
const few = (): string[] => on.population.owners.slice(0, 3).map(({ id }) => id);

const contacts = (): number => on.compare().contacts;

async function heldOf(id: string): Promise<string[]> {
  return (await on.look()).jobs.flatMap(({ job: name, held }) =>
    name === id ? held.map((one) => one.id) : [],
  );
}

describe('40 percent of the people shown are disabled, one by one', () => {
  const PEOPLE = 50;
  const MAILBOXES = 4;
  const LET_THROUGH = 5;
  let gone: string[];

  beforeAll(async () => {
    on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 11 });
    // Polling, so that an approval is seen at once.
    await on.configure({
      port: undefined,
      jobs: { staff: { ...job(), guard: { count: LET_THROUGH, percent: 5 } } },
    });
    gone = on.population.people.slice(-0.4 * PEOPLE).map(({ id }) => id);
  });
  afterAll(() => on.close());

  test('beyond the guard they are held, and their contacts stay', async () => {
    const { directory } = on.tenant;
    const service = on.start('run');
    await on.untilRight();
    for (const id of gone) directory.updateUser(id, { accountEnabled: false });
    await until(async () => (await heldOf('staff')).length === gone.length - LET_THROUGH);
    await until(() => on.compare().divergences.length === (gone.length - LET_THROUGH) * MAILBOXES);
    const now = await status(on);
    expect(now.code).toBe(3);
    expect(now.jobs[0]?.held.every(({ kind, id }) => kind === 'person' && gone.includes(id))).toBe(true);
    const divergences = on.compare().divergences;
    expect(new Set(divergences.map(({ kind }) => kind))).toEqual(new Set(['extra']));
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
  });

  test('a sync says so with its exit code, and still removes nothing', async () => {
    const before = on.compare().contacts;
    expect(await sync(on)).toMatchObject({ code: 3, writes: 0, held: gone.length - LET_THROUGH });
    expect(on.compare().contacts).toBe(before);
  });

  test('one of them comes back: held no more, and nothing is written', async () => {
    const held = await heldOf('staff');
    on.tenant.directory.updateUser(held[0] ?? '', { accountEnabled: true });
    expect(await sync(on)).toMatchObject({ code: 3, writes: 0, held: held.length - 1 });
    expect(await heldOf('staff')).toEqual(held.slice(1));
  });

  test('approved beside the running service: they go', async () => {
    const service = on.start('run');
    await until(() => service.said().includes('sweep done'));
    expect(await approve(on)).toEqual({ code: 0, released: gone.length - LET_THROUGH - 1 });
    await on.untilRight();
    expect(await status(on)).toMatchObject({ code: 0 });
    expect(await approve(on)).toEqual({ code: 0, released: 0 });
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
    expect(on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
    expect(on.tenant.oracles.violations).toEqual([]);
  });
});

describe('the source shrinks suddenly', () => {
  beforeAll(async () => {
    on = await install({ people: 12, mailboxes: 2, seed: 13 });
    await on.configure({ port: undefined, jobs: { staff: job() } });
    expect(await sync(on)).toMatchObject({ code: 0 });
  });
  afterAll(() => on.close());

  const [suddenly, later] = [0, 1];

  test('a group of few people is deleted: nobody is removed, however many the guard would let through', async () => {
    const team = on.population.teams[suddenly]?.id ?? '';
    const before = contacts();
    on.tenant.directory.deleteGroup(team);
    const report = await sync(on);
    expect(report).toMatchObject({ code: 3, writes: 0 });
    expect(report.held).toBeGreaterThan(0);
    expect(contacts()).toBe(before);
    const [staff] = (await status(on)).jobs;
    expect(staff?.suspicion?.reason).toMatch(/a group or administrative unit with members was deleted/);
  });

  test('whoever leaves meanwhile stays as well, and updates go on', async () => {
    const [leaver, changed] = on.population.people.slice(-2);
    on.tenant.directory.updateUser(leaver?.id ?? '', { accountEnabled: false });
    on.tenant.directory.updateUser(changed?.id ?? '', { jobTitle: 'Still up to date' });
    const before = contacts();
    expect(await sync(on)).toMatchObject({ code: 3, writes: on.population.owners.length });
    expect(contacts()).toBe(before);
    expect(await heldOf('staff')).toContain(leaver?.id);
  });

  test('approved: they go, and the next few go by themselves', async () => {
    expect((await approve(on)).released).toBeGreaterThan(0);
    expect(await sync(on)).toMatchObject({ code: 0, held: 0 });
    expect(on.compare().divergences).toEqual([]);
    expect((await status(on)).jobs[0]?.suspicion).toBeNull();
    const [member = ''] = on.tenant.directory.transitiveUsers(on.population.teams[later]?.id ?? '');
    on.tenant.directory.removeMember(on.population.teams[later]?.id ?? '', member);
    expect(await sync(on)).toMatchObject({ code: 0, held: 0 });
    expect(on.compare()).toMatchObject({ divergences: [], foreignTouched: 0 });
  });
});

describe('the configuration changes', () => {
  const PEOPLE = 26;
  /** More than the 20 that a withdrawal may empty without being asked. */
  const MAILBOXES = 23;

  beforeAll(async () => {
    on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 12 });
    const [team] = on.population.teams;
    await on.configure({
      port: undefined,
      jobs: {
        staff: job(),
        narrow: { ...job(), folder: 'Narrow', target: { users: few() } },
        wide: { groups: [team?.id ?? ''], folder: 'Wide' },
      },
    });
    expect(await sync(on)).toMatchObject({ code: 0 });
    expect(on.compare().divergences).toEqual([]);
    expect(on.compare({ folder: 'Narrow', target: { users: few() } }).divergences).toEqual([]);
    expect(on.compare({ folder: 'Wide', sourceGroups: [team?.id ?? ''] }).divergences).toEqual([]);
    expect(asked(on.tenant.counts, 'folderCreates')).toBe(2 * MAILBOXES + few().length);
  });
  afterAll(() => on.close());

  test('a renamed folder is renamed by id, and nothing is filled again', async () => {
    const ids = folderIds('Company Directory');
    const before = snapshot(on.tenant.counts);
    const [team] = on.population.teams;
    await on.configure({
      port: undefined,
      jobs: {
        staff: { ...job(), folder: 'Contoso People' },
        narrow: { ...job(), folder: 'Narrow', target: { users: few() } },
        wide: { groups: [team?.id ?? ''], folder: 'Wide' },
      },
    });
    expect(await sync(on)).toMatchObject({ code: 0, writes: 0 });
    const more = since(on.tenant.counts, before);
    expect(folderIds('Contoso People')).toEqual(ids);
    expect(folderIds('Company Directory').filter(Boolean)).toEqual([]);
    expect(contactWrites(more)).toBe(0);
    expect(asked(more, 'folderCreates')).toBe(0);
    const perFolder = asked(more, 'folderChanges');
    expect(perFolder).toBeGreaterThanOrEqual(MAILBOXES);
    expect(perFolder).toBeLessThanOrEqual(MAILBOXES + 2);
    expect(on.compare({ folder: 'Contoso People' })).toMatchObject({ divergences: [], duplicates: 0 });
  });

  test('a small job that is not in the file any more is withdrawn, and what its users added stays', async () => {
    const [owner = ''] = few();
    const folder = on.tenant.mailboxes.get(owner).folderNamed('Narrow');
    const added = on.tenant.mailboxes.addContact(owner, { displayName: 'Plumber' }, folder);
    const [team] = on.population.teams;
    await on.configure({
      port: undefined,
      jobs: {
        staff: { ...job(), folder: 'Contoso People' },
        wide: { groups: [team?.id ?? ''], folder: 'Wide' },
      },
    });
    const report = await sync(on);
    // Two folders go as a whole; in the third something is not ours, so contact by contact.
    expect(report).toMatchObject({ code: 0, held: 0, writes: PEOPLE - 1 });
    expect(folderIds('Narrow').filter(Boolean)).toEqual([folder?.id]);
    expect([...(folder?.items.values() ?? [])]).toEqual([added]);
    expect(on.compare({ folder: 'Contoso People' }).divergences).toEqual([]);
  });

  test('a larger one is held, and finished once approved', async () => {
    const contacts = on.compare({ folder: 'Wide' }).contacts;
    await on.configure({ port: undefined, jobs: { staff: { ...job(), folder: 'Contoso People' } } });
    expect(await sync(on)).toMatchObject({ code: 3, held: MAILBOXES - 20 });
    expect(await status(on)).toMatchObject({ code: 3 });
    const kept = on.compare({ folder: 'Wide' }).contacts;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(contacts);
    expect(await approve(on)).toEqual({ code: 0, released: MAILBOXES - 20 });
    expect(await sync(on)).toMatchObject({ code: 0, held: 0 });
    expect(folderIds('Wide').filter(Boolean)).toEqual([]);
    // Forgotten by the next one, which sees that nothing of it is left.
    expect(await sync(on)).toMatchObject({ code: 0, writes: 0 });
    expect((await status(on)).jobs.map(({ job: name }) => name)).toEqual(['staff']);
    expect(on.compare({ folder: 'Contoso People' })).toMatchObject({ divergences: [], foreignTouched: 0 });
    expect(on.tenant.oracles.violations).toEqual([]);
  });
});
