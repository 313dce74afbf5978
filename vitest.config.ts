import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

type Options = NonNullable<TestProjectInlineConfiguration['test']>;

/** Groups run one after the other: real processes and storms want the cores to themselves. */
function project(name: string, groupOrder: number, options: Options): TestProjectInlineConfiguration {
  return { extends: true, test: { name, sequence: { groupOrder }, ...options } };
}

/** What real processes do is mostly waiting: for each other, and for a moment to come. */
const PROCESSES = { maxWorkers: 4 };

/** Left to itself the runner keeps a core free, which on two cores is half of them. */
const BESIDE_EACH_OTHER = { maxWorkers: 3 };

/** `SHAPE=embedded` or `SHAPE=distributed` tells the stories in that shape only, and all of them. */
const { SHAPE } = process.env;

/**
 * The stories that ask most of queue and ledger. Where both shapes are told, the distributed one is told in these: two cores
 * need a quarter of an hour for all of them.
 */
const TELLING = [
  'audit-beside',
  'dead',
  'explain',
  'lost-ledger',
  'lost-queue',
  'restored',
  'run',
  'stories',
  'sync-once',
  'two-tenants',
].map((name) => `test/process/${name}.test.ts`);

/** The same stories, with what they stand on: files of one process, or what several processes share. */
const STORIES = { include: ['test/process/*.test.ts'], ...PROCESSES };
const shapes = [
  project('embedded', 1, { ...STORIES, env: { SHAPE: 'embedded' } }),
  project('distributed', 1, {
    ...STORIES,
    ...(SHAPE === undefined ? { include: TELLING } : {}),
    env: { SHAPE: 'distributed' },
    globalSetup: 'test/process/postgres.ts',
  }),
];

const chosen = shapes.filter(({ test }) => SHAPE === undefined || test?.name === SHAPE);
if (chosen.length === 0) throw new Error(`SHAPE is ${SHAPE}, and must be embedded or distributed.`);

export default defineConfig({
  test: {
    // For what hangs. A quiet night over 10,000 people is a minute's work where the cores are shared.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      project('house', 0, { include: ['test/house/**/*.test.ts'], ...BESIDE_EACH_OTHER }),
      project('stories', 0, {
        include: ['test/**/*.test.ts'],
        exclude: ['test/house/**', 'test/process/**', 'test/storm/**'],
        ...BESIDE_EACH_OTHER,
      }),
      ...chosen,
      // About one shape as such, or about both.
      project('process', 1, {
        include: ['test/process/once/**/*.test.ts'],
        ...PROCESSES,
        env: { SHAPE: 'embedded' },
      }),
      project('storm', 2, { include: ['test/storm/**/*.test.ts'] }),
    ],
  },
});
