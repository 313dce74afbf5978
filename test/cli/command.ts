import { beforeAll } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import { fakeWorld, writeConfig, type Parts } from './fake-world.ts';

/** Command lines in a world that is made for each, with one configuration on disk for all tests of the file. */
export function commandLine() {
  let config: string;
  beforeAll(async () => {
    config = await writeConfig();
  });
  return async (line: string, parts: Parts = {}) => {
    const { world, seen } = fakeWorld(parts);
    const code = await execute([...line.split(' '), '--config', config], world);
    return { code, ...seen, config: seen.config };
  };
}
