import { beforeAll, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { HeldByAnother } from '../../src/kit/held-by-another.ts';
import { Fault } from '../../src/model/fault.ts';
import { fakeWorld, STATUS, SWEEP, SYNC, writeConfig, type Parts } from './fake-world.ts';

let config: string;
beforeAll(async () => {
  config = await writeConfig();
});

async function command(line: string, parts: Parts = {}) {
  const { world, seen } = fakeWorld(parts);
  const code = await execute([...line.split(' '), '--config', config], world);
  return { code, ...seen, config: seen.config };
}

describe('run', () => {
  // SIGINT is what a host of services on Windows sends, SIGBREAK what Ctrl+Break is there.
  test.each(['SIGTERM', 'SIGINT', 'SIGBREAK'])(
    '%s: works until then, then gives everything back',
    async (name) => {
      let signal: AbortSignal | undefined;
      const { world, seen, signals } = fakeWorld({
        run: (given) => {
          signal = given;
          signals.emit(name);
          return Promise.resolve();
        },
      });
      expect(await execute(['run', '--config', config], world)).toBe(0);
      expect(signal?.aborted).toBe(true);
      expect(seen.closed).toBe(1);
      expect(seen.stdout).toBe('');
      expect(seen.stderr).toBe(`${name}: finishing what is in hand; once more to stop at once\n`);
      expect(signals.eventNames()).toEqual([]);
    },
  );

  test('takes no progress: it logs', async () => {
    const { surroundings } = await command('run');
    expect(surroundings).not.toHaveProperty('onProgress');
  });

  test('gives everything back after a failure as well', async () => {
    const { code, closed, stderr } = await command('run', {
      run: () => Promise.reject(new Error('one\ntwo')),
    });
    expect([code, closed]).toEqual([1, 1]);
    expect(stderr).toBe('contact-sync: one (--debug shows where)\n');
  });
});

describe('sync', () => {
  test('prints a report for people, or one JSON document', async () => {
    const plain = await command('sync --once');
    expect(plain.stdout).toBe(
      '24,950 contacts in 50 mailboxes looked after; 24,950 writes in 1,300 requests, 31 s.\n',
    );
    const { stdout, code } = await command('sync --json');
    expect(JSON.parse(stdout)).toEqual(SYNC);
    expect(code).toBe(0);
  });

  test.each([
    [{ held: 2 }, 3, '2 removals held'],
    [{ dead: 1 }, 1, '1 piece of work failed again and again'],
    [{ failing: 2 }, 1, '2 pieces of work failed so far'],
    [{ dead: 1, held: 1 }, 1, '1 removal held'],
    [{ waiting: 7 }, 0, '7 pieces of work waiting'],
  ])('%o exits with %i', async (part, expected, words) => {
    const { code, stdout } = await command('sync', { syncOnce: () => Promise.resolve({ ...SYNC, ...part }) });
    expect(code).toBe(expected);
    expect(stdout).toContain(words);
  });

  test('shows progress on standard error only', async () => {
    const { world, seen } = fakeWorld({
      syncOnce: () => {
        seen.surroundings?.onProgress?.({ phase: 'contacts', done: 5, total: 10 });
        return Promise.resolve(SYNC);
      },
    });
    await execute(['sync', '--json', '--config', config], world);
    expect(seen.stderr).toBe('contacts: 5 of 10 (50 %)\n');
    expect(JSON.parse(seen.stdout)).toEqual(SYNC);
  });

  test('that was stopped has failed, whatever it reports', async () => {
    const { world, seen, signals } = fakeWorld({
      syncOnce: () => {
        signals.emit('SIGINT');
        return Promise.resolve(SYNC);
      },
    });
    expect(await execute(['sync', '--config', config], world)).toBe(1);
    expect(seen.stdout).toBe('');
    expect(seen.stderr).toContain('stopped before it was through');
    expect(seen.closed).toBe(1);
  });
});

test('sweep reports what nobody had announced', async () => {
  const { code, stdout } = await command('sweep');
  expect([code, stdout]).toEqual([
    0,
    'Swept in 0.8 s with 4 requests: 12 changed objects, 1 of them never announced.\n',
  ]);
  expect(JSON.parse((await command('sweep --json')).stdout)).toEqual(SWEEP);
});

describe('status', () => {
  const held = [{ kind: 'person', id: '5d1f', since: '2026-11-20T11:00:00Z', reason: 'left' }] as const;

  test('tells how things stand', async () => {
    const { code, stdout } = await command('status');
    expect(code).toBe(0);
    expect(stdout).toContain('Job staff: 500 people, 50 mailboxes, 24,950 contacts; all right\n');
    expect(stdout).toContain(
      'Job guests: 1 person, 1 mailbox, 1 contact; 3 contacts not known to be right yet\n',
    );
    expect(stdout).toContain('Queue changes: 2 due (oldest 2 s), 1 later, 0 in hand, 0 dead\n');
    expect(stdout).toContain(
      'Audit staff: 50 of 50 mailboxes verified, none longer ago than 2026-11-14T02:10:00.000Z; 1 had drifted, ' +
        '0 differences accepted; 7 contacts adopted\n',
    );
    expect(stdout).toContain('Audit guests: 0 of 1 mailbox verified; 0 had drifted, 1 difference accepted\n');
    expect(stdout).toContain('Last sweep: none yet');
  });

  test('of one job shows that job alone', async () => {
    const { stdout, config: used } = await command('status --json --job guests');
    expect(JSON.parse(stdout)).toEqual({
      ...STATUS,
      jobs: [STATUS.jobs[1]],
      audits: [STATUS.audits[1]],
    });
    expect(used?.onlyJob).toBe('guests');
  });

  test('with held removals exits with 3 and says how to release them', async () => {
    const [staff, guests] = STATUS.jobs;
    const status = { ...STATUS, jobs: [{ ...staff!, held }, guests!] };
    const { code, stdout } = await command('status', { status });
    expect(code).toBe(3);
    expect(stdout).toContain('held since 2026-11-20T11:00:00Z: removal of person 5d1f (left)\n');
    expect(stdout).toContain('contact-sync approve --job staff\n');
    expect((await command('status --job guests', { status })).code).toBe(0);
  });

  test('with dead letters exits with 1', async () => {
    const status = { ...STATUS, queues: STATUS.queues.map((queue) => ({ ...queue, dead: 1 })) };
    expect((await command('status', { status })).code).toBe(1);
  });
});

test('approve passes the job on and tells how many were released', async () => {
  const asked: (string | undefined)[] = [];
  const approve: Parts['approve'] = (_config, job) => {
    asked.push(job);
    return Promise.resolve(job === undefined ? 0 : 1);
  };
  expect((await command('approve', { approve })).stdout).toBe(
    'No removal was held; whatever else waited for an approval may go on.\n',
  );
  expect((await command('approve --job staff', { approve })).stdout).toBe('Released 1 removal.\n');
  expect((await command('approve --json --job staff', { approve })).stdout).toBe('{"released":1}\n');
  expect(asked).toEqual([undefined, 'staff', 'staff']);
});

test('demo gets its arguments untouched, and passes the exit code on', async () => {
  const given: (readonly string[])[] = [];
  const { world } = fakeWorld({ runDemo: (args) => Promise.resolve(given.push(args)) });
  const args = ['--people', '2000', '--json', '--seed=7', '--debug'];
  expect(await execute(['demo', ...args], world)).toBe(1);
  expect(given).toEqual([args]);
});

describe('--job and --config', () => {
  test.each(['run', 'sync', 'sweep', 'status', 'approve'])(
    'are understood before and after %s',
    async (name) => {
      const after = fakeWorld();
      expect(await execute([name, '--config', config, '--job', 'staff'], after.world)).toBe(0);
      const before = fakeWorld();
      expect(await execute(['--config', config, '--job', 'staff', name], before.world)).toBe(0);
      const unknown = fakeWorld();
      expect(await execute([name, '--config', config, '--job', 'stuff'], unknown.world)).toBe(2);
      expect(unknown.seen.stderr).toBe(
        `contact-sync: there is no job stuff in ${config}: did you mean staff?\n`,
      );
    },
  );

  test('reach the service', async () => {
    expect((await command('run --job staff')).config?.onlyJob).toBe('staff');
    expect((await command('run')).config?.onlyJob).toBeNull();
  });
});

describe('what goes wrong', () => {
  test.each([
    [
      new HeldByAnother('/data is in use by process 7 on host'),
      4,
      'contact-sync: /data is in use by process 7 on host\n',
    ],
    [
      new Fault('unauthorized', 'no token', { code: 'AADSTS700027', status: 401 }),
      1,
      /^contact-sync: no token \(401 AADSTS700027\): check tenantId, .*\n$/,
    ],
    [new Fault('invalid', 'refused'), 1, 'contact-sync: refused\n'],
  ])('%o', async (fault, expected, words) => {
    const { code, stderr } = await command('run', { openService: () => Promise.reject(fault) });
    expect(code).toBe(expected);
    expect(stderr).toMatch(words);
  });

  test('shows a stack only with --debug', async () => {
    const parts: Parts = { openService: () => Promise.reject(new Error('broken')) };
    expect((await command('run', parts)).stderr).not.toContain('.ts:');
    expect((await command('run --debug', parts)).stderr).toContain('commands.test.ts:');
  });
});
