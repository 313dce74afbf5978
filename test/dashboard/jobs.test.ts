import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Look } from '../../src/dashboard/house.ts';
import { Fault } from '../../src/model/fault.ts';
import { LOOKED_AFRESH_MS, openDesk, pageOf, tokenIn, type Desk, type Visitor } from './desk.ts';
import { JOB } from './fake-house.ts';

let desk: Desk;
let visitor: Visitor;
beforeEach(async () => {
  desk = await openDesk();
  visitor = await desk.signIn();
});
afterEach(() => desk.close());

const page = (target: string): Promise<string> => pageOf(desk, visitor, target);

/** What the form to approve says of what was seen. */
function seenIn(text: string): Record<string, string> {
  const form = /action="\/approve">.*?<\/form>/.exec(text)?.[0] ?? '';
  const fields = [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}

const SINCE = { since: '2026-11-20T11:00:00.000Z' };
const REVERTING = { scope: 'job', name: 'staff', mode: 'reverting', ...SINCE } as const;
const PAUSED = { scope: 'job', name: 'staff', mode: 'paused', ...SINCE } as const;
const ALL = { scope: 'all', name: null, mode: 'paused', ...SINCE } as const;
const TENANT = { scope: 'tenant', name: 'contoso', mode: 'paused', ...SINCE } as const;

describe('jobs', () => {
  test('what the guard holds is listed, and approved', async () => {
    const since = '2026-11-20T11:00:00.000Z';
    desk.house.jobs = [{ ...JOB, held: [{ kind: 'person', id: 'p-1', since, reason: 'more than allowed' }] }];
    const text = await page('/jobs');
    expect(text).toContain('1 removal held by the guard');
    expect(text).toMatch(/<code>p-1<\/code>.*more than allowed/);
    desk.house.held = { count: 1, newest: since };
    await visitor.post('/approve', { ...seenIn(text), sure: 'yes' });
    expect(desk.house.orders).toEqual(['approve staff']);
    expect(await page('/jobs')).toContain('Released 2 removals.');
  });

  test('what came to it since the page was read is not released, nor anything unlooked at', async () => {
    const since = '2026-11-20T11:00:00.000Z';
    desk.house.jobs = [{ ...JOB, held: [{ kind: 'person', id: 'p-1', since, reason: 'more than allowed' }] }];
    const seen = seenIn(await page('/jobs'));
    desk.house.held = { count: 1, newest: since };
    await visitor.post('/approve', seen);
    expect(await page('/jobs')).toContain('Nothing was done: tick');
    // One more, another one in its place, and a form that says nothing of what was seen.
    const later = '2026-11-20T11:00:01.000Z';
    for (const [held, form] of [
      [{ count: 2, newest: since }, seen],
      [{ count: 1, newest: later }, seen],
      [{ count: 1, newest: since }, { job: 'staff' }],
      [
        { count: 1, newest: since },
        { ...seen, count: 'many' },
      ],
    ] as const) {
      desk.house.held = held;
      await visitor.post('/approve', { ...form, sure: 'yes' });
      expect(await page('/jobs')).toContain('more of staff is held than you saw');
    }
    expect(desk.house.orders).toEqual([]);
  });

  test('what a missing group keeps back is shown, and approved', async () => {
    const since = '2026-11-20T11:00:00.000Z';
    const group = { tenant: 'contoso', group: 'g-1', since };
    desk.house.status = { missingGroups: [{ ...group, keptFor: [] }] };
    expect(await page('/jobs')).not.toContain('action="/approve"');
    desk.house.status = { missingGroups: [{ ...group, keptFor: ['staff'] }] };
    desk.house.held = { count: 1, newest: since };
    const text = await page('/jobs');
    expect(text).toMatch(/<code>g-1<\/code> of contoso is not found/);
    await visitor.post('/approve', { ...seenIn(text), sure: 'yes' });
    expect(desk.house.orders).toEqual(['approve staff']);
  });

  test('a revert takes the typed name', async () => {
    await visitor.post('/revert', { job: 'staff', typed: 'Staff' });
    expect(await page('/jobs')).toContain('type its name, staff');
    expect(desk.house.orders).toEqual([]);
    await visitor.post('/revert', { job: 'staff', typed: ' staff ' });
    expect(desk.house.orders).toEqual(['revert staff']);
    // Nor does a page that refreshes itself meanwhile take it away.
    expect((await visitor.get('/jobs', { 'x-refresh': '1' })).text).not.toContain('is being taken back');
    const text = await page('/jobs');
    expect(text).toContain('is being taken back');
    // What a page says once is not said again.
    expect(await page('/jobs')).not.toContain('is being taken back');
  });

  test('while one is taken back it can be paused, and given up by the typed name alone', async () => {
    desk.house.jobs = [{ ...JOB, halt: 'reverting', revert: { left: 3, free: 47, kept: 2 } }];
    desk.house.status = { halts: [REVERTING] };
    const text = await page('/jobs');
    expect(text).toContain('47 free, 3 to do, 2 with a folder that stays');
    expect(text).not.toContain('action="/revert"');
    expect(text).toContain('Pause staff');
    expect(text).not.toContain('Resume staff');
    expect(text).toContain('Give up the revert and fill anew');
    const staff = { scope: 'job', name: 'staff' };
    await visitor.post('/resume', staff);
    expect(await page('/jobs')).toContain('job staff is being taken back');
    expect(desk.house.orders).toEqual([]);
    await visitor.post('/resume', { ...staff, typed: 'staff' });
    expect(desk.house.orders).toEqual(['resume {"kind":"job","name":"staff"}']);
  });

  test('a pause hides no revert, and what a wider one stops is not resumed by itself', async () => {
    desk.house.jobs = [{ ...JOB, halt: 'paused', revert: { left: 3, free: 47, kept: 2 } }];
    desk.house.status = { halts: [REVERTING, PAUSED] };
    const both = await page('/jobs');
    expect(both).toContain('Being taken back, paused');
    expect(both).toContain('47 free, 3 to do');
    expect(both).not.toContain('Resume staff');
    expect(both).toContain('Go on taking staff back');
    desk.house.status = { halts: [ALL, TENANT] };
    const wider = await page('/jobs');
    expect(wider).toContain('Stopped by the pause of everything, or of a tenant of it');
    expect(wider).toContain('Resume everything');
    expect(wider).toContain('lifts the pauses of single jobs and tenants as well');
    expect(wider).not.toContain('Resume staff');
  });

  test.each([
    ['everything', ALL],
    ['tenant contoso', TENANT],
  ])('to resume a job that the pause of %s stops is no success', async (name, halt) => {
    desk.house.status = { halts: [halt] };
    desk.house.isStopped = false;
    await visitor.post('/resume', { scope: 'job', name: 'staff' });
    const nothing = await page('/jobs');
    expect(nothing).toContain(
      `Nothing was done: job staff has no pause of its own; it is stopped by the pause of ${name}.`,
    );
    expect(nothing).toContain('class="notice bad"');
    desk.house.status = { halts: [halt, PAUSED] };
    desk.house.isStopped = true;
    await visitor.post('/resume', { scope: 'job', name: 'staff' });
    const still = await page('/jobs');
    expect(still).toContain(`Resumed: job staff, but it still is stopped by the pause of ${name}.`);
    expect(still).toContain('class="notice bad"');
  });

  test('orders need no reading of how things stand', async () => {
    desk.house.look = () => Promise.resolve({ status: null, concerns: [] });
    const text = await page('/jobs');
    expect(text).toContain('cannot be read now');
    expect(text).toContain('Pause everything');
    const token = tokenIn(text);
    // The next one does not come to an end meanwhile.
    const hanging = Promise.withResolvers<Look>();
    desk.house.look = () => hanging.promise;
    desk.leap(LOOKED_AFRESH_MS);
    for (const form of [{ scope: 'all' }, { scope: 'job', name: 'staff' }])
      expect(await visitor.raw('/pause', { token, ...form })).toMatchObject({ status: 303 });
    expect(desk.house.orders).toEqual(['pause {"kind":"all"}', 'pause {"kind":"job","name":"staff"}']);
    hanging.resolve({ status: null, concerns: [] });
  });

  test.each([
    ['/pause', { scope: 'job', name: 'stuff' }, 'there is no such job'],
    ['/pause', { scope: 'tenant', name: 'fabrikam' }, 'there is no such tenant'],
    ['/resume', { scope: 'mailbox', name: 'staff' }, 'nothing was named'],
    ['/approve', { job: '' }, 'there is no such job'],
    ['/revert', { job: 'stuff', typed: 'stuff' }, 'there is no such job'],
  ])('%s of what is not there does nothing: %o', async (order, form, said) => {
    await visitor.post(order, form);
    expect(desk.house.orders).toEqual([]);
    expect(await page('/jobs')).toContain(said);
  });

  test('all and a tenant are paused and resumed', async () => {
    await visitor.post('/pause', { scope: 'all' });
    await visitor.post('/resume', { scope: 'tenant', name: 'contoso' });
    expect(desk.house.orders).toEqual(['pause {"kind":"all"}', 'resume {"kind":"tenant","name":"contoso"}']);
  });

  test('a job whose contacts nobody counted yet is neither right nor at work', async () => {
    desk.house.jobs = [{ ...JOB, contacts: null, behind: null }];
    const text = await page('/jobs');
    expect(text).toContain('Not counted yet');
    expect(text).not.toMatch(/All right|At work/);
  });

  test('a plan is shown to administrators alone, and what keeps it from being made', async () => {
    const { text } = await visitor.post('/plan', { job: 'staff' });
    expect(text).toMatch(/p-7[^]*change[^]*50[^]*jobTitle/);
    expect(text).toContain('1 object could not be read');
    expect(text).toMatch(/<a href="\/jobs" aria-current="page">/);
    desk.house.fault = new Fault('unauthorized', 'no token');
    expect((await visitor.post('/plan', { job: 'staff' })).text).toContain('No plan could be made: no token');
    desk.house.fault = null;
    const reader = await desk.signIn('reader');
    expect((await reader.get('/jobs')).text).not.toContain('action="/plan"');
    const refused = await reader.post('/plan', { job: 'staff' }, '/');
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.text).toContain('Ask an administrator');
    expect(desk.house.orders).toEqual(['plan staff']);
  });

  test('what fails says so, to the person and in the log', async () => {
    desk.house.fault = new Fault('unavailable', 'the ledger is away');
    await visitor.post('/pause', { scope: 'all' });
    expect(await page('/jobs')).toContain('That failed: the ledger is away');
    expect(desk.log()).toContain('"error":"unavailable: the ledger is away"');
  });
});
