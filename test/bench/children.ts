import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Starts a script of this folder in a process of its own, kept on one core where that can be had. */
export function launch(
  script: string,
  args: readonly string[],
  { cpu, env = {} }: { cpu: number; env?: Readonly<Record<string, string>> },
): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const pinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;
  return fork(path, args, {
    env: { ...process.env, ...env },
    execArgv: pinned ? ['-c', String(cpu), process.execPath] : [],
    execPath: pinned ? 'taskset' : process.execPath,
  });
}

/** Sends a question, if there is one, and resolves with the child's next message; rejects when the child ends first. */
export function ask<Answer>(child: ChildProcess, question?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a child of the measurement ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own script's answer
      resolve(answer as Answer);
    });
    if (question !== undefined) child.send(question);
  });
}
