import { afterAll, beforeAll, expect, test } from 'vitest';
import { askerOf, signedIn, type Visitor } from '../dashboard/desk.ts';
import { documentOf, status, sync } from './commands.ts';
import { freePort } from './free-port.ts';
import { install, type Installation } from './installation.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

const MAILBOXES = 3;
let on: Installation;
let dashboard: Program;
let visitor: Visitor;

beforeAll(async () => {
  on = await install({ people: 12, mailboxes: MAILBOXES, seed: 67 });
  const port = await freePort();
  await on.configure({ port: undefined, more: { dashboard: { listen: `127.0.0.1:${port}` } } });
  dashboard = on.start('run', '--role', 'dashboard');
  await until(() => dashboard.said().includes('dashboard listens'));
  const { url } = documentOf(await on.run('dashboard', 'link', '--json')) as { url: string };
  visitor = await signedIn(askerOf(port), new URL(url).pathname + new URL(url).search);
});
afterAll(() => on.close());

/** Until the page says so: what was read is shown for a moment. */
async function untilSaid(target: string, what: RegExp): Promise<void> {
  let text = '';
  await until(
    async () => {
      text = (await visitor.get(target)).text.replaceAll(/\s+/g, ' ');
      return what.test(text);
    },
    { else: () => text },
  );
}

test('a dashboard of its own is there before there is anything to see', async () => {
  const { status, text } = await visitor.get('/');
  expect(status).toBe(200);
  expect(text).toContain('Sign out');
});

test('it shows what was done while it looked on, and takes no lock', async () => {
  expect(await sync(on)).toMatchObject({ code: 0, mailboxes: MAILBOXES });
  await untilSaid('/', /Everything is all right/);
  await untilSaid('/jobs', /<h2 id="job-staff">staff<\/h2> <span class="badge fine">All right<\/span>/);
  const [person, owner] = [on.population.people.at(-1)?.id ?? '', on.population.owners[0]?.id ?? ''];
  const { text } = await visitor.post('/mailboxes', { person, mailbox: owner }, '/mailboxes');
  expect(text).toContain('in this mailbox, where it belongs');
  expect(on.compare().divergences).toEqual([]);
});

test('a plan is made by this process, which does nothing else', async () => {
  const { text } = await visitor.post('/plan', { job: 'staff' });
  expect(text).toContain('Nothing would change.');
  expect((await visitor.post('/plan', { job: 'stuff' })).text).toContain('there is no such job');
});

test('what it orders holds for whoever works next', async () => {
  await visitor.post('/pause', { scope: 'job', name: 'staff' });
  expect(await status(on)).toMatchObject({ jobs: [{ job: 'staff', halt: 'paused' }] });
  expect(await sync(on)).toMatchObject({ stopped: ['staff'] });
  await visitor.post('/resume', { scope: 'job', name: 'staff' });
  await visitor.post('/revert', { job: 'staff', typed: 'staff' });
  // By a service: a sync may be through before it has begun with what was ordered.
  const service = on.start('run');
  // It would listen on the same address, and works without.
  await until(() => service.said().includes('EADDRINUSE'));
  await untilSaid('/jobs', new RegExp(`Taken back.*${MAILBOXES} free, 0 to do`));
  const [owner] = on.population.owners;
  expect(on.tenant.mailboxes.get(owner?.id ?? '').folderNamed('Company Directory')).toBeUndefined();
  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
});

test('it stops when it is told to', async () => {
  dashboard.kill('SIGTERM');
  const { code, stderr } = await dashboard.ended;
  expect(code).toBe(0);
  expect(stderr).toContain('"action":"revert"');
});
