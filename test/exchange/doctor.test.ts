import { afterEach, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import type { Finding } from '../../src/run/doctor/examine.ts';
import * as run from '../../src/run/wire.ts';
import { fakeWorld } from '../cli/fake-world.ts';
import { CMDLETS } from '../../src/exchange/transport.ts';
import { openPair, type Pair } from './pair.ts';

/* The doctor, between two tenants. */

let pair: Pair;
afterEach(() => pair.close());

async function look(): Promise<Finding[]> {
  const { world, seen } = fakeWorld({ env: { SECRET: 'a secret of the stories' } });
  const { clock, transport } = pair;
  const whole = { ...world, clock, transport, loadRun: () => Promise.resolve(run) };
  await execute(['doctor', '--json', '--config', pair.file], whole);
  return (JSON.parse(seen.stdout) as { findings: Finding[] }).findings;
}

const exchange = (findings: readonly Finding[]): Finding | undefined =>
  findings.find(({ check }) => check === 'exchange');

test('Exchange of the other tenant is looked at, and nothing is made there', async () => {
  pair = await openPair();
  const findings = await look();
  expect(exchange(findings)).toMatchObject({
    about: 'partners',
    state: 'well',
    found: 'fabrikam lets the app keep mail contacts; CustomAttribute15 is free for the mark',
  });
  expect(findings.filter(({ check }) => check === 'groups')).toMatchObject([{ state: 'well' }]);
  expect(findings.some(({ check }) => check === 'mailbox')).toBe(false);
  expect(pair.contacts()).toEqual([]);
});

test('each tenant is held to what it takes there: what an app has for mailboxes is too much', async () => {
  pair = await openPair();
  const extra = (await look()).filter(({ check }) => check === 'permissions');
  expect(extra.map(({ about, state, found }) => [about, state, found.split(' ')[0]])).toEqual([
    ['contoso', 'failed', 'Contacts.ReadWrite'],
    ['fabrikam', 'failed', 'Contacts.ReadWrite'],
    ['fabrikam', 'failed', 'Group.Read.All'],
  ]);
});

test('a role that is missing is named by what it lacks', async () => {
  pair = await openPair({ exchange: { cmdlets: CMDLETS.filter((name) => !name.startsWith('New-')) } });
  const found = exchange(await look());
  expect(found).toMatchObject({ state: 'failed', found: 'the app may not run New-MailContact in fabrikam' });
  expect(found?.remedy).toContain('Exchange Recipient Administrator');
});

test('somebody else uses the attribute of the mark', async () => {
  pair = await openPair();
  pair.takeMark();
  const found = exchange(await look());
  expect(found).toMatchObject({
    state: 'failed',
    found: 'recipients of fabrikam use CustomAttribute15 for something else (1)',
  });
  expect(found?.remedy).toContain('exchange.mark');
});

test('nothing answers at Exchange', async () => {
  pair = await openPair();
  pair.exchangeIs('away');
  expect(exchange(await look())).toMatchObject({
    state: 'failed',
    found: 'no answer from Exchange (ECONNREFUSED)',
    remedy: expect.stringContaining('the proxy to Exchange'),
  });
});
