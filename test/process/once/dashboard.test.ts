import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentOf } from '../commands.ts';
import { freePort } from '../free-port.ts';
import { install, type Installation } from '../installation.ts';
import type { Program } from '../program.ts';
import { until } from '../until.ts';
import { isInstalled, launch, serious, shot } from './browser.ts';

const PEOPLE = 40;
const MAILBOXES = 6;
const PATIENCE_MS = 120_000;
const PAGES = ['/', '/jobs', '/mailboxes', '/given-up', '/activity'];

test('a browser is there where it has to be', () => {
  const isRequired = (process.env['CONTACT_SYNC_REQUIRE'] ?? '').split(',').includes('browser');
  expect(isInstalled || !isRequired).toBe(true);
});

describe.skipIf(!isInstalled)('the dashboard in a browser', () => {
  let on: Installation;
  let service: Program;
  let browser: Browser;
  let page: Page;
  let origin = '';

  beforeAll(async () => {
    on = await install({ people: PEOPLE, mailboxes: MAILBOXES, seed: 61 });
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    await on.configure({ more: { dashboard: { listen: `127.0.0.1:${port}` } } });
    service = on.start('run');
    browser = await launch();
    await on.untilRight();
    await until(async () => (await on.look()).jobs.every(({ behind }) => behind === 0));
    page = await opened({});
    await signIn(page);
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await on?.close();
  });

  async function opened(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    return context.newPage();
  }

  async function link(...args: string[]): Promise<string> {
    const { url } = documentOf(await on.run('dashboard', 'link', '--json', ...args)) as { url: string };
    return url;
  }

  async function signIn(where: Page, ...args: string[]): Promise<void> {
    await where.goto(await link(...args));
    await where.getByRole('button', { name: 'Sign in' }).click();
    await where.getByRole('heading', { name: 'Overview' }).waitFor();
  }

  /** What no reload leaves behind. */
  const marked = (): Promise<unknown> => page.evaluate('window.marker');

  async function live(target: string): Promise<void> {
    await page.goto(`${origin}${target}`);
    await page.locator('html[data-connected=yes]').waitFor();
    await page.evaluate('window.marker = 1');
  }

  test('a link signs in once, and all is well', async () => {
    await page.goto(origin);
    await page.getByText('Everything is all right').waitFor();
    expect(await page.getByText('Administrator').isVisible()).toBe(true);
    const used = await link();
    const [first, second] = [await opened({}), await opened({})];
    for (const [where, text] of [
      [first, 'Everything is all right'],
      [second, 'This link was used before'],
    ] as const) {
      await where.goto(used);
      await where.getByRole('button', { name: 'Sign in' }).click();
      await where.getByText(text).waitFor();
    }
    await first.context().close();
    await second.context().close();
  });

  test.each([
    ['light', { colorScheme: 'light', viewport: { width: 1200, height: 800 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1200, height: 800 } }],
    ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
  ] as const)('axe finds nothing serious on any page, %s, and nothing sticks out', async (name, options) => {
    const where = await opened(options);
    const problems: string[] = [];
    where.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    where.on('pageerror', (error) => problems.push(error.message));
    await where.goto(`${origin}/sign-in`);
    expect(await serious(where)).toEqual([]);
    await shot(where, `${name}-sign-in`);
    await signIn(where);
    for (const target of PAGES) {
      await where.goto(`${origin}${target}`);
      if (target === '/mailboxes') {
        await where.getByLabel('Mailbox', { exact: true }).fill(on.population.owners[0]?.id ?? '');
        await where.getByLabel('Person shown there').fill(on.population.people.at(-1)?.id ?? '');
        await where.getByRole('button', { name: 'Explain' }).click();
        await where.getByText('in this mailbox, where it belongs').waitFor();
        expect(where.url()).toBe(`${origin}/mailboxes`);
      }
      expect([target, await serious(where)]).toEqual([target, []]);
      const width = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect([target, await where.evaluate(width)]).toEqual([target, 0]);
      await shot(where, `${name}${target === '/' ? '-overview' : target.replace('/', '-')}`);
    }
    expect(problems).toEqual([]);
    await where.context().close();
  });

  test('a change in the directory arrives while somebody looks, without a reload', async () => {
    await live('/jobs');
    const people = page.locator('.facts div', { hasText: 'People' }).locator('dd');
    expect(await people.textContent()).toBe(String(PEOPLE));
    const leaver = on.population.people.at(-1)?.id ?? '';
    on.tenant.directory.updateUser(leaver, { accountEnabled: false });
    await until(async () => (await people.textContent()) === String(PEOPLE - 1), { withinMs: PATIENCE_MS });
    expect(await marked()).toBe(1);
  });

  test('so does a pause that a command ordered', async () => {
    await live('/');
    expect(await on.run('pause', '--job', 'staff')).toMatchObject({ code: 0 });
    await page.locator('.said', { hasText: 'Something waits for your decision' }).waitFor();
    // Who does not see it hears it.
    await page.locator('#live-state', { hasText: 'Something waits for your decision' }).waitFor();
    await page.getByText('go on with: contact-sync resume --job staff').waitFor();
    expect(await marked()).toBe(1);
    await shot(page, 'light-overview-paused');
    expect(await serious(page)).toEqual([]);
    expect(await on.run('resume', '--job', 'staff')).toMatchObject({ code: 0 });
    await page.locator('.said', { hasText: 'Everything is all right' }).waitFor();
    expect(await marked()).toBe(1);
  });

  test('pause and resume by the keyboard; a reader sees it and has no buttons', async () => {
    await live('/jobs');
    await page.getByRole('button', { name: 'Pause staff' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Paused: job staff.').waitFor();
    expect((await on.look()).jobs).toMatchObject([{ job: 'staff', halt: 'paused' }]);
    const reader = await opened({});
    await signIn(reader, '--reader');
    await reader.goto(`${origin}/jobs`);
    await reader.getByText('Paused', { exact: true }).waitFor();
    expect(await reader.getByRole('button').allTextContents()).toEqual(['Sign out']);
    await reader.context().close();
    await page.getByRole('button', { name: 'Resume staff' }).click();
    await page.getByText('Resumed: job staff.').waitFor();
    expect((await on.look()).jobs).toMatchObject([{ job: 'staff', halt: null }]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  test('a plan is not made by the process of the service, and who makes it is said', async () => {
    await page.goto(`${origin}/jobs`);
    await page.getByRole('button', { name: 'Show the plan of staff' }).click();
    await page.getByRole('heading', { name: 'Plan of staff' }).waitFor();
    await page.getByText('contact-sync run --role dashboard').waitFor();
    expect(await serious(page)).toEqual([]);
    await shot(page, 'light-plan');
  });

  test('without script everything works that is not live', async () => {
    const plain = await opened({ javaScriptEnabled: false });
    await signIn(plain);
    await plain.goto(`${origin}/jobs`);
    await plain.getByRole('button', { name: 'Pause everything' }).click();
    await plain.getByText('Paused: everything.').waitFor();
    await plain.getByRole('button', { name: 'Resume everything' }).click();
    await plain.getByText('Resumed: everything.').waitFor();
    await plain.getByRole('button', { name: 'Sign out' }).click();
    await plain.getByRole('heading', { name: 'Sign in' }).waitFor();
    await plain.context().close();
  });

  test('a revert takes the typed name of the job, and is followed to its end', async () => {
    await live('/jobs');
    await page.getByText('Take the job back…').click();
    await page.getByLabel('Type staff to confirm').fill('stuff');
    await shot(page, 'light-jobs-revert');
    await page.getByRole('button', { name: 'Take staff back' }).click();
    await page.getByText('Nothing was done').waitFor();
    expect((await on.look()).jobs).toMatchObject([{ halt: null }]);
    await page.getByText('Take the job back…').click();
    await page.getByLabel('Type staff to confirm').fill('staff');
    await page.getByRole('button', { name: 'Take staff back' }).click();
    await page.getByText('Taken back', { exact: true }).waitFor();
    await page.getByText(`${MAILBOXES} free, 0 to do`).waitFor();
    const folders = on.population.owners.filter(({ id }) =>
      on.tenant.mailboxes.get(id).folderNamed('Company Directory'),
    );
    expect(folders).toEqual([]);
    await shot(page, 'light-jobs-reverted');
  });

  test('the log has a line for each action, and nothing that signs in; a stop ends open pages', async () => {
    await live('/');
    service.kill('SIGTERM');
    const { code, stderr } = await service.ended;
    expect(code).toBe(0);
    // A page that is old says so.
    await page.getByText('No connection; trying again').waitFor();
    await shot(page, 'light-overview-no-connection');
    expect(await serious(page)).toEqual([]);
    const lines = stderr.split('\n').filter((line) => line.includes('"dashboard: action"'));
    const actions = lines.map(
      (line) => JSON.parse(line) as { action: string; kind: string; outcome: string },
    );
    expect(actions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'pause', outcome: 'paused' }),
        expect.objectContaining({ action: 'resume', outcome: 'resumed' }),
        expect.objectContaining({ action: 'revert', outcome: 'not confirmed' }),
        expect.objectContaining({ action: 'revert', outcome: 'ordered' }),
      ]),
    );
    expect(new Set(actions.map(({ kind }) => kind))).toEqual(new Set(['link']));
    expect(stderr).not.toContain('code=');
  });
});
