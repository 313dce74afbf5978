import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HttpResponse } from '../../src/kit/transport.ts';
import { the, Ward, type Seen, type Visit } from './ward.ts';

const SITE = 'https://dashboard.contoso.com';
const ANSWER = `${SITE}/sign-in/entra/answer`;
const CHECK = 'dashboard sign-in';

let ward: Ward;
beforeAll(async () => {
  ward = await Ward.open();
});
beforeEach(() => ward.configure({ more: { dashboard: { publicUrl: SITE, entra: { tenant: 'contoso' } } } }));
afterAll(() => ward.close());

/** An authority that answers the first step of a sign-in with this. */
const answering = (answer: Partial<HttpResponse>): Visit => ({
  cloud: (request) =>
    request.url.includes('/authorize')
      ? Promise.resolve({ status: 200, headers: {}, body: '', ...answer })
      : ward.tenant.transport(request),
});

const about = ({ findings }: Seen) => findings.filter(({ check }) => check === CHECK);

test('a redirect URI that is not registered is named letter by letter, with what to do', async () => {
  const seen = await ward.look();
  expect(seen.code).toBe(1);
  const { found, remedy, about: of } = the('failed', CHECK, seen);
  expect(found).toBe(`the app registration does not have the redirect URI ${ANSWER} (AADSTS50011)`);
  expect(remedy).toContain('add it there under Authentication, platform Web');
  expect(of).toBe('contoso');
});

test('one that is registered is well, and nobody is signed in', async () => {
  ward.tenant.signIns.registerRedirectUri(ANSWER);
  const seen = await ward.look();
  expect(the('well', CHECK, seen).found).toBe(`Entra sends browsers back to ${ANSWER}`);
  expect((await ward.look({ args: ['--role', 'dashboard'] })).code).toBe(0);
});

test('what Entra minds beyond that is told by its code', async () => {
  const location = `${ANSWER}?error=unauthorized_client&error_description=AADSTS700016%3A+Application`;
  expect(
    the('warning', CHECK, await ward.look(answering({ status: 302, headers: { location } }))).found,
  ).toContain('AADSTS700016');
  const page = await ward.look(answering({ body: '<html>AADSTS90002: somebody</html>' }));
  expect(the('warning', CHECK, page).found).toBe('Entra refuses the first step of a sign-in (AADSTS90002)');
});

test('an answer that says nothing is not looked into, and one that leads elsewhere is not well', async () => {
  const silent = await ward.look(answering({ body: '<html>One moment</html>' }));
  expect(the('skipped', CHECK, silent).found).toContain('sign in once');
  const location = 'https://evil.example/?error=login_required';
  expect(
    the('skipped', CHECK, await ward.look(answering({ status: 302, headers: { location } }))).state,
  ).toBe('skipped');
});

test('an authority that cannot be reached is a failure with its code', async () => {
  const seen = await ward.look({
    cloud: (request) =>
      request.url.includes('/authorize')
        ? Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } }))
        : ward.tenant.transport(request),
  });
  expect(the('failed', CHECK, seen).found).toMatch(/cannot be reached/);
});

test('without a sign-in through Entra there is no such line', async () => {
  await ward.configure({ more: { dashboard: {} } });
  expect(about(await ward.look())).toEqual([]);
});
