import { beforeAll, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { fakeWorld, QUEUES as report, writeConfig, type Parts } from './fake-world.ts';

const SHARED =
  '\nqueue: { serviceBus: { connectionString: env:BUS } }\nledger: { postgres: { url: env:LEDGER } }\n' +
  'deployment: 7b0ee5a0-4fc5-4c0e-9fd0-3a1f0a6ce2ad\nfingerprintKey: env:PRINTS\n';

let embedded: string;
let shared: string;
beforeAll(async () => {
  embedded = await writeConfig();
  shared = await writeConfig(SHARED);
});

async function command(line: string, parts: Parts = {}, config = shared) {
  const { world, seen } = fakeWorld({ env: { BUS: 'Endpoint=sb://127.0.0.1' }, ...parts });
  const code = await execute([...line.split(' '), '--config', config], world);
  return { code, stdout: seen.stdout, stderr: seen.stderr };
}

const poor = {
  ...report,
  findings: [{ queue: 'writes', wrong: 'it has no sessions', remedy: 'make it anew' }],
};

test('queue create says what it made', async () => {
  const { code, stdout } = await command('queue create', {
    createQueues: () => Promise.resolve({ ...report, created: ['writes'] }),
  });
  expect([code, stdout]).toEqual([0, 'Queue changes: right\nQueue writes: created\n']);
});

test('queue check says line by line what is wrong and what to do, and exits 1', async () => {
  const { code, stdout } = await command('queue check', { checkQueues: () => Promise.resolve(poor) });
  expect(code).toBe(1);
  expect(stdout).toBe(
    'Queue changes: right\nQueue writes: wrong\n  it has no sessions\n    remedy: make it anew\n',
  );
});

test('queue check --json prints the report', async () => {
  const { code, stdout } = await command('queue check --json', {
    checkQueues: () => Promise.resolve(report),
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(report);
});

test('there is nothing to make where the queue is a file', async () => {
  const { code, stderr } = await command('queue check', {}, embedded);
  expect(code).toBe(2);
  expect(stderr).toContain('names no Service Bus');
});
