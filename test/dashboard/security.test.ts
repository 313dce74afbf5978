import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOOKED_AFRESH_MS, openDesk, ORDERS, tokenIn, type Desk } from './desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const PAUSE = { scope: 'job', name: 'staff' };
const PAGES = ['/', '/jobs', '/mailboxes', '/given-up', '/activity'];

describe('an order', () => {
  test('is carried out for an administrator, and logged with who, what and which', async () => {
    const visitor = await desk.signIn();
    const answer = await visitor.post('/pause', PAUSE);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/jobs']);
    expect(desk.house.orders).toEqual(['pause {"kind":"job","name":"staff"}']);
    expect((await visitor.get('/jobs')).text).toContain('Paused: job staff.');
    const line =
      desk
        .log()
        .split('\n')
        .find((one) => one.includes('dashboard: action')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      kind: 'link',
      action: 'pause',
      scope: 'job',
      name: 'staff',
      outcome: 'paused',
      session: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
  });

  test.each([
    ['without a token', {}],
    ['with an empty one', { token: '' }],
    ['with one that was made up', { token: 'A'.repeat(43) }],
  ])('%s is refused', async (_how, form) => {
    const visitor = await desk.signIn();
    for (const order of ORDERS)
      expect((await visitor.raw(order, { ...PAUSE, job: 'staff', typed: 'staff', ...form })).status).toBe(
        403,
      );
    expect((await visitor.raw('/sign-out', form)).status).toBe(403);
    expect((await visitor.raw('/plan', { job: 'staff', ...form })).status).toBe(403);
    expect((await visitor.raw('/mailboxes', { mailbox: 'ann@contoso.com', ...form })).status).toBe(403);
    expect(desk.house.orders).toEqual([]);
    expect((await visitor.get('/')).status).toBe(200);
  });

  test('with the token of another session is refused', async () => {
    const [visitor, other] = [await desk.signIn(), await desk.signIn()];
    const token = tokenIn((await other.get('/jobs')).text);
    expect((await visitor.raw('/pause', { ...PAUSE, token })).status).toBe(403);
    expect(desk.house.orders).toEqual([]);
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('from a page of somebody else is refused, though it had cookie and token: %o', async (headers) => {
    const visitor = await desk.signIn();
    const token = tokenIn((await visitor.get('/jobs')).text);
    expect((await visitor.raw('/pause', { ...PAUSE, token }, headers)).status).toBe(403);
    expect(desk.house.orders).toEqual([]);
    const own = { origin: `http://127.0.0.1:${desk.port}`, 'sec-fetch-site': 'same-origin' };
    const host = `127.0.0.1:${desk.port}`;
    expect((await visitor.raw('/pause', { ...PAUSE, token }, { ...own, host })).status).toBe(303);
  });

  test('by a reader is refused and logged; the pages show no button for one', async () => {
    desk.house.jobs = [
      {
        ...desk.house.jobs[0]!,
        held: [{ kind: 'person', id: 'p-1', since: '2026-11-20T11:00:00Z', reason: 'many' }],
      },
    ];
    const reader = await desk.signIn('reader');
    desk.leap(LOOKED_AFRESH_MS);
    const page = (await reader.get('/jobs')).text;
    expect(page).toContain('p-1');
    expect([...page.matchAll(/action="([^"]+)"/g)].map(([, to]) => to)).toEqual(['/sign-out']);
    const token = tokenIn(page);
    for (const order of ORDERS) {
      const form = { ...PAUSE, job: 'staff', typed: 'staff', id: 'changes-1', sure: 'yes', token };
      expect((await reader.raw(order, form)).status).toBe(403);
    }
    expect(desk.house.orders).toEqual([]);
    expect(desk.log()).toContain('a reader may only look');
    // Asking is looking.
    expect((await reader.post('/mailboxes', { mailbox: 'm-1' }, '/mailboxes')).status).toBe(200);
    expect(desk.house.orders).toEqual(['explain m-1 m-1']);
  });

  test('by another method is none', async () => {
    const visitor = await desk.signIn();
    expect((await visitor.get('/pause?scope=all')).status).toBe(404);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await desk.ask('/pause', { method })).status).toBe(405);
    expect(desk.house.orders).toEqual([]);
  });

  test('too long a form is refused', async () => {
    const visitor = await desk.signIn();
    expect((await visitor.raw('/pause', { ...PAUSE, more: 'x'.repeat(20_000) })).status).toBe(413);
  });
});

describe('what is sent', () => {
  test.each(['/sign-in', '/', '/assets/style.css', '/nowhere'])(
    '%s has the headers that protect it',
    async (target) => {
      const { headers } = await (await desk.signIn()).get(target);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-security-policy']).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('strict-origin');
      expect(headers).not.toHaveProperty('x-powered-by');
    },
  );

  test.each(PAGES)('%s has no script and no style in it', async (page) => {
    const { text } = await (await desk.signIn()).get(page);
    expect(text).toContain('<script src="/assets/live.js" defer></script>');
    expect(text).not.toMatch(/<script(?! src)|<style|\sstyle=|\son[a-z]+=/);
  });

  test.each(['evil.example', 'evil.example:8090', '127.0.0.1.evil.example', 'localhost.evil.example'])(
    'nothing goes to whoever calls this machine %o (DNS rebinding)',
    async (host) => {
      for (const target of ['/sign-in', '/', '/assets/live.js', '/live']) {
        const { status, text } = await desk.ask(target, { headers: { host } });
        expect([status, text]).toEqual([
          421,
          'The dashboard is not called by this name. Call it by localhost or 127.0.0.1, on its own machine or over ssh -L, and not through a proxy.\n',
        ]);
      }
    },
  );

  test.each(['localhost:9000', '127.0.0.1:8090', '[::1]:8090'])('%s is this machine', async (host) => {
    expect((await desk.ask('/sign-in', { headers: { host } })).status).toBe(200);
  });

  test('what comes from elsewhere is text, never markup', async () => {
    const evil = '<img src=x onerror=alert(1)>"\'';
    desk.house.concerns = [{ gravity: 'failed', what: evil, remedy: evil, about: 'service' }];
    const visitor = await desk.signIn();
    desk.leap(LOOKED_AFRESH_MS);
    const { text } = await visitor.get('/');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;');
    expect(text).not.toContain('<img');
  });

  test('what somebody searches for is in no address and no log', async () => {
    const visitor = await desk.signIn();
    const found = await visitor.post(
      '/mailboxes',
      { mailbox: 'ann@contoso.com', person: 'bob@contoso.com' },
      '/mailboxes',
    );
    expect(found.text).toContain('value="ann@contoso.com"');
    expect(desk.house.orders).toEqual(['explain bob@contoso.com ann@contoso.com']);
    await visitor.post('/retry', { mailbox: 'ann@contoso.com' }, '/mailboxes');
    expect(desk.log()).not.toContain('@');
  });
});
