import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ORDERS, tokenIn } from './desk.ts';
import {
  ADMIN,
  BOTH,
  NOBODY,
  openEntraDesk,
  READER,
  SESSION,
  signInAs,
  SITE,
  type EntraDesk,
} from './entra-desk.ts';

let desk: EntraDesk;
beforeEach(async () => {
  desk = await openEntraDesk();
});
afterEach(() => desk.close());

const PAUSE = { scope: 'job', name: 'staff' };

const lines = (): Record<string, unknown>[] =>
  desk
    .log()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('somebody with the role ContactSync.Admin', () => {
  test('signs in and acts; the lines name the account by its id, and nothing else of it', async () => {
    const visitor = desk.visitor();
    expect((await visitor.get('/')).headers['location']).toBe('/sign-in');
    expect((await visitor.get('/sign-in')).text).toContain('href="/sign-in/entra"');
    const { status, text } = await signInAs(desk, visitor, ADMIN);
    expect(status).toBe(200);
    expect(text).toContain('<meta http-equiv="refresh" content="0; url=/" />');
    expect((await visitor.get('/')).text).toContain('Administrator');
    expect((await visitor.post('/pause', PAUSE)).status).toBe(303);
    expect(desk.house.orders).toEqual(['pause {"kind":"job","name":"staff"}']);
    const session = expect.stringMatching(/^[0-9a-f]{8}$/);
    expect(lines()).toMatchObject([
      { msg: 'dashboard: signed in', kind: 'entra', account: ADMIN, access: 'admin', session },
      { msg: 'dashboard: action', kind: 'entra', account: ADMIN, action: 'pause', name: 'staff', session },
    ]);
    expect(desk.log()).not.toMatch(/@|Ada|Lovelace|eyJ|code|\b[\w-]{43}\b/);
    await visitor.post('/sign-out', {});
    expect(lines().at(-1)).toMatchObject({ msg: 'dashboard: signed out', account: ADMIN });
    expect((await visitor.get('/')).status).toBe(303);
  });

  test('and that of a reader as well may act', async () => {
    const visitor = desk.visitor();
    await signInAs(desk, visitor, BOTH);
    expect((await visitor.post('/pause', PAUSE)).status).toBe(303);
  });

  test('sends forms from pages of the public name alone', async () => {
    const visitor = desk.visitor();
    await signInAs(desk, visitor, ADMIN);
    const token = tokenIn((await visitor.get('/jobs')).text);
    for (const origin of ['http://dashboard.contoso.example', 'https://contoso.example', 'null'])
      expect((await visitor.raw('/pause', { ...PAUSE, token }, { origin })).status).toBe(403);
    expect((await visitor.raw('/pause', { ...PAUSE, token }, { origin: SITE })).status).toBe(303);
    expect(desk.house.orders).toHaveLength(1);
  });
});

describe('somebody with the role ContactSync.Reader', () => {
  test('looks at everything; every order is refused in words, and logged with the account', async () => {
    const visitor = desk.visitor();
    await signInAs(desk, visitor, READER);
    const page = (await visitor.get('/jobs')).text;
    expect(page).toContain('Reader');
    expect([...page.matchAll(/action="([^"]+)"/g)].map(([, to]) => to)).toEqual(['/sign-out']);
    const token = tokenIn(page);
    for (const order of [...ORDERS, '/plan']) {
      const answer = await visitor.raw(order, {
        ...PAUSE,
        job: 'staff',
        id: 'changes-1',
        sure: 'yes',
        token,
      });
      expect([order, answer.status]).toEqual([order, 403]);
      expect(answer.text).toContain('Ask an administrator.');
    }
    expect(desk.house.orders).toEqual([]);
    expect(lines()).toContainEqual(
      expect.objectContaining({
        msg: 'dashboard: an action was refused',
        account: READER,
        action: 'revert',
        reason: 'a reader may only look',
      }),
    );
  });
});

describe('somebody else', () => {
  test('of the tenant, without a role, is refused in one line that says what to do', async () => {
    const visitor = desk.visitor();
    const { status, text } = await signInAs(desk, visitor, NOBODY);
    expect(status).toBe(403);
    expect(text).toMatch(
      /<p class="notice bad" role="alert">Your account may not use this dashboard:[^<]+<\/p>/,
    );
    expect(visitor.cookies.has(SESSION)).toBe(false);
    expect((await visitor.get('/')).headers['location']).toBe('/sign-in');
    expect(lines()).toMatchObject([
      {
        level: 'warn',
        msg: 'dashboard: a sign-in was refused',
        kind: 'entra',
        account: NOBODY,
        reason: 'no role',
      },
    ]);
  });

  test.each([
    ['of another tenant', { claims: { tid: '99999999-0000-4000-8000-000000000000' } }, 'tenant'],
    ['for another app', { claims: { aud: '99999999-0000-4000-8000-000000000000' } }, 'audience'],
    ['from another authority', { claims: { iss: 'https://login.evil.example/v2.0' } }, 'issuer'],
    ['for another sign-in', { claims: { nonce: 'another' } }, 'nonce'],
    ['for no sign-in', { claims: { nonce: undefined } }, 'nonce'],
    ['from yesterday', { claims: { exp: 1_700_000_000 } }, 'expired'],
    ['from tomorrow', { claims: { nbf: 4_000_000_000 } }, 'not valid yet'],
    ['without an end', { claims: { exp: undefined } }, 'expired'],
    ['about nobody', { claims: { oid: undefined } }, 'account'],
    ['unsigned', { header: { alg: 'none' } }, 'algorithm'],
    ['signed in another way', { header: { alg: 'HS256' } }, 'algorithm'],
    ['by a key that nobody knows', { header: { kid: 'another' } }, 'unknown key'],
    ["by somebody else's key", { stranger: true }, 'signature'],
  ])('with an id token %s is refused, and the log says why', async (_what, forgery, reason) => {
    desk.tenant.signIns.forge(forgery);
    const visitor = desk.visitor();
    const { status, text } = await signInAs(desk, visitor, ADMIN);
    expect(status).toBe(403);
    expect(text).toContain('Microsoft Entra did not confirm who you are.');
    expect(visitor.cookies.has(SESSION)).toBe(false);
    const [line] = lines();
    expect(line).toMatchObject({ msg: 'dashboard: a sign-in was refused', kind: 'entra' });
    expect(line?.['reason']).toContain(reason);
    desk.tenant.signIns.forge({});
    expect((await signInAs(desk, visitor, ADMIN)).status).toBe(200);
  });
});
