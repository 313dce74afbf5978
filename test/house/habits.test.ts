import { describe, expect, test } from 'vitest';
import { habits, LINES_AT_MOST } from './habits.ts';
import { readSources, sourceOf, type Source } from './sources.ts';

type Habit = keyof typeof habits;

/** What starts the simulated tenant on the real clock, and what tests it; all else of it runs on any clock. */
const IS_FACE = /^test\/tenant\/main\.ts$|\.test\.ts$/;

const everything = readSources();
const program = everything.filter(({ path }) => !path.startsWith('test/'));
const engine = program.filter(({ path }) => path.startsWith('src/engine/'));
const tenant = everything.filter(({ path }) => path.startsWith('test/tenant/') && !IS_FACE.test(path));
const tests = everything.filter(({ path }) => path.endsWith('.test.ts'));

test('the checks see the files', () => {
  expect(program.length).toBeGreaterThan(100);
  expect(engine.length).toBeGreaterThan(20);
  expect(tenant.length).toBeGreaterThan(40);
  expect(tests.length).toBeGreaterThan(40);
});

test.each<[string, Habit, typeof everything]>([
  [`no file is longer than ${LINES_AT_MOST} lines`, 'tooLong', everything],
  ['names say something', 'emptyName', everything],
  ['no default exports', 'defaultExport', everything],
  ['no barrels', 'barrel', everything],
  ['time, chance, network and environment are passed in', 'reachesOut', program],
  ['the simulated tenant runs on any clock', 'reachesOut', tenant],
  ['no module-level state', 'moduleState', program],
  ['the engine knows no job and no vendor', 'foreignWords', engine],
  ['nothing is left over', 'leftOver', everything],
  ['every test file expects something', 'assertsNothing', tests],
  ['no path of one machine', 'ownMachine', everything],
])('%s', (_rule, check, files) => {
  expect(files.flatMap(habits[check])).toEqual([]);
});

/** A bar keeps what is planted from being found in this very file. */
function planted(path: string, text: string): Source {
  return sourceOf(path, text.replaceAll('¦', ''));
}

describe('each check can fail', () => {
  test.each<[Habit, string, string]>([
    ['tooLong', 'src/kit/a.ts', 'a();\n'.repeat(LINES_AT_MOST + 1)],
    ['emptyName', 'src/utils/a.ts', ''],
    ['emptyName', 'src/kit/string-helpers.ts', ''],
    ['emptyName', 'test/common.ts', ''],
    ['emptyName', 'src/run/queue-manager.ts', ''],
    ['defaultExport', 'src/kit/a.ts', 'export default function a() {}'],
    ['defaultExport', 'src/kit/a.ts', 'export { a as default };'],
    ['barrel', 'src/kit/a.ts', "export { b } from './b.ts';\nexport type { C } from './c.ts';"],
    ['barrel', 'src/kit/a.ts', "import { b } from './b.ts';\nexport { b };"],
    ['barrel', 'src/kit/a.ts', "const a = 1;\nexport * from './b.ts';"],
    ['reachesOut', 'src/engine/a.ts', 'const now = Date.now();'],
    ['reachesOut', 'src/engine/a.ts', 'const now = new Date();'],
    ['reachesOut', 'webhooks/a.ts', 'setTimeout(stop, 10);'],
    ['reachesOut', 'src/kit/loop.ts', "import { setInterval } from 'node:timers/promises';"],
    ['reachesOut', 'src/graph/a.ts', 'const jitter = Math.random();'],
    ['reachesOut', 'src/graph/a.ts', "import { randomUUID } from 'node:crypto';"],
    ['reachesOut', 'src/graph/a.ts', 'await fetch(url);'],
    ['reachesOut', 'src/run/a.ts', "process.env['A'];"],
    ['reachesOut', 'src/run/a.ts', 'const { env } = process;'],
    ['moduleState', 'src/kit/a.ts', 'let count = 0;'],
    ['moduleState', 'src/kit/a.ts', 'export var count = 0;'],
    ['moduleState', 'src/kit/a.ts', 'const cache = new Map<string, number>();'],
    ['moduleState', 'src/kit/a.ts', 'export const seen: Set<string> =\n  new Set();'],
    ['moduleState', 'src/kit/a.ts', 'const list: string[] = [];'],
    ['foreignWords', 'src/engine/a.ts', "if (route.job === 'directory') return;"],
    ['foreignWords', 'src/engine/a.ts', 'function mirrorOf() {}'],
    ['foreignWords', 'src/engine/a.ts', 'const graphClient = 1;'],
    ['leftOver', 'src/kit/a.ts', '// TO¦DO: later'],
    ['leftOver', 'test/a.test.ts', "test.only('a', () => {});"],
    ['leftOver', 'test/a.test.ts', "describe.each([1]).skip('a', () => {});"],
    ['leftOver', 'test/a.test.ts', "xit('a', () => {});"],
    ['leftOver', 'src/kit/a.ts', '// @ts-¦ignore\na();'],
    ['leftOver', 'src/kit/a.ts', '// oxlint-¦disable-next-line no-console\na();'],
    ['assertsNothing', 'test/a.test.ts', "// expect\ntest('a', () => { run('expect'); });"],
    ['ownMachine', 'src/kit/a.ts', "const path = '/¦home/somebody/a';"],
  ])('%s: %s %j', (check, path, text) => {
    expect(habits[check](planted(path, text))).toHaveLength(1);
  });

  test.each<[Habit, string, string]>([
    ['tooLong', 'src/kit/a.ts', 'a();\n'.repeat(LINES_AT_MOST)],
    ['emptyName', 'src/kit/futile.ts', ''],
    ['barrel', 'src/kit/a.ts', "import { b } from './b.ts';\nexport const a = b;"],
    ['reachesOut', 'src/kit/clock.ts', 'Date.now(); setTimeout(a, 1);'],
    ['reachesOut', 'src/cli/main.ts', 'process.env;'],
    [
      'reachesOut',
      'src/engine/a.ts',
      "// Date.now()\nconst text = 'fetch(x)';\nconst a = new Date(ms);\nstore.fetch();",
    ],
    [
      'moduleState',
      'src/kit/a.ts',
      'function a() {\n  let b = new Map();\n}\nconst C: ReadonlySet<string> = new Set();',
    ],
    ['foreignWords', 'src/engine/a.ts', '/** What the directory says; Graph, section 2. */\nconst a = 1;'],
    ['leftOver', 'src/kit/a.ts', '// oxlint-¦disable-next-line no-console -- the demo prints\na();'],
    ['ownMachine', 'src/kit/a.ts', "const path = '/users/123/home/x';"],
  ])('and lets pass what is right: %s: %s %j', (check, path, text) => {
    expect(habits[check](planted(path, text))).toEqual([]);
  });
});
