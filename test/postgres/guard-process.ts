/**
 * Stops a server and removes its folder as soon as whoever started it is gone, in whatever way: then this program's
 * standard input ends. What happens at the end of a good run and of a crash is the same.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Runner } from './binaries.ts';
import { runProgram } from './program.ts';

export interface Guarded {
  readonly folder: string;
  readonly programs: string;
  readonly runner: Runner | null;
}

const { folder, programs, runner } = JSON.parse(process.argv[2] ?? '') as Guarded;

process.stdin.resume();
process.stdin.once('end', () => {
  void (async () => {
    // One that is stopped already is no failure.
    await runProgram(
      path.join(programs, 'pg_ctl'),
      ['stop', '-m', 'immediate', '-D', path.join(folder, 'data')],
      {
        runner,
        cwd: folder,
      },
    ).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  })();
});
