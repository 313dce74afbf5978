import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { activityPage } from '../../src/dashboard/pages/activity.ts';
import { Fault } from '../../src/model/fault.ts';
import { until } from '../process/until.ts';
import { openDesk, pageOf, type Desk, type Visitor } from './desk.ts';
import { JOB } from './fake-house.ts';

let desk: Desk;
let visitor: Visitor;
beforeEach(async () => {
  desk = await openDesk();
  visitor = await desk.signIn();
});
afterEach(() => desk.close());

const page = (target: string): Promise<string> => pageOf(desk, visitor, target);

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
    audits: [{ job: 'staff', mailboxes: 50, verified: 49, oldest: null, drifted: 1 }],
  };
  const text = await page('/activity');
  expect(text).toContain('2 times in 24 hours');
  expect(text).toMatch(/<rect class="bar" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+" \/>/);
  expect(text).toMatch(/7 s<\/td>.*not said<\/td>/);
  expect(text).toMatch(/49 of 50.*some never yet/);
  expect(text).toContain('host-1');
  expect(text).not.toContain('NaN');
});

test('activity: what was measured longer ago than a day is not drawn', () => {
  const now = Date.parse('2026-11-20T12:00:00.000Z');
  const old = { at: now - 25 * 3_600_000, waitedSeconds: 9_876, behind: 5 };
  const { body } = activityPage(
    { status: null, concerns: [] },
    [old, { ...old, at: now, waitedSeconds: 7 }],
    now,
  );
  expect(body.text).toContain('7 s at the most');
  expect(body.text).not.toContain('9,876');
  // Nothing is drawn to the left of the picture.
  expect(body.text).not.toMatch(/points="-/);
});

test('an open page is told of a change at once, and let go when the session ends', async () => {
  const cookie = visitor.cookie();
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
