import { afterEach, beforeEach, expect, test } from 'vitest';
import { markOf } from '../tenant/mailbox/item.ts';
import type { RevertReport } from '../../src/run/service.ts';
import { documentOf, sync } from './commands.ts';
import { install, TIMING, type Installation } from './installation.ts';
import { until } from './until.ts';

let on: Installation;

beforeEach(async () => {
  on = await install({ people: 20, mailboxes: 3, seed: 9 });
});

afterEach(() => on.close());

async function loseStores(): Promise<void> {
  await on.stores.loseLedger();
  await on.stores.loseQueue();
}

/** Contacts of a job, in all mailboxes. */
function contactsOf(job: string): number {
  const items = [...on.tenant.mailboxes.all()].flatMap((mailbox) => [...mailbox.items()]);
  return items.filter(({ content }) => markOf(content)?.split('/')[1] === job).length;
}

test('ledger and queue gone, and another job for another mailbox: what the old one left is taken back', async () => {
  const groups = [on.population.source.id];
  const [owner] = on.population.owners;
  await on.configure({ port: undefined });
  expect((await sync(on)).code).toBe(0);
  expect(contactsOf('staff')).toBeGreaterThan(3);
  await loseStores();
  const phones = { groups, folder: 'Phones', target: { users: [owner?.id ?? ''] } };
  await on.configure({ port: undefined, jobs: { phones }, timing: { ...TIMING, gatewayTimeout: '1s' } });
  expect((await sync(on)).code).toBe(0);
  const kept = contactsOf('phones');
  // The service looks for what waits once a minute; a run that begins later than a gateway's timeout searches at once.
  await until(() => sync(on).then(() => contactsOf('staff') === 0));
  expect(contactsOf('phones')).toBe(kept);
  expect(on.tenant.oracles.violations).toEqual([]);
});

test('a revert after ledger and queue are gone searches for what it has to take back, and counts that', async () => {
  await on.configure({ port: undefined });
  expect((await sync(on)).code).toBe(0);
  expect(contactsOf('staff')).toBeGreaterThan(3);
  await loseStores();
  const ended = await on.run('revert', '--job', 'staff', '--yes', '--json');
  const report = documentOf(ended) as RevertReport;
  expect(report).toMatchObject({ mailboxes: 3, left: 0, searching: false, stopped: false });
  expect(ended.code).toBe(0);
  expect(contactsOf('staff')).toBe(0);
  expect(on.tenant.oracles.violations).toEqual([]);
});

test('a revert that cannot search the mailboxes yet does not say that nothing is left', async () => {
  await on.configure({ port: undefined });
  expect((await sync(on)).code).toBe(0);
  await loseStores();
  // Longer than anybody waits: what was sent before the loss may still arrive.
  await on.configure({ port: undefined, timing: { ...TIMING, gatewayTimeout: '10m' } });
  const program = on.start('revert', '--job', 'staff', '--yes', '--json');
  await until(async () => (await on.look()).halts.length > 0);
  program.kill('SIGINT');
  const ended = await program.ended;
  expect(documentOf(ended)).toMatchObject({ left: 0, searching: true, stopped: true });
  expect(ended.code).toBe(1);
});
