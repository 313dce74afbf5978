import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { converse } from '../../src/kit/converse.ts';
import { until } from '../process/until.ts';

describe('a program that cannot be started', () => {
  test('is said on the next tick where the system refuses at once', async () => {
    const ends: string[] = [];
    const heard = { onLine: () => {}, onEnd: (why: string) => void ends.push(why) };
    // A name that no system takes: spawn throws.
    const shell = converse({ file: 'power\0shell', args: [] }, heard);
    shell.say('{}');
    shell.end();
    expect(ends).toEqual([]);
    await until(() => ends.length > 0);
    expect(ends).toEqual(['notStarted']);
  });

  test('is said where no file can be opened any more', async () => {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      'ulimit -n 64; exec "$0" "$1"',
      process.execPath,
      fileURLToPath(new URL('without-descriptors.ts', import.meta.url)),
    ]);
    expect(stdout).toBe('EMFILE notStarted\n');
  });
});
