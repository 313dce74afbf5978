import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { openDesk, type Answer, type Desk, type Visitor } from './desk.ts';
import { ADMIN, begun, SITE, visitorOf } from './entra-desk.ts';

/** An authority whose answers the test gives, one by one. */
const open: { resolve: () => void; reject: (error: unknown) => void }[] = [];
let desk: Desk;

beforeEach(async () => {
  open.length = 0;
  desk = await openDesk({
    publicUrl: SITE,
    entra: () => ({
      urlFor: ({ state }) => Promise.resolve(`https://login.example/?state=${state}`),
      whoIs: () =>
        new Promise((resolve, reject) =>
          open.push({ resolve: () => resolve({ account: ADMIN, roles: ['ContactSync.Admin'] }), reject }),
        ),
    }),
  });
});
afterEach(() => desk.close());

const visitor = (): Visitor => visitorOf(desk);

/** Begins, and comes back with a code that is made up. */
async function back(): Promise<Answer> {
  const person = visitor();
  const state = (await begun(person)).searchParams.get('state') ?? '';
  return person.get(`/sign-in/entra/answer?code=x&state=${state}`);
}

test('of people who come back at the same time two are looked into at once, four wait, and one more is told so', async () => {
  const coming = Array.from({ length: 7 }, () => back());
  // All others wait for the authority.
  const seventh = await Promise.race(coming);
  expect([seventh.status, seventh.headers['retry-after']]).toEqual([429, '60']);
  expect(seventh.text).toContain('Too many people sign in at this moment. Wait a minute');
  expect(open).toHaveLength(2);
  open[0]?.reject(new Fault('unauthorized', 'no'));
  for (let next = 1; next < 6; next += 1) {
    await expect.poll(() => open.length).toBeGreaterThan(next);
    open[next]?.resolve();
  }
  const statuses = (await Promise.all(coming)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 200, 403, 429]);
  expect(open).toHaveLength(6);
});

test('answers of nobody known are told of in the log ten times in a minute, and then once', async () => {
  const refused = (): number => desk.log().match(/a sign-in was refused/g)?.length ?? 0;
  for (let tries = 0; tries < 12; tries += 1)
    expect((await visitor().get('/sign-in/entra/answer?code=x&state=y')).status).toBe(403);
  expect(refused()).toBe(10);
  expect(desk.log().match(/too many attempts/g)).toHaveLength(1);
  desk.leap(61_000);
  // With a cookie that was begun here, and its state, they may come as often.
  const stranger = visitor();
  const state = (await begun(stranger)).searchParams.get('state') ?? '';
  const cookie = stranger.cookie();
  for (let tries = 0; tries < 12; tries += 1)
    await visitor().get(`/sign-in/entra/answer?error=access_denied&state=${state}`, { cookie });
  expect(refused()).toBe(20);
  desk.leap(61_000);
  expect((await visitor().get('/sign-in/entra/answer')).status).toBe(403);
  expect(refused()).toBe(21);
});
