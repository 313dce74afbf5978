import { beforeAll, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import type { Examining, Finding } from '../../src/run/doctor/examine.ts';
import { fakeWorld, writeConfig, type Parts } from './fake-world.ts';

let config: string;
beforeAll(async () => {
  config = await writeConfig();
});

const FINDINGS: readonly Finding[] = [
  { check: 'node', about: null, state: 'well', found: '24.21.0', remedy: null },
  {
    check: 'certificate',
    about: 'contoso',
    state: 'warning',
    found: 'it ends soon',
    remedy: 'make another one',
  },
  { check: 'queue', about: null, state: 'skipped', found: 'there is none yet', remedy: null },
];
const BAD: Finding = {
  check: 'token',
  about: 'contoso',
  state: 'failed',
  found: 'refused',
  remedy: 'upload it',
};

async function doctor(
  findings: readonly Finding[],
  { line = 'doctor', ...parts }: Parts & { line?: string } = {},
) {
  let given: Examining | undefined;
  const { world, seen } = fakeWorld({
    examine: (examining) => {
      given = examining;
      for (const finding of findings) examining.onFinding(finding);
      return Promise.resolve(findings);
    },
    ...parts,
  });
  const code = await execute([...line.split(' '), '--config', config], world);
  return { code, given, ...seen };
}

describe('doctor', () => {
  test('prints a line for each, the remedy below, and 0 where nothing failed', async () => {
    const { code, stdout, stderr } = await doctor(FINDINGS);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'ok       node           24.21.0\n' +
        'warning  certificate    contoso: it ends soon\n' +
        '         remedy: make another one\n' +
        '-        queue          there is none yet\n' +
        '\nNothing is wrong in 3 lines, 1 warning, 1 not looked at.\n',
    );
  });

  test('and 1 where something did', async () => {
    const { code, stdout } = await doctor([...FINDINGS, BAD]);
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED   token          contoso: refused\n         remedy: upload it\n');
    expect(stdout).toMatch(/\n1 line FAILED, 1 warning, 1 not looked at\.\n$/);
  });

  test('--json prints one document and nothing else, whether all is well or not', async () => {
    for (const [findings, well] of [
      [FINDINGS, true],
      [[BAD], false],
    ] as const) {
      const { code, stdout, stderr } = await doctor(findings, { line: 'doctor --json' });
      expect([code, stderr]).toEqual([well ? 0 : 1, '']);
      expect(stdout.split('\n')).toHaveLength(2);
      const versions = { program: '1.2.3', node: process.versions.node };
      expect(JSON.parse(stdout)).toEqual({ at: expect.any(String), well, role: 'all', versions, findings });
    }
  });

  test('gives each part of the secrets that it can read, and tells what is wrong with the others', async () => {
    const shared = await writeConfig(
      '\nnotifications: { publicUrl: "https://sync.contoso.com", clientStateKey: env:STATE_KEY }\n',
    );
    const { world } = fakeWorld({
      examine: ({ parts, problems }) => {
        expect([...parts].toSorted()).toEqual(['fingerprints', 'ledger', 'queue', 'tenants']);
        expect(problems.map(({ path }) => path)).toEqual(['notifications.clientStateKey']);
        return Promise.resolve([]);
      },
    });
    expect(await execute(['doctor', '--config', shared], world)).toBe(0);
    expect.assertions(3);
  });

  test('a configuration that is none is 2, as for every command, and nothing is looked at', async () => {
    const broken = await writeConfig('\ncolour: 1\n');
    const { world, seen } = fakeWorld({ examine: () => Promise.reject(new Error('nothing is looked at')) });
    expect(await execute(['doctor', '--json', '--config', broken], world)).toBe(2);
    expect([seen.stdout, seen.stderr.includes('colour')]).toEqual(['', true]);
  });

  test('--job and --role go with it', async () => {
    expect((await doctor([], { line: 'doctor --job guests' })).given?.config.onlyJob).toBe('guests');
    const { code, stderr } = await doctor([], { line: 'doctor --role receiver' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--role receiver is for several processes')]);
  });
});
