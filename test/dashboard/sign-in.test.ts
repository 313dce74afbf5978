import { statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { offered, openDesk, tokenIn, Visitor, type Desk } from './desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const PAGES = ['/', '/jobs', '/mailboxes', '/given-up', '/activity'];
const PAUSE = { scope: 'job', name: 'staff' };

async function visitorAt(target: string): Promise<{ visitor: Visitor; token: string }> {
  const visitor = new Visitor(desk.ask);
  return { visitor, token: tokenIn((await visitor.get(target)).text) };
}

describe('a link signs in', () => {
  test('once: the second use is refused, and so is the first code after a newer link', async () => {
    const first = desk.offer();
    const second = desk.offer();
    const { visitor, token } = await visitorAt('/sign-in');
    expect((await visitor.raw('/sign-in', { token, code: first })).status).toBe(403);
    expect(await visitor.raw('/sign-in', { token, code: second })).toMatchObject({
      status: 303,
      headers: { location: '/' },
    });
    expect((await visitor.get('/')).text).toContain('Everything is all right');
    const { visitor: other, token: otherToken } = await visitorAt('/sign-in');
    const again = await other.raw('/sign-in', { token: otherToken, code: second });
    expect(again.status).toBe(403);
    expect(again.text).toContain('contact-sync dashboard link');
    expect((await other.get('/')).headers['location']).toBe('/sign-in');
  });

  test('for five minutes', async () => {
    const code = desk.offer();
    const { visitor, token } = await visitorAt('/sign-in');
    desk.leap(5 * 60_000);
    expect((await visitor.raw('/sign-in', { token, code })).status).toBe(403);
    const fresh = desk.offer();
    desk.leap(4 * 60_000);
    expect((await visitor.raw('/sign-in', { token, code: fresh })).status).toBe(303);
  });

  test('and looking at it uses nothing up: pages are fetched ahead, and previews are made', async () => {
    const code = desk.offer();
    await desk.ask(`/sign-in?code=${code}`);
    await desk.ask(`/sign-in?code=${code}`, { method: 'HEAD' });
    const { visitor, token } = await visitorAt(`/sign-in?code=${code}`);
    expect((await visitor.raw('/sign-in', { token, code })).status).toBe(303);
  });

  test('also when all of it is pasted', async () => {
    const code = desk.offer();
    const { visitor, token } = await visitorAt('/sign-in');
    const pasted = ` http://127.0.0.1:8090/sign-in?code=${code}\n`;
    expect((await visitor.raw('/sign-in', { token, code: pasted })).status).toBe(303);
  });

  test('and only its hash is kept, for the owner of the folder alone; no log has it', async () => {
    const code = desk.offer();
    expect(offered(desk.folder)).not.toContain(code);
    expect(statSync(path.join(desk.folder, 'dashboard.link')).mode & 0o777).toBe(0o600);
    const { visitor, token } = await visitorAt(`/sign-in?code=${code}`);
    await visitor.raw('/sign-in', { token, code });
    expect(desk.log()).toContain('signed in');
    expect(desk.log()).not.toContain(code);
    for (const value of visitor.cookies.values()) expect(desk.log()).not.toContain(value);
  });

  test('no more than ten are tried in a minute', async () => {
    const { visitor, token } = await visitorAt('/sign-in');
    for (let tries = 0; tries < 10; tries += 1)
      expect((await visitor.raw('/sign-in', { token, code: `guess${tries}` })).status).toBe(403);
    const code = desk.offer();
    const refused = await visitor.raw('/sign-in', { token, code });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    // One line tells of it, however many come.
    for (let tries = 0; tries < 3; tries += 1)
      expect((await visitor.raw('/sign-in', { token, code })).status).toBe(429);
    expect(desk.log().match(/too many attempts/g)).toHaveLength(1);
    desk.leap(61_000);
    expect((await visitor.raw('/sign-in', { token, code })).status).toBe(303);
  });

  test('but nobody else signs a browser in: the form needs the cookie that it was made for', async () => {
    const code = desk.offer();
    const { token } = await visitorAt('/sign-in');
    const { visitor: victim } = await visitorAt('/sign-in');
    expect((await victim.raw('/sign-in', { token, code })).status).toBe(403);
    expect((await new Visitor(desk.ask).raw('/sign-in', { token, code })).status).toBe(403);
    expect((await victim.get('/')).status).toBe(303);
  });
});

describe('a session', () => {
  test('gets a new id at sign-in: one that somebody else put there is worth nothing', async () => {
    const visitor = new Visitor(desk.ask);
    const name = 'contact-sync-session-0';
    visitor.cookies.set(name, 'planted');
    const code = desk.offer();
    const page = await visitor.get('/sign-in');
    await visitor.raw('/sign-in', { token: tokenIn(page.text), code });
    const id = visitor.cookies.get(name);
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(id).not.toBe('planted');
    expect((await visitor.get('/')).status).toBe(200);
    expect((await desk.ask('/', { headers: { cookie: `${name}=planted` } })).status).toBe(303);
    // Nor is what identified the browser before.
    const before = visitor.cookies.get('contact-sync-visit-0') ?? '';
    expect((await desk.ask('/', { headers: { cookie: `${name}=${before}` } })).status).toBe(303);
  });

  test('is a cookie that no script reads and no other site sends', async () => {
    const { visitor, token } = await visitorAt('/sign-in');
    const { headers } = await visitor.raw('/sign-in', { token, code: desk.offer() });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain('Domain');
  });

  test('ends with the sign-out, for whoever copied the cookie as well', async () => {
    const visitor = await desk.signIn();
    const copy = new Map(visitor.cookies);
    expect((await visitor.post('/sign-out', {})).headers['location']).toBe('/sign-in');
    const thief = new Visitor(desk.ask);
    for (const [name, value] of copy) thief.cookies.set(name, value);
    expect((await thief.get('/')).status).toBe(303);
  });

  test('ends after an hour in which nobody asked for a page, however often a page refreshed itself', async () => {
    const visitor = await desk.signIn();
    desk.leap(50 * 60_000);
    expect((await visitor.get('/')).status).toBe(200);
    desk.leap(50 * 60_000);
    expect((await visitor.get('/', { 'x-refresh': '1' })).status).toBe(200);
    desk.leap(11 * 60_000);
    expect((await visitor.get('/')).status).toBe(303);
  });

  test('is kept up by no page that reloads itself without a script either', async () => {
    const visitor = await desk.signIn();
    const [, target = ''] =
      /http-equiv="refresh" content="30; url=([^"]+)"/.exec((await visitor.get('/')).text) ?? [];
    desk.leap(50 * 60_000);
    expect((await visitor.get(target)).text).toContain(`url=${target}"`);
    desk.leap(11 * 60_000);
    expect((await visitor.get(target)).headers['location']).toBe('/sign-in');
  });

  test('ends after twelve hours in any case', async () => {
    const visitor = await desk.signIn();
    for (let hours = 1; hours < 12; hours += 0.5) {
      desk.leap(30 * 60_000);
      expect((await visitor.get('/')).status).toBe(200);
    }
    desk.leap(60 * 60_000 - 1);
    expect((await visitor.get('/')).status).toBe(303);
  });

  test('is needed for every page, every order, and what keeps them live', async () => {
    for (const page of PAGES) expect((await desk.ask(page)).headers['location']).toBe('/sign-in');
    for (const order of [
      '/pause',
      '/resume',
      '/approve',
      '/revert',
      '/retry',
      '/given-up/drop',
      '/mailboxes',
    ])
      expect((await desk.ask(order, { method: 'POST', form: PAUSE })).headers['location']).toBe('/sign-in');
    expect((await desk.ask('/live')).status).toBe(401);
    expect(desk.house.orders).toEqual([]);
  });
});
