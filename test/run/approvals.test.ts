import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { heldBack } from '../../src/dashboard/held-back.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Config } from '../../src/kit/config/config.ts';
import { openDataFolder } from '../../src/kit/data-folder.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { approveSeen } from '../../src/run/approvals.ts';
import { known } from '../../src/run/known.ts';
import { beginRevert, pause, withLedger } from '../../src/run/orders.ts';
import { readStanding } from '../../src/run/status.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';

let folder = '';
let config: Config;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'approvals-'));
  config = read(MINIMAL, { file: path.join(folder, 'contact-sync.yaml') });
  openDataFolder({
    path: config.data,
    deployment: null,
    fingerprintKey: null,
    random: systemRandom,
  }).close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const SINCE = Date.parse('2026-11-20T11:00:00.000Z');
const seconds = (count: number): string => new Date(SINCE + 1_000 * count).toISOString();

const hold = (subject: string, now: number) => (ledger: Ledger) =>
  ledger.guard.admit({
    job: 'staff',
    kind: 'person',
    tenant: 'contoso',
    subjects: [subject],
    limits: { count: 0, percent: 0 },
    scope: 10,
    now,
  });

const ROUTE = {
  sourceTenant: 'contoso',
  targetTenant: 'contoso',
  folder: 'Company Directory',
  definition: '{}',
  state: 'active',
} as const;

test('no more is released than was seen', async () => {
  await withLedger(config, hold('p-1', SINCE));
  const seen = heldBack({ held: [{ since: seconds(0) }], suspicion: null, missing: [] });
  await withLedger(config, hold('p-2', SINCE + 1_000));
  expect(await approveSeen(config, 'staff', seen)).toBeNull();
  // One more that is no newer.
  expect(await approveSeen(config, 'staff', { count: 1, newest: seconds(1) })).toBeNull();
  expect(await withLedger(config, async ({ guard }) => (await guard.held('staff')).length)).toBe(2);
  expect(await approveSeen(config, 'staff', { count: 2, newest: seconds(1) })).toBe(2);
  expect(await withLedger(config, ({ guard }) => guard.held('staff'))).toEqual([]);
});

test('a suspicion that came since then is not approved either', async () => {
  await withLedger(config, async (ledger) => {
    await hold('p-1', SINCE)(ledger);
    await ledger.guard.suspect({
      job: 'staff',
      reason: 'groups shrank',
      lost: 9,
      scope: 10,
      at: SINCE + 1_000,
    });
  });
  expect(await approveSeen(config, 'staff', { count: 1, newest: seconds(0) })).toBeNull();
  expect(await withLedger(config, ({ guard }) => guard.suspicions())).toHaveLength(1);
  expect(await approveSeen(config, 'staff', { count: 2, newest: seconds(1) })).toBe(1);
  expect(await withLedger(config, ({ guard }) => guard.suspicions())).toEqual([]);
});

test('an order may name jobs of the configuration, and those that are in the ledger alone', async () => {
  await withLedger(config, ({ routes }) =>
    routes.save({ ...ROUTE, id: 'gone', job: 'gone', targetTenant: 'contoso/hub', state: 'withdrawn' }),
  );
  await pause(config, { kind: 'all' });
  expect(await known(config)).toEqual({
    jobs: [
      { job: 'staff', tenants: ['contoso'] },
      { job: 'gone', tenants: ['contoso'] },
    ],
    tenants: ['contoso'],
    halts: [{ scope: 'all', name: null, mode: 'paused', since: expect.stringMatching(/^20.*Z$/) }],
  });
});

test('a pause of everything hides no revert', async () => {
  await withLedger(config, ({ routes }) => routes.save({ ...ROUTE, id: 'staff', job: 'staff' }));
  await beginRevert(config, 'staff');
  await pause(config, { kind: 'all' });
  const { jobs } = await withLedger(config, (ledger) =>
    readStanding(config, { ledger, queues: [], now: SINCE, deployment: 'production' }),
  );
  expect(jobs).toMatchObject([{ job: 'staff', halt: 'paused', revert: { left: 0, free: 0, kept: 0 } }]);
});
