import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import knip from '../../knip.json' with { type: 'json' };
import lint from '../../.oxlintrc.json' with { type: 'json' };
import { ROOT } from './sources.ts';

/** A tool of this repository, under the Node of this process. */
function tool(name: string, args: readonly string[], cwd: string): { code: number | null; output: string } {
  const entry = path.join(ROOT, 'node_modules', '.bin', name);
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], { cwd, encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'house-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function plant(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

function functionOf(lines: number): string {
  return `export function long() {\n${'  work();\n'.repeat(lines - 2)}}\nfunction work() {}\n`;
}

describe('the linter', () => {
  const config = path.join(ROOT, '.oxlintrc.json');

  test.each([
    ['max-lines-per-function', functionOf(71)],
    ['max-params', 'export const f = (a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n'],
    ['no-explicit-any', 'export const x = (a: any) => a;\n'],
    ['no-default-export', 'export default 1;\n'],
    ['no-restricted-globals', 'export const x = fetch("x");\n'],
    ['no-console', 'console.log(1);\n'],
  ])('%s is on', (rule, text) => {
    plant('src/a.ts', text);
    const { code, output } = tool('oxlint', ['-c', config, '--format', 'unix', 'src'], folder);
    expect(output).toContain(rule);
    expect(code).toBe(1);
  });

  test('a function of 70 lines is none too many', () => {
    plant('src/a.ts', functionOf(70));
    expect(tool('oxlint', ['-c', config, 'src'], folder).code).toBe(0);
  });

  test('rules that need types are on, and warnings fail the run', () => {
    expect(lint.options.typeAware).toBe(true);
    expect(manifest.scripts.lint).toMatch(/--type-aware\b.*--deny-warnings\b/);
    for (const rule of [
      'no-floating-promises',
      'no-misused-promises',
      'switch-exhaustiveness-check',
    ] as const) {
      expect(lint.rules[`typescript/${rule}`]).toBe('error');
    }
  });

  test('the program is excused from nothing but its three ways to the outside, and the command line from silence', () => {
    const excused = lint.overrides.flatMap(({ files, rules }) =>
      files.filter((file) => !file.startsWith('test/')).map((file) => [file, Object.keys(rules)]),
    );
    expect(excused).toEqual([
      ['src/kit/clock.ts', ['no-restricted-globals']],
      ['src/kit/transport.ts', ['no-restricted-globals']],
      ['src/cli/**', ['no-console']],
      ['vitest.config.ts', ['import/no-default-export']],
    ]);
  });
});

describe('the search for dead code', () => {
  test.each(knip.entry)('its entry %s is there', (pattern) => {
    expect(globSync(pattern, { cwd: ROOT }).length).toBeGreaterThan(0);
  });

  test('it looks at every file', () => {
    const seen = globSync(knip.project, { cwd: ROOT });
    expect(seen.length).toBeGreaterThan(300);
    expect(seen).toEqual(
      expect.arrayContaining(['src/cli/contact-sync.mjs', 'src/run/wire.ts', 'webhooks/server.ts']),
    );
  });

  test('it finds a dead file, a dead export and a dead type, and nothing else', () => {
    plant('package.json', JSON.stringify({ name: 'planted', type: 'module', bin: manifest.bin }));
    plant('knip.json', readFileSync(path.join(ROOT, 'knip.json'), 'utf8'));
    plant('src/cli/contact-sync.mjs', "import('./main.ts');\n");
    plant('src/cli/main.ts', "import { used } from '../kit/used.ts';\nused();\n");
    plant(
      'src/kit/used.ts',
      'export function used() {}\nexport const deadExport = 1;\nexport interface DeadType {}\n',
    );
    plant('src/kit/dead-file.ts', 'export const x = 1;\n');
    const { code, output } = tool(
      'knip',
      ['--no-progress', '--reporter', 'compact', '--no-config-hints'],
      folder,
    );
    expect(code).toBe(1);
    expect(new Set(output.match(/src\/[^\s:]+(?:: [dD]ead\w+)?/g))).toEqual(
      new Set(['src/kit/dead-file.ts', 'src/kit/used.ts: deadExport', 'src/kit/used.ts: DeadType']),
    );
  });
});

describe('the formatter', () => {
  test('finds what is not formatted', () => {
    plant('.oxfmtrc.json', readFileSync(path.join(ROOT, '.oxfmtrc.json'), 'utf8'));
    plant('src/a.ts', 'const a = "x"\n');
    expect(tool('oxfmt', ['--check', '.'], folder).code).toBe(1);
    plant('src/a.ts', "const a = 'x';\n");
    expect(tool('oxfmt', ['--check', '.'], folder).code).toBe(0);
  });
});

describe('the command that people run before they push', () => {
  test('runs every check, one after the other', () => {
    const steps = manifest.scripts.check.split(' && ').map((step) => step.replace('npm run ', ''));
    expect(steps).toEqual(['types', 'lint', 'format:check', 'dead', 'house']);
  });

  test.each(Object.entries(manifest.scripts))('%s: the files that "%s" names are there', (_name, command) => {
    const files = command.split(' ').filter((word) => /\.(?:m?js|ts)$/.test(word));
    for (const file of files) expect(globSync(file, { cwd: ROOT })).toEqual([file]);
  });

  test('CI can be started, and stops at the first failure', () => {
    const script = path.join(ROOT, '.ci/run');
    accessSync(script, constants.X_OK);
    expect(spawnSync('bash', ['-n', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(script, 'utf8')).toMatch(/^set -euo pipefail$/m);
  });
});
