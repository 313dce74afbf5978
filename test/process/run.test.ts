import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contactWrites, since, snapshot } from '../tenant/counts.ts';
import { asked } from './asked.ts';
import { status, sweep, sync } from './commands.ts';
import { install, type Gate, type Installation } from './installation.ts';
import { until } from './until.ts';

const PEOPLE = 60;
const MAILBOXES = 6;
const CONTACTS = (PEOPLE - 1) * MAILBOXES;

let on: Installation;
/** So many batches that make contacts are let through; the others wait at the gate. */
let letThrough = Infinity;
const waiting: (() => void)[] = [];
const gate: Gate = async (request, answer) => {
  if (/\/contacts"/.test(request.body ?? '') && (letThrough -= 1) < 0)
    await new Promise<void>((resolve) => waiting.push(resolve));
  return answer(request);
};
const open = (): void => {
  letThrough = Infinity;
  for (const go of waiting.splice(0)) go();
};
const fresh = async (): Promise<void> => {
  on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 7, gate });
};
const leave = (): Promise<void> => on.close();

describe('sync --once', () => {
  beforeAll(fresh);
  afterAll(leave);

  test('fills a fresh folder and prints one document', async () => {
    await on.configure({ port: undefined });
    const report = await sync(on);
    expect(report).toMatchObject({
      code: 0,
      mailboxes: MAILBOXES,
      contacts: CONTACTS,
      writes: CONTACTS,
      held: 0,
      dead: 0,
      httpRequests: on.tenant.httpRequests,
    });
    expect(on.compare()).toEqual({ divergences: [], duplicates: 0, foreignTouched: 0, contacts: CONTACTS });
    expect(on.tenant.oracles.violations).toEqual([]);
    expect(on.tenant.subscriptions.all()).toEqual([]);
    expect(asked(on.tenant.counts, 'folderCreates')).toBe(MAILBOXES);
    // Where all may have been lost, whoever has no mailbox is looked at once more: it may have been away.
    const searched = on.stores.knowsWhatIsNew ? 0 : PEOPLE - MAILBOXES;
    expect(asked(on.tenant.counts, 'peopleReads')).toBe(PEOPLE + searched);
  });

  test('the second time writes nothing and asks little', async () => {
    const before = snapshot(on.tenant.counts);
    const report = await sync(on);
    expect(report).toMatchObject({ code: 0, contacts: CONTACTS, writes: 0, held: 0, dead: 0 });
    expect(contactWrites(since(on.tenant.counts, before))).toBe(0);
    // What changed among people (two pages at most) and in groups, and whether the ledger is as new as the folders.
    expect(report.httpRequests).toBeLessThanOrEqual(5);
  });

  test('what changed meanwhile is all that it writes', async () => {
    const [, , somebody] = on.population.people.slice(MAILBOXES);
    on.tenant.directory.updateUser(somebody?.id ?? '', { mobilePhone: '+49 151 555 0001' });
    const report = await sync(on);
    expect(report.writes).toBe(MAILBOXES);
    expect(on.compare().divergences).toEqual([]);
  });

  test('a sweep while nothing runs finds what nobody announced', async () => {
    const [somebody, other] = on.population.people.slice(MAILBOXES + 5);
    on.tenant.directory.updateUser(somebody?.id ?? '', { jobTitle: 'Unannounced' });
    on.tenant.directory.deleteUser(other?.id ?? '');
    expect(await sweep(on)).toMatchObject({ code: 0, found: 2 });
    expect(on.compare()).toMatchObject({ divergences: [], contacts: CONTACTS - MAILBOXES });
    expect((await status(on)).foundBySweep).toBe(2);
  });
});

describe('run', () => {
  beforeAll(fresh);
  afterAll(leave);

  test('SIGTERM in the middle of a fill drains; the rest comes later, and nothing had to be looked for', async () => {
    letThrough = 3;
    const first = on.start('run');
    await until(() => contactWrites(on.tenant.counts) > 40 && waiting.length > 0);
    first.kill('SIGTERM');
    await until(() => first.said().includes('SIGTERM: finishing what is in hand'));
    open();
    const ended = await first.ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stderr).toContain('stopped: nothing is left half done');
    const written = contactWrites(on.tenant.counts);
    const left = on.compare().divergences.length;
    expect(left).toBeGreaterThan(0);
    expect(written).toBe(CONTACTS - left);
    const before = snapshot(on.tenant.counts);

    const second = on.start('run');
    await on.untilRight();
    await until(async () => (await on.look()).jobs[0]?.behind === 0);
    second.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
    const more = since(on.tenant.counts, before);
    expect(contactWrites(more)).toBe(left);
    expect(asked(more, 'contactLooks')).toBe(0);
  });

  test('status beside the running service, and after it', async () => {
    const service = on.start('run');
    await until(() => on.tenant.subscriptions.all().length === 2 && service.said().includes('sweep done'));
    const beside = await status(on);
    expect(beside.code).toBe(0);
    const people = { job: 'staff', people: PEOPLE, mailboxes: MAILBOXES, contacts: CONTACTS };
    const calm = {
      behind: 0,
      held: [],
      resting: 0,
      suspicion: null,
      halt: null,
      revert: null,
      missingTenant: null,
    };
    expect(beside.jobs).toEqual([{ ...people, ...calm }]);
    expect(beside.subscriptions.map(({ resource }) => resource).toSorted()).toEqual(['groups', 'users']);
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0, stdout: '' });
    const { jobs, deployment, subscriptions } = await status(on);
    expect({ jobs, deployment, subscriptions }).toEqual({
      jobs: beside.jobs,
      deployment: beside.deployment,
      subscriptions: beside.subscriptions,
    });
  });

  test('a restart finds nothing to do', async () => {
    const before = snapshot(on.tenant.counts);
    const service = on.start('run');
    await until(() => service.said().includes('sweep done'));
    await until(async () => (await on.look()).queues.every(({ due, held }) => due + held === 0));
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
    const more = since(on.tenant.counts, before);
    expect(contactWrites(more)).toBe(0);
    expect(asked(more, 'subscriptionCreates')).toBe(0);
    expect(on.tenant.oracles.violations).toEqual([]);
  });
});

describe('without notifications', () => {
  beforeAll(fresh);
  afterAll(leave);
  afterEach(() => expect(on.tenant.oracles.violations).toEqual([]));

  test('run polls', async () => {
    await on.configure({ port: undefined });
    const service = on.start('run');
    await on.untilRight();
    const { directory } = on.tenant;
    const [, , somebody, other] = on.population.people.slice(MAILBOXES);
    directory.updateUser(somebody?.id ?? '', { displayName: 'Polled Person', mobilePhone: null });
    directory.deleteUser(other?.id ?? '');
    await on.untilRight();
    expect(on.compare()).toMatchObject({ duplicates: 0, contacts: CONTACTS - MAILBOXES });
    expect(on.tenant.subscriptions.all()).toEqual([]);
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
  });
});
