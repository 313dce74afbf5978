import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signedIn } from './desk.ts';
import { ADMIN, begun, openEntraDesk, picked, SESSION, signInAs, type EntraDesk } from './entra-desk.ts';

let desk: EntraDesk;
beforeEach(async () => {
  desk = await openEntraDesk();
});
afterEach(() => desk.close());

const FLOW = '__Host-contact-sync-flow';

describe('what comes back from the authority', () => {
  test('belongs to the browser that began, and to no other one', async () => {
    const [victim, attacker] = [desk.visitor(), desk.visitor()];
    const back = await picked(desk.tenant, await begun(attacker), ADMIN);
    // Login CSRF: the victim is led to an answer that the attacker has begun.
    const answer = `${back.pathname}${back.search}`;
    expect((await victim.get(answer)).text).toContain('not begun in this browser');
    await begun(victim);
    expect((await victim.get(answer)).status).toBe(403);
    expect(victim.cookies.has(SESSION)).toBe(false);
    expect(desk.tenant.counts.get('token')).toBeUndefined();
  });

  test('is good once, also for whoever copied cookie and address', async () => {
    const visitor = desk.visitor();
    const back = await picked(desk.tenant, await begun(visitor), ADMIN);
    const answer = `${back.pathname}${back.search}`;
    const flow = visitor.cookies.get(FLOW) ?? '';
    expect((await visitor.get(answer)).status).toBe(200);
    expect(visitor.cookies.has(FLOW)).toBe(false);
    expect((await visitor.get(answer)).status).toBe(403);
    const thief = desk.visitor();
    thief.cookies.set(FLOW, flow);
    expect((await thief.get(answer)).status).toBe(403);
    expect(thief.cookies.has(SESSION)).toBe(false);
    expect(desk.log()).toContain('AADSTS54005');
  });

  test('is a code that opens nothing without the verifier of its own sign-in', async () => {
    const [thief, owner] = [desk.visitor(), desk.visitor()];
    const stolen = (await picked(desk.tenant, await begun(owner), ADMIN)).searchParams.get('code') ?? '';
    const state = (await begun(thief)).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ code: stolen, state }).toString();
    expect((await thief.get(`/sign-in/entra/answer?${query}`)).status).toBe(403);
    expect(thief.cookies.has(SESSION)).toBe(false);
    expect(desk.log()).toContain('AADSTS501481');
  });

  test('is too late after ten minutes, and not before', async () => {
    const visitor = desk.visitor();
    const at = await begun(visitor);
    desk.leap(9 * 60_000);
    const inTime = await picked(desk.tenant, at, ADMIN);
    expect((await visitor.get(`${inTime.pathname}${inTime.search}`)).status).toBe(200);
    expect(desk.tenant.counts.get('token')).toBe(1);
    const late = await begun(visitor);
    desk.leap(10 * 60_000);
    const back = await picked(desk.tenant, late, ADMIN);
    const { status, text } = await visitor.get(`${back.pathname}${back.search}`);
    expect(status).toBe(403);
    expect(text).toContain('begun more than ten minutes ago. Sign in once more.');
    // Its code is fresh, and was not even tried.
    expect(desk.tenant.counts.get('token')).toBe(1);
  });

  test.each([
    '',
    '?',
    '?code=x',
    '?state=x&code=x',
    '?error=access_denied',
    '?code=x&code=y&state=',
    '?state[]=x',
  ])('is refused when it is made up: %o', async (query) => {
    const visitor = desk.visitor();
    await begun(visitor);
    const { status, text } = await visitor.get(`/sign-in/entra/answer${query}`);
    expect([status, text.includes('not begun in this browser')]).toEqual([403, true]);
    expect((await desk.visitor().get(`/sign-in/entra/answer${query}`)).status).toBe(403);
  });

  test('may be a refusal, of which codes alone are shown', async () => {
    const visitor = desk.visitor();
    const at = await begun(visitor);
    at.searchParams.set('decline', '1');
    const back = await picked(desk.tenant, at, ADMIN);
    const { status, text } = await visitor.get(`${back.pathname}${back.search}`);
    expect(status).toBe(403);
    expect(text).toContain('Microsoft Entra did not sign you in: access_denied, AADSTS65004.');
    const state = (await begun(visitor)).searchParams.get('state') ?? '';
    const evil = new URLSearchParams({
      state,
      error: '<b>call 555',
      error_description: 'call 555',
    }).toString();
    const planted = await visitor.get(`/sign-in/entra/answer?${evil}`);
    expect(planted.text).toContain('no code came back');
    expect(planted.text + desk.log()).not.toContain('555');
  });

  test('is asked about twenty times in a minute at most', async () => {
    const visitor = desk.visitor();
    const attempt = async (): Promise<number> => {
      const state = (await begun(visitor)).searchParams.get('state') ?? '';
      return (await visitor.get(`/sign-in/entra/answer?code=guess&state=${state}`)).status;
    };
    for (let tries = 0; tries < 20; tries += 1) expect(await attempt()).toBe(403);
    expect(await attempt()).toBe(429);
    expect(desk.tenant.counts.get('token')).toBe(20);
    desk.leap(61_000);
    expect((await signInAs(desk, visitor, ADMIN)).status).toBe(200);
  });
});

describe('while the authority cannot be reached', () => {
  test('the page says so, and a link signs in all the same, over loopback', async () => {
    const visitor = desk.visitor();
    const back = await picked(desk.tenant, await begun(visitor), ADMIN);
    desk.cutOff(true);
    const { status, text } = await visitor.get(`${back.pathname}${back.search}`);
    expect(status).toBe(503);
    expect(text).toContain('Microsoft Entra cannot be reached at the moment.');
    const other = await signedIn(desk.ask, `/sign-in?code=${desk.offer()}`);
    expect((await other.get('/')).status).toBe(200);
    desk.cutOff(false);
    expect((await signInAs(desk, visitor, ADMIN)).status).toBe(200);
  });
});
