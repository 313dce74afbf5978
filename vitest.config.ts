import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Groups run one after the other: real processes and storms want the cores to themselves. */
function project(
  name: string,
  groupOrder: number,
  files: { include: string[]; exclude?: string[] },
): TestProjectInlineConfiguration {
  return { extends: true, test: { name, sequence: { groupOrder }, ...files } };
}

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      project('house', 0, { include: ['test/house/**/*.test.ts'] }),
      project('stories', 0, {
        include: ['test/**/*.test.ts'],
        exclude: ['test/house/**', 'test/process/**', 'test/storm/**'],
      }),
      project('process', 1, { include: ['test/process/**/*.test.ts'] }),
      project('storm', 2, { include: ['test/storm/**/*.test.ts'] }),
    ],
  },
});
