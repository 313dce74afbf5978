import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanReport } from '../../src/run/plan-report.ts';
import { contactWrites, since, snapshot } from '../tenant/counts.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { documentOf, sync } from './commands.ts';
import { install, type Installation } from './installation.ts';

const [PEOPLE, MAILBOXES, LET_THROUGH] = [40, 5, 3];
let on: Installation;

async function plan(): Promise<PlanReport & { code: number | null }> {
  const ended = await on.run('plan', '--json');
  return { ...(documentOf(ended) as PlanReport), code: ended.code };
}

describe('a plan', () => {
  beforeAll(async () => {
    on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 41 });
    await on.configure({
      port: undefined,
      jobs: {
        staff: { groups: [on.population.source.id], guard: { count: LET_THROUGH, percent: 0 } },
      },
    });
  });
  afterAll(() => on.close());

  test('before the first start: everything would be created, and nothing is', async () => {
    const before = snapshot(on.tenant.counts);
    const { httpRequests } = on.tenant;
    const planned = await plan();
    expect(planned).toMatchObject({
      code: 0,
      unread: 0,
      httpRequests: on.tenant.httpRequests - httpRequests,
    });
    expect(await on.stores.contents()).toBeNull();
    const more = since(on.tenant.counts, before);
    expect([...more.keys()].filter((operation) => !/GET |POST \$batch|^token$/.test(operation))).toEqual([]);
    const [job] = planned.jobs;
    expect(job).toMatchObject({ job: 'staff', change: 0, remove: 0, look: 0, hold: 0 });
    const ids = job?.rows.filter(({ kind }) => kind === 'mailbox').map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(on.population.owners.map(({ id }) => id)));
    const run = await sync(on);
    expect(run).toMatchObject({ code: 0, writes: job?.create });
    expect(job?.people).toBe(job?.rows.filter(({ kind }) => kind === 'person').length);
  });

  test('of what is right: nothing', async () => {
    const before = await on.stores.contents();
    expect((await plan()).jobs).toMatchObject([{ create: 0, change: 0, remove: 0, look: 0, rows: [] }]);
    expect(await on.stores.contents()).toEqual(before);
  });

  test('says who and which fields, holds what the guard would hold, and is what the next run does', async () => {
    const { directory } = on.tenant;
    const strangers = on.population.people.slice(MAILBOXES).map(({ id }) => id);
    const [edited = '', receiver = '', ...leavers] = strangers.slice(0, 2 + LET_THROUGH + 2);
    directory.updateUser(edited, { jobTitle: 'Planned', mobilePhone: null });
    directory.updateUser(receiver, { assignedLicenses: [mailboxLicense] });
    for (const id of leavers) directory.updateUser(id, { accountEnabled: false });
    const before = { contents: await on.stores.contents(), writes: contactWrites(on.tenant.counts) };
    const planned = await plan();
    expect(contactWrites(on.tenant.counts)).toBe(before.writes);
    expect(await on.stores.contents()).toEqual(before.contents);
    const [job] = planned.jobs;
    const rowOf = (subject: string) => job?.rows.filter(({ id }) => id === subject);
    expect(rowOf(edited)).toMatchObject([
      // The mailbox that would be new holds it from the start.
      { action: 'change', contacts: MAILBOXES + 1, fields: ['jobTitle', 'mobilePhone'] },
    ]);
    expect(rowOf(receiver)).toMatchObject([{ kind: 'mailbox', action: 'fill' }]);
    const actions = leavers
      .map((id) => String(rowOf(id)?.[0]?.action))
      .toSorted((a, b) => a.localeCompare(b));
    expect(actions).toEqual([...Array<string>(2).fill('hold'), ...Array<string>(LET_THROUGH).fill('remove')]);
    expect(job).toMatchObject({ change: MAILBOXES, remove: LET_THROUGH * MAILBOXES, hold: 2 });
    const printed = JSON.stringify(planned);
    const { displayName } = directory.user(edited) ?? {};
    expect(printed).not.toContain(displayName);
    const run = await sync(on);
    const { create = 0, change = 0, remove = 0 } = job ?? {};
    expect(run).toMatchObject({ code: 3, held: 2, writes: create + change + remove });
  });

  test("tells another tool's folder, for one request more than the listings, and leaves it alone", async () => {
    const { mailboxes } = on.tenant;
    const without = await plan();
    expect(without.leftovers).toMatchObject([{ mailboxes: MAILBOXES + 1, unread: [], names: [], others: 0 }]);
    const owners = on.population.owners.map(({ id }) => id);
    for (const id of owners)
      mailboxes.addContact(id, { displayName: 'Somebody, once' }, mailboxes.addFolder(id, 'Old Tool'));
    mailboxes.addFolder(owners[0] ?? '', 'Family');
    const before = await on.stores.contents();
    const planned = await plan();
    expect(planned.leftovers).toMatchObject([
      {
        tenant: 'contoso',
        names: [{ name: 'Old Tool', mailboxes: MAILBOXES, contacts: MAILBOXES }],
        others: 1,
      },
    ]);
    expect(planned.httpRequests - without.httpRequests).toBe(1);
    const table = await on.run('plan');
    expect(table.stdout).toContain(`Old Tool  in ${MAILBOXES} mailboxes  ${MAILBOXES} contacts`);
    expect(table.stdout).not.toContain('Family');
    const csv = await on.run('plan', '--csv');
    const folder = mailboxes.get(owners[0] ?? '').folderNamed('Old Tool');
    expect(csv.stdout.split('\r\n')).toContain(`,folder,${owners[0]},none,1,,,${folder?.id},Old Tool`);
    expect(await on.stores.contents()).toEqual(before);
    expect(folder?.items.size).toBe(1);
  });

  test('as a table and for a spreadsheet', async () => {
    const [, , someone] = on.population.people.slice(MAILBOXES + LET_THROUGH + 2);
    on.tenant.directory.updateUser(someone?.id ?? '', { department: 'Elsewhere' });
    const table = await on.run('plan');
    expect(table.stdout).toContain(`change  person  ${someone?.id}`);
    expect(table.stdout).toContain('nothing was written');
    const csv = await on.run('plan', '--csv');
    expect(csv.stdout.split('\r\n')).toContain(
      `staff,person,${someone?.id},change,${MAILBOXES + 1},department,,,`,
    );
    expect(await on.run('plan', '--csv', '--json')).toMatchObject({ code: 2 });
  });
});
