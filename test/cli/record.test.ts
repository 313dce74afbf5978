import { beforeAll, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import type { RecordAsked, RecordReport } from '../../src/run/read-record.ts';
import { fakeWorld, writeConfig, type Parts } from './fake-world.ts';

let config: string;
beforeAll(async () => {
  config = await writeConfig();
});

async function command(line: string, parts: Parts = {}) {
  const { world, seen } = fakeWorld(parts);
  const clock = { ...world.clock, now: () => Date.parse('2026-11-30T12:00:00Z') };
  const code = await execute([...line.split(' '), '--config', config], { ...world, clock });
  return { code, ...seen };
}

const REPORT: RecordReport = {
  writes: [
    {
      at: '2026-11-30T11:00:00.000Z',
      tenant: 'contoso',
      operation: 'patch',
      mailbox: 'owner-1',
      route: 'staff',
      item: 'item-1',
      identity: 'ann',
      fields: ['displayName', 'mobilePhone'],
      outcome: 'done',
      changes: ['019ad5c3f2a1d2c4b6a8907f5e3d1c2b'],
    },
    {
      at: '2026-11-30T11:00:01.000Z',
      tenant: 'contoso',
      operation: 'make-folder',
      mailbox: 'owner-2',
      route: 'staff',
      item: null,
      identity: null,
      fields: [],
      outcome: 'unknown-outcome',
      changes: [],
    },
  ],
  more: true,
};

test('record prints a line for each write, or one document, and says when there is more', async () => {
  const parts = { readRecord: () => Promise.resolve(REPORT) };
  const { code, stdout, stderr } = await command('record', parts);
  expect(code).toBe(0);
  expect(stdout)
    .toBe(`2026-11-30T11:00:00.000Z patch: done; contoso staff, mailbox owner-1, person ann, item item-1, fields displayName mobilePhone, change 019ad5c3f2a1d2c4b6a8907f5e3d1c2b
2026-11-30T11:00:01.000Z make-folder: unknown-outcome; contoso staff, mailbox owner-2
`);
  expect(stderr).toBe('There are older ones: --limit shows more than 1000.\n');
  const json = await command('record --json', parts);
  expect([JSON.parse(json.stdout), json.stderr]).toEqual([REPORT, '']);
  expect((await command('record')).stdout).toBe('Nothing of the kind is on record.\n');
});

test('record asks for a person, a mailbox, a time and a number', async () => {
  const asked: RecordAsked[] = [];
  const readRecord: Parts['readRecord'] = (_config, about) => {
    asked.push(about);
    return Promise.resolve(REPORT);
  };
  await command('record', { readRecord });
  await command('record --person ANN --mailbox BOB --since 1d --limit 5', { readRecord });
  await command('record --since 2026-11-30T08:00Z', { readRecord });
  expect(asked).toEqual([
    { person: null, mailbox: null, since: 0, limit: 1_000 },
    { person: 'ann', mailbox: 'bob', since: Date.parse('2026-11-29T12:00:00Z'), limit: 5 },
    { person: null, mailbox: null, since: Date.parse('2026-11-30T08:00:00Z'), limit: 1_000 },
  ]);
});

test.each(['--since yesterday', '--limit 0', '--limit many', '--limit 1000001'])(
  'record %s is refused',
  async (option) => {
    const { code, stderr } = await command(`record ${option}`);
    expect(code).toBe(2);
    expect(stderr).toContain('expected');
  },
);
