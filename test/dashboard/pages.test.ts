import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { until } from '../process/until.ts';
import { openDesk, type Desk, type Visitor } from './desk.ts';
import { JOB } from './fake-house.ts';

/** What was read is shown for a second. */
const LOOKED_AFRESH_MS = 1_001;

let desk: Desk;
let visitor: Visitor;
beforeEach(async () => {
  desk = await openDesk();
  visitor = await desk.signIn();
});
afterEach(() => desk.close());

async function page(target: string): Promise<string> {
  desk.leap(LOOKED_AFRESH_MS);
  const { status, text } = await visitor.get(target);
  expect(status).toBe(200);
  return text.replaceAll(/\s+/g, ' ');
}

describe('the overview', () => {
  test('says what is wrong and what to do, and where', async () => {
    desk.house.concerns = [
      { gravity: 'failed', what: 'Queue changes: 2 dead letters', remedy: 'dead list', about: 'given up' },
      { gravity: 'held', what: '3 removals held', remedy: 'approve', about: 'job' },
    ];
    const text = await page('/');
    expect(text).toContain('Something needs attention');
    expect(text).toMatch(/Queue changes: 2 dead letters.*dead list.*href="\/given-up"/);
    expect(text).toMatch(/3 removals held.*href="\/jobs"/);
  });

  test('shows concerns where nothing can be read', async () => {
    const concern = {
      gravity: 'failed',
      what: 'Nothing can be read',
      remedy: 'doctor',
      about: 'service',
    } as const;
    desk.house.look = () => Promise.resolve({ status: null, concerns: [concern] });
    expect(await page('/')).toContain('Nothing can be read');
    expect(await page('/jobs')).toContain('cannot be read now');
    expect(await page('/activity')).toContain('cannot be read now');
    expect(await page('/mailboxes')).toContain('Explain');
  });
});

describe('jobs', () => {
  test('what the guard holds is listed, and approved', async () => {
    const since = '2026-11-20T11:00:00.000Z';
    desk.house.jobs = [{ ...JOB, held: [{ kind: 'person', id: 'p-1', since, reason: 'more than allowed' }] }];
    const text = await page('/jobs');
    expect(text).toContain('1 removal held by the guard');
    expect(text).toMatch(/<code>p-1<\/code>.*more than allowed/);
    await visitor.post('/approve', { job: 'staff' });
    expect(desk.house.orders).toEqual(['approve staff']);
    expect(await page('/jobs')).toContain('Released 2 removals.');
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

  test('while one is taken back it cannot be ordered again, and resumed', async () => {
    desk.house.jobs = [{ ...JOB, halt: 'reverting', revert: { left: 3, free: 47, kept: 2 } }];
    const text = await page('/jobs');
    expect(text).toContain('47 free, 3 to do, 2 with a folder that stays');
    expect(text).not.toContain('action="/revert"');
    await visitor.post('/resume', { scope: 'job', name: 'staff' });
    expect(desk.house.orders).toEqual(['resume {"kind":"job","name":"staff"}']);
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

  test('a plan is shown to administrators alone, and what keeps it from being made', async () => {
    const { text } = await visitor.post('/plan', { job: 'staff' });
    expect(text).toMatch(/p-7[^]*change[^]*50[^]*jobTitle/);
    expect(text).toContain('1 object could not be read');
    expect(text).toMatch(/<a href="\/jobs" aria-current="page">/);
    desk.house.fault = new Fault('unauthorized', 'no token');
    expect((await visitor.post('/plan', { job: 'staff' })).text).toContain('No plan could be made: no token');
    desk.house.fault = null;
    const reader = await desk.signIn('reader');
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

test('contacts that nobody counted are no number, and the others say when they were counted', async () => {
  expect(await page('/')).toMatch(/24,950<.*contacts counted <time datetime="2026-11-20T12:00:00.000Z"/);
  desk.house.jobs = [JOB, { ...JOB, job: 'guests', contacts: null, behind: null }];
  desk.house.status = { countedAt: null };
  expect(await page('/')).toMatch(/>not counted<.*contacts counted never/);
});

describe('mailboxes', () => {
  test('parked ones are listed, and tried again', async () => {
    const at = '2026-11-20T11:00:00.000Z';
    desk.house.status = {
      parked: [{ tenant: 'contoso', mailbox: 'm-1', reason: 'no mailbox', since: at, nextTry: at }],
    };
    expect(await page('/mailboxes')).toMatch(/<code>m-1<\/code>.*no mailbox/);
    await visitor.post('/retry', {}, '/mailboxes');
    await visitor.post('/retry', { mailbox: 'm-1' }, '/mailboxes');
    expect(desk.house.orders).toEqual(['retry all', 'retry m-1']);
    expect(await page('/mailboxes')).toContain('1 mailbox to be tried again');
  });

  test('what cannot be explained says why', async () => {
    desk.house.fault = new Fault('not-found', 'nobody is called so');
    const { text } = await visitor.post('/mailboxes', { mailbox: 'x', person: 'y' }, '/mailboxes');
    expect(text).toContain('That could not be explained: nobody is called so');
  });
});

test('activity: throttling, sweeps, audits, subscriptions and pictures', async () => {
  const at = new Date(Date.now() - 60_000).toISOString();
  const refusal = {
    tenant: 'contoso',
    at,
    scope: 'mailbox',
    pool: 'writes',
    status: 429,
    retryAfterSeconds: 7,
  };
  desk.house.status = {
    throttles: [refusal, { ...refusal, retryAfterSeconds: null }],
    processes: [{ id: 'host-1', role: 'worker', seen: at }],
    audits: [
      { job: 'staff', mailboxes: 50, verified: 49, oldest: null, drifted: 1, accepted: 2, adopted: 7 },
    ],
  };
  const text = await page('/activity');
  expect(text).toContain('2 times in 24 hours');
  expect(text).toMatch(/<rect class="bar" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+" \/>/);
  expect(text).toMatch(/7 s<\/td>.*not said<\/td>/);
  expect(text).toMatch(/49 of 50.*some never yet/);
  expect(text).toContain('host-1');
  expect(text).not.toContain('NaN');
});

test('an open page is told of a change at once, and let go when the session ends', async () => {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  let heard = '';
  let isOver = false;
  const asking = request(
    { host: '127.0.0.1', port: desk.port, path: '/live', headers: { cookie } },
    (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(response.headers['cache-control']).toBe('no-store');
      response.setEncoding('utf8').on('data', (part: string) => (heard += part));
      response.on('end', () => (isOver = true));
    },
  );
  asking.end();
  await until(() => heard.includes('retry:'));
  expect(heard).not.toContain('event: change');
  desk.house.jobs = [{ ...JOB, people: 501 }];
  await until(() => heard.includes('event: change\ndata: \n\n'));
  await visitor.post('/sign-out', {});
  await until(() => isOver);
}, 60_000);
