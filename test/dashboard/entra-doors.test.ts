import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signedIn, tokenIn } from './desk.ts';
import { ADMIN, begun, openEntraDesk, picked, SESSION, signInAs, type EntraDesk } from './entra-desk.ts';

let desk: EntraDesk;
beforeEach(async () => {
  desk = await openEntraDesk();
});
afterEach(() => desk.close());

describe('the names by which it is called', () => {
  test('are the public one and those of this machine, and no other', async () => {
    for (const host of [
      'dashboard.contoso.example',
      'DASHBOARD.contoso.example',
      'dashboard.contoso.example:443',
    ])
      expect((await desk.ask('/sign-in', { headers: { host } })).status).toBe(200);
    for (const host of [
      'dashboard.contoso.example.evil.example',
      'evil.example',
      'dashboard.contoso.example:8443',
      'contoso.example',
      'x@dashboard.contoso.example',
    ])
      expect((await desk.ask('/sign-in/entra', { headers: { host } })).status).toBe(421);
  });

  test('say what to do where it is another, and not what the public one is', async () => {
    const { text } = await desk.ask('/', { headers: { host: '10.0.0.7:8090' } });
    expect(text).toContain('Call it by the name in dashboard.publicUrl');
    expect(text).not.toContain('contoso');
    const proxied = await desk.ask('/sign-in', {
      headers: { host: 'localhost', 'x-real-ip': '203.0.113.7' },
    });
    expect(proxied.status).toBe(421);
  });

  test('of this machine know a link alone: Entra sends browsers back to the public one', async () => {
    const page = (await desk.ask('/sign-in')).text;
    expect(page).not.toContain('/sign-in/entra');
    expect((await desk.ask('/sign-in/entra')).headers['location']).toBeUndefined();
    const there = desk.visitor();
    const back = await picked(desk.tenant, await begun(there), ADMIN);
    const headers = { cookie: there.cookie() };
    const answer = await desk.ask(`${back.pathname}${back.search}`, { headers });
    expect([answer.status, answer.headers['set-cookie']?.toString().includes('session')]).toEqual([
      403,
      false,
    ]);
  });

  test('have cookies of their own, which for https go nowhere else', async () => {
    const visitor = desk.visitor();
    const { headers } = await visitor.get('/sign-in/entra');
    expect(String(headers['set-cookie'])).toMatch(
      /^__Host-contact-sync-flow=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=600$/,
    );
    const answer = await signInAs(desk, visitor, ADMIN);
    const cookies = answer.headers['set-cookie'] ?? [];
    expect(cookies).toHaveLength(2);
    expect(cookies[0]).toBe('__Host-contact-sync-flow=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0');
    expect(cookies[1]).toMatch(
      /^__Host-contact-sync-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
  });
});

test('strangers who try links at the public name keep nobody out who comes over loopback', async () => {
  const stranger = desk.visitor();
  const token = tokenIn((await stranger.get('/sign-in')).text);
  for (let tries = 0; tries < 10; tries += 1)
    expect((await stranger.raw('/sign-in', { token, code: `guess${tries}` })).status).toBe(403);
  expect((await stranger.raw('/sign-in', { token, code: 'guess' })).status).toBe(429);
  const visitor = await signedIn(desk.ask, `/sign-in?code=${desk.offer()}`);
  expect((await visitor.get('/')).status).toBe(200);
});

describe('a session', () => {
  test('gets a new id at every sign-in, whatever was planted before', async () => {
    const visitor = desk.visitor();
    visitor.cookies.set(SESSION, 'planted');
    await signInAs(desk, visitor, ADMIN);
    const first = visitor.cookies.get(SESSION);
    await signInAs(desk, visitor, ADMIN);
    const ids = new Set(['planted', first, visitor.cookies.get(SESSION)]);
    expect(ids.size).toBe(3);
    const planted = desk.visitor();
    planted.cookies.set(SESSION, 'planted');
    expect((await planted.get('/')).status).toBe(303);
  });

  test('ends after the idle time and the longest one that the configuration names', async () => {
    const [idle, busy] = [desk.visitor(), desk.visitor()];
    await signInAs(desk, idle, ADMIN);
    await signInAs(desk, busy, ADMIN);
    for (let times = 0; times < 3; times += 1) {
      desk.leap(19 * 60_000);
      expect((await busy.get('/')).status).toBe(200);
    }
    expect((await idle.get('/')).status).toBe(303);
    desk.leap(3 * 60_000);
    expect((await busy.get('/')).status).toBe(303);
  });
});
