import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeMessage } from '../../../src/engine/send.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { loadConfig } from '../../../src/kit/config/config.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { systemRandom } from '../../../src/kit/random.ts';
import { fetchTransport } from '../../../src/kit/transport.ts';
import type { Change } from '../../../src/model/change.ts';
import { openFiles } from '../../../src/run/stores.ts';
import { markOf } from '../../tenant/mailbox/item.ts';
import { install, type Installation } from '../installation.ts';
import { until } from '../until.ts';
import { Typist } from './typist.ts';

const PART = 'Contacts are wrong, or about to be';
const MAILBOXES = 3;
/** In a day: one that is taken out of its groups, and two of those who are disabled. */
const LET_THROUGH = 3;
const MAILBOX_ID = '9c83ff06-aa8d-4637-9333-ac9e360de7ac';

let on: Installation;
let typist: Typist;
beforeAll(async () => {
  on = await install({ people: 14, mailboxes: MAILBOXES, seed: 91 });
  // Polling, so that an approval is seen at once.
  const staff = { groups: [on.population.source.id], guard: { count: LET_THROUGH, percent: 1 } };
  await on.configure({ port: undefined, jobs: { staff } });
  typist = await Typist.at(on, PART);
  typist.machine.start();
  await settled();
});
afterAll(async () => {
  await typist.close();
  await on.close();
});

const owner = (): string => on.population.owners[0]?.id ?? '';
const strangers = () => on.population.people.slice(MAILBOXES);

async function settled(): Promise<void> {
  await on.untilRight();
  await until(async () => (await on.look()).jobs[0]?.behind === 0);
}

function ours(): number {
  const items = [...on.tenant.mailboxes.all()].flatMap((mailbox) => [...mailbox.items()]);
  return items.filter(({ content }) => markOf(content) !== undefined).length;
}

/** Messages that a worker gave up on, in the data folder of a service that stands still: one is whole, one cannot be read. */
async function bury(changes: readonly Change[]): Promise<readonly string[]> {
  const config = loadConfig(`${on.folder}/contact-sync.yaml`, on.environment());
  const around = { clock: systemClock, random: systemRandom, transport: fetchTransport, log: silentLog };
  const stores = await openFiles(config, around, { leaseMs: 60_000 });
  try {
    await stores.changes.send(changes.map((change) => changeMessage(change)));
    await until(async () => {
      for (const delivery of await stores.changes.take({ keys: 9, messages: 9 })) {
        const verdict = { kind: 'dead', reason: 'ended its handler 5 times by itself' } as const;
        const verdicts = delivery.messages.map(({ id }) => [id, verdict] as const);
        await stores.changes.settle(delivery, new Map(verdicts));
      }
      return (await stores.changes.depth()).dead === changes.length;
    });
  } finally {
    await stores.close();
  }
  const { stdout } = await on.run('dead', 'list', '--json');
  const { things } = JSON.parse(stdout) as { things: { id: string; object: string | null }[] };
  return things.toSorted(({ object }) => (object === null ? 1 : -1)).map(({ id }) => id);
}

test('stop writing at once, and take everything back', async () => {
  const title = 'Stop writing at once';
  (await typist.type(title)).shows('Paused since');
  on.tenant.directory.updateUser(strangers()[0]?.id ?? '', { jobTitle: 'Changed meanwhile' });
  const resumed = await typist.type(title);
  expect(resumed.output).not.toContain('Paused since');
  await settled();
  (await typist.type(title)).shows('Reverted since');
  expect(ours()).toBe(0);
  await typist.type(title);
  await settled();
});

test('the right ones are gone, and come back', async () => {
  const title = 'The wrong people are shown, or the right ones are gone';
  const { directory } = on.tenant;
  const id = strangers().at(-1)?.id ?? '';
  const groups = [...directory.parentsOf(id)];
  for (const group of groups) directory.removeMember(group, id);
  await settled();
  const gone = await typist.type(title);
  expect(gone.output).toMatch(new RegExp(`remove: done; .*${id}`));
  for (const group of groups) directory.addMember(group, id);
  (await typist.type(title)).shows('to create');
  await typist.type(title);
  await settled();
});

test('people are about to be removed', async () => {
  const title = 'People are about to be removed';
  const gone = strangers().slice(0, LET_THROUGH + 2);
  for (const { id } of gone) on.tenant.directory.updateUser(id, { accountEnabled: false });
  const held = async () => (await on.look()).jobs.flatMap((job) => job.held.map(({ id }) => id));
  await until(async () => (await held()).length === gone.length - LET_THROUGH + 1);
  const [first = ''] = await held();
  const seen = await typist.type(title, { 'ann@contoso.com': first, 'bob@contoso.com': owner() });
  seen.shows('held since');
  expect(seen.output).toContain('removal held');
  on.tenant.directory.updateUser(first, { accountEnabled: true });
  await until(async () => !(await held()).includes(first));
  await typist.type(title);
  await settled();
  await typist.type(title);
  expect(on.compare().contacts).toBe(ours());
});

test('one mailbox is wrong', async () => {
  const title = 'One mailbox is wrong';
  const [item] = on.tenant.mailboxes.get(owner()).folderNamed('Company Directory')?.items.values() ?? [];
  if (item === undefined) throw new Error('The folder is empty.');
  const person = markOf(item.content)?.split('/').at(-1) ?? '';
  on.tenant.mailboxes.editContact(owner(), item, { jobTitle: 'Made up' });
  const meaning = { 'ann@contoso.com': person, 'bob@contoso.com': owner(), [MAILBOX_ID]: owner() };
  const seen = await typist.type(title, meaning);
  seen.shows('different in the mailbox');
  expect(seen.output).toContain('create: done');
  (await typist.type(title)).shows('0 not');
  expect(on.compare().divergences).toEqual([]);
});

test('work was given up', async () => {
  const title = 'Work was given up';
  await typist.machine.stop();
  const at = systemClock.now();
  const look = { v: 1, kind: 'user', tenant: 'contoso', causes: ['notification'], at } as const;
  const [whole = '', unreadable = ''] = await bury([
    { ...look, id: owner() },
    { ...look, id: strangers()[0]?.id ?? '', kind: 'nonsense' as Change['kind'] },
  ]);
  typist.machine.start();
  const meaning = { 'changes-17': whole, 'changes-18': unreadable };
  (await typist.type(title, meaning)).shows('dead: see', 'why', 'next', 'to do');
  const done = await typist.type(title, meaning);
  expect(done.output).toContain(`Forgotten: ${unreadable}`);
  expect((await typist.type(title)).output).not.toContain(unreadable);
});

test('mailboxes are parked', async () => {
  const title = 'Mailboxes are parked';
  on.tenant.mailboxes.setState(owner(), 'out-of-scope');
  on.tenant.directory.updateUser(strangers().at(-1)?.id ?? '', { jobTitle: 'Everywhere but there' });
  await until(async () => (await on.look()).parked.length > 0);
  on.tenant.mailboxes.setState(owner(), 'ok');
  const seen = await typist.type(title, { [MAILBOX_ID]: owner() });
  seen.shows('Parked mailbox', 'outside of what the app may reach');
  // The service looks for it with the next minute's work, which no test waits for.
  expect(seen.output).toContain('1 mailbox to be tried again');
});

test('every command of this part was typed, and nothing foreign was touched', async () => {
  expect(typist.untyped()).toEqual([]);
  await typist.machine.stop();
  expect(on.compare()).toMatchObject({ duplicates: 0, foreignTouched: 0 });
  expect(on.tenant.oracles.violations).toEqual([]);
});
