import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentOf } from '../commands.ts';
import { makeServerCertificate } from '../../tenant/certificates.ts';
import { freePort } from '../free-port.ts';
import { install, type Installation } from '../installation.ts';
import type { Program } from '../program.ts';
import { until } from '../until.ts';
import { isInstalled, launch, serious, shot } from './browser.ts';

const ADMIN = 'aaaaaaaa-0000-4000-8000-000000000001';
const READER = 'aaaaaaaa-0000-4000-8000-000000000002';
const NOBODY = 'aaaaaaaa-0000-4000-8000-000000000003';

let on: Installation;
let dashboard: Program;
let proxy: Server;
let port = 0;
let site = '';

beforeAll(async () => {
  on = await install({ people: 6, mailboxes: 2, seed: 71 });
  port = await freePort();
  proxy = await proxyTo(port);
  // Another site than the authority, which stands at 127.0.0.1: cookies are kept from one another as they would be.
  site = `https://localhost:${(proxy.address() as AddressInfo).port}`;
  on.tenant.signIns.registerRedirectUri(`${site}/sign-in/entra/answer`);
  on.tenant.signIns.assign(ADMIN, ['ContactSync.Admin']);
  on.tenant.signIns.assign(READER, ['ContactSync.Reader']);
  on.tenant.signIns.assign(NOBODY, []);
  const entra = { listen: `127.0.0.1:${port}`, publicUrl: site, entra: { tenant: 'contoso' } };
  await on.configure({ port: undefined, more: { dashboard: entra } });
  expect(await on.run('sync', '--once')).toMatchObject({ code: 0 });
  dashboard = on.start('run', '--role', 'dashboard');
  await until(() => dashboard.said().includes('dashboard listens'));
}, 300_000);
afterAll(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await on?.close();
});

/** Ends TLS and passes on everything as it came, as a proxy in front does. */
async function proxyTo(port: number): Promise<Server> {
  const { server: tls } = await makeServerCertificate('Authority of the proxy');
  const server = createServer(tls, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, headers, path: url }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return server;
}

function asked(target: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: target, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
}

test('doctor finds the redirect URI registered, over https', async () => {
  const { findings } = documentOf(await on.run('doctor', '--json', '--role', 'dashboard')) as {
    findings: readonly { readonly check: string; readonly state: string }[];
  };
  expect(findings.filter(({ check }) => check === 'dashboard sign-in')).toMatchObject([{ state: 'well' }]);
});

test('it answers to its public name and to those of this machine', async () => {
  expect(await asked('/sign-in', { host: new URL(site).host })).toBe(200);
  expect(await asked('/sign-in', { host: '127.0.0.1' })).toBe(200);
  expect(await asked('/sign-in', { host: 'evil.example' })).toBe(421);
});

async function signIn(page: Page, account: string): Promise<void> {
  await page.goto(site);
  await page.getByRole('link', { name: 'Sign in with Microsoft Entra' }).click();
  await page.getByRole('link', { name: account }).click();
}

describe.skipIf(!isInstalled)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function opened(): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.setDefaultTimeout(60_000);
    return context.newPage();
  }

  test('an administrator signs in at another site, comes back, and pauses a job', async () => {
    const page = await opened();
    await page.goto(site);
    expect(await serious(page)).toEqual([]);
    await shot(page, 'light-sign-in-entra');
    await signIn(page, ADMIN);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${site}/`);
    await page.locator('html[data-connected=yes]').waitFor();
    const cookies = await page.context().cookies(site);
    expect(
      cookies.filter(({ name }) => name.startsWith('__Host-contact-sync-')).map(({ name }) => name),
    ).toContain('__Host-contact-sync-session');
    for (const { secure, httpOnly, sameSite } of cookies)
      expect([secure, httpOnly, sameSite]).toEqual([true, true, 'Strict']);
    await page.goto(`${site}/jobs`);
    await page.getByRole('button', { name: 'Pause staff' }).click();
    await page.getByText('Paused: job staff.').waitFor();
    expect((await on.look()).jobs).toMatchObject([{ job: 'staff', halt: 'paused' }]);
    await page.getByRole('button', { name: 'Resume staff' }).click();
    await page.getByText('Resumed: job staff.').waitFor();
    // What came back from the authority stands nowhere in the history.
    const inside = await page.context().newCDPSession(page);
    const { entries } = await inside.send('Page.getNavigationHistory');
    const visited = entries.map(({ url }) => url);
    expect(visited).toContain(`${site}/jobs`);
    expect(visited.filter((url) => url.includes('code='))).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });

  test('a reader sees everything and has no button; somebody without a role is told so', async () => {
    const reader = await opened();
    await signIn(reader, READER);
    await reader.getByRole('heading', { name: 'Overview' }).waitFor();
    await reader.goto(`${site}/jobs`);
    expect(await reader.getByRole('button').allTextContents()).toEqual(['Sign out']);
    await reader.context().close();
    const nobody = await opened();
    await signIn(nobody, NOBODY);
    await nobody.getByText('Your account may not use this dashboard').waitFor();
    expect(await serious(nobody)).toEqual([]);
    await shot(nobody, 'light-sign-in-entra-refused');
    await nobody.context().close();
  });

  test('the log names accounts by their ids, and holds nothing that signs in', () => {
    const said = dashboard.said();
    const lines = said.split('\n').filter((line) => line.includes('"dashboard: action"'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { kind: 'entra', account: ADMIN, action: 'pause', outcome: 'paused' },
      { kind: 'entra', account: ADMIN, action: 'resume', outcome: 'resumed' },
    ]);
    expect(said).toContain(`"account":"${NOBODY}","reason":"no role"`);
    expect(said).not.toMatch(/@|Lovelace|code=|state=|eyJ/);
  });
});
