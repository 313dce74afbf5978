import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { House } from '../../src/dashboard/house.ts';
import { Fault } from '../../src/model/fault.ts';
import { openDesk, pageOf, type Desk, type Visitor } from './desk.ts';

let desk: Desk;
let visitor: Visitor;
beforeEach(async () => {
  desk = await openDesk();
  visitor = await desk.signIn();
});
afterEach(() => desk.close());

const page = (target: string): Promise<string> => pageOf(desk, visitor, target);

const THING: Awaited<ReturnType<House['givenUp']>>['things'][number] = {
  id: 'changes-17',
  keptIn: 'changes',
  kind: 'user',
  tenant: 'contoso',
  mailbox: null,
  route: null,
  object: 'u-1',
  slab: null,
  reason: 'deliveries exhausted',
  since: '2026-11-20T11:00:00.000Z',
  times: 3,
  nextTry: null,
  next: 'nothing by itself',
  remedy: 'try it again',
  dropping: 'nobody looks at this person',
};

describe('what was given up', () => {
  test('is shown with cause, next step, remedy and what forgetting means', async () => {
    desk.house.givenUp = () => Promise.resolve({ total: 3, things: [THING] });
    const text = await page('/given-up');
    expect(text).toMatch(/u-1.*deliveries exhausted.*3 times.*nothing by itself.*try it again.*nobody looks/);
    expect(text).toContain('And 2 more');
  });

  test('is read once for everybody, and anew after an action', async () => {
    let read = 0;
    desk.house.givenUp = () => Promise.resolve({ total: (read += 1), things: [] });
    await page('/given-up');
    await visitor.get('/given-up');
    expect(read).toBe(1);
    await visitor.post('/given-up/retry', { id: 'changes-17' });
    expect(await page('/given-up')).toContain('2 things');
  });

  test('says so where it cannot be read, on the page and once in the log', async () => {
    desk.house.givenUp = () => Promise.reject(new Fault('unavailable', 'the queue is away'));
    expect(await page('/given-up')).toContain('What was given up cannot be read: the queue is away.');
    expect((await visitor.get('/given-up')).status).toBe(200);
    expect(desk.log().match(/"unavailable: the queue is away"/g)).toHaveLength(1);
  });

  test('is tried again and forgotten, the latter only by who has read what it means', async () => {
    await visitor.post('/given-up/retry', { id: 'changes-17' });
    await visitor.post('/given-up/drop', { id: 'changes-17' });
    expect(await page('/given-up')).toContain('Nothing was done');
    await visitor.post('/given-up/drop', { id: 'changes-17', sure: 'yes' });
    expect(desk.house.orders).toEqual(['retry given up changes-17', 'drop changes-17']);
    expect(await page('/given-up')).toContain('Forgotten.');
  });

  test('is missed when it is gone, and stays where it cannot be tried again', async () => {
    desk.house.retryGivenUp = () => Promise.resolve(null);
    await visitor.post('/given-up/retry', { id: 'x' });
    expect(await page('/given-up')).toContain('There is none of that id any more');
    desk.house.retryGivenUp = () => Promise.resolve({ left: [THING] });
    await visitor.post('/given-up/retry', { id: 'x' });
    expect(await page('/given-up')).toContain('cannot be tried again');
  });
});
