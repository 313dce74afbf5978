import { spawn } from 'node:child_process';
import type { Runner } from './binaries.ts';

/** Runs one of PostgreSQL's programs to its end. Throws with what it said when that was not a good one. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { runner, cwd }: { readonly runner: Runner | null; readonly cwd: string },
): Promise<void> {
  const child = spawn(program, args, {
    ...runner,
    cwd,
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  // Not `close`: a server that was started keeps the streams of the program that started it.
  const code = await new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  if (code !== 0)
    throw new Error(`${program} ${args[0] ?? ''} ended with ${String(code)}: ${said.slice(-2_000)}`);
}
