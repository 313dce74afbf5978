import { parentPort } from 'node:worker_threads';
import type { Result, Task } from './fleet.ts';
import { hunt } from './hunt.ts';
import { mutants } from './mutants.ts';
import { runMirrorSeed } from './mirror.ts';
import { runSeed } from './run.ts';

parentPort?.on('message', (task: Task) => {
  void carryOut(task)
    .catch((error: unknown): Result => ({ kind: 'failed', task, reason: String(error) }))
    .then((result) => parentPort?.postMessage(result));
});

async function carryOut(task: Task): Promise<Result> {
  if (task.kind === 'mutant') {
    const mutant = mutants.find(({ name }) => name === task.name);
    if (!mutant) throw new Error(`There is no mutant "${task.name}".`);
    return { kind: 'mutant', hunt: await hunt(mutant) };
  }
  const run = task.job === 'mirror' ? runMirrorSeed : runSeed;
  const outcome = await run(task);
  const replays = !task.twice || (await run(task)).trace === outcome.trace;
  return { kind: 'seed', outcome, replays };
}
