import { describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { fakeWorld, writeConfig } from './fake-world.ts';

const SHARED = `notifications: { publicUrl: "https://sync.contoso.com", clientStateKey: env:STATE_KEY }
queue: { serviceBus: { connectionString: env:BUS } }
ledger: { postgres: { url: env:LEDGER_URL } }
deployment: production
fingerprintKey: env:PRINT_KEY
dashboard: {}
`;
const ENV: Readonly<Record<string, string>> = {
  STATE_KEY: 's'.repeat(40),
  BUS: 'Endpoint=sb://127.0.0.1',
  LEDGER_URL: 'postgres://ledger',
  PRINT_KEY: 'p'.repeat(40),
};

async function run(role: string, { extra = SHARED, env = ENV, more = '' } = {}) {
  const { world, seen } = fakeWorld({ env });
  const config = await writeConfig(extra);
  const code = await execute(
    ['run', '--role', role, '--config', config, ...more.split(' ').filter(Boolean)],
    world,
  );
  return { code, ...seen };
}

describe('run --role', () => {
  test.each(['all', 'receiver', 'worker', 'keeper', 'dashboard'])(
    '%s runs that part, and gives everything back',
    async (role) => {
      const { code, closed, role: opened, stderr } = await run(role);
      expect([stderr, code, closed, opened]).toEqual(['', 0, 1, role]);
    },
  );

  test.each([
    ['receiver', ['LEDGER_URL', 'PRINT_KEY']],
    ['worker', ['STATE_KEY']],
    ['dashboard', ['STATE_KEY']],
  ])('%s needs no secret that it does not use', async (role, without) => {
    const env = Object.fromEntries(Object.entries(ENV).filter(([name]) => !without.includes(name)));
    expect(await run(role, { env })).toMatchObject({ code: 0, closed: 1 });
  });

  test.each([
    ['receiver', 'BUS'],
    ['receiver', 'STATE_KEY'],
    ['worker', 'LEDGER_URL'],
    ['worker', 'PRINT_KEY'],
    ['keeper', 'STATE_KEY'],
  ])('%s is not started without %s', async (role, missing) => {
    const env = Object.fromEntries(Object.entries(ENV).filter(([name]) => name !== missing));
    const { code, stderr } = await run(role, { env });
    expect(code).toBe(2);
    expect(stderr).toContain(`the environment variable ${missing} is not set\n`);
  });

  test('other than all takes what several processes share', async () => {
    const { code, stderr } = await run('worker', { extra: '' });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^contact-sync: --role worker is for several processes .* leave --role out, or name serviceBus and postgres there\n$/,
    );
  });

  test('receiver takes notifications, a shared queue takes all jobs, a dashboard its key', async () => {
    const silent = SHARED.slice(SHARED.indexOf('queue:'));
    expect((await run('receiver', { extra: silent })).stderr).toContain('there is nothing to receive');
    expect((await run('worker', { more: '--job staff' })).stderr).toContain('all of them need every job');
    const blind = SHARED.replace('dashboard: {}\n', '');
    expect((await run('dashboard', { extra: blind })).stderr).toMatch(
      /^contact-sync: there is nothing to serve: .* has no dashboard\n$/,
    );
    expect((await run('manager')).stderr).toContain(
      'Allowed choices are all, receiver, worker, keeper, dashboard',
    );
  });

  test('dashboard goes with files as well: it takes no lock', async () => {
    expect(await run('dashboard', { extra: 'dashboard: {}\n', env: {} })).toMatchObject({
      code: 0,
      role: 'dashboard',
    });
  });
});
