import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Hunt } from './hunt.ts';
import type { Mode, Plan } from './plan.ts';
import type { StormJob } from './run-options.ts';
import type { Outcome } from './verdict.ts';

/** One piece of work for a thread. */
export type Task =
  | {
      readonly kind: 'seed';
      readonly seed: number;
      readonly mode: Mode;
      readonly twice: boolean;
      /** In place of what the seed draws. */
      readonly plan?: Partial<Plan>;
      /** People in mailboxes of their own tenant unless given. */
      readonly job?: StormJob;
    }
  | { readonly kind: 'mutant'; readonly name: string };

export type Result =
  | { readonly kind: 'seed'; readonly outcome: Outcome; readonly replays: boolean }
  | { readonly kind: 'mutant'; readonly hunt: Hunt }
  | { readonly kind: 'failed'; readonly task: Task; readonly reason: string };

/** Seeds share nothing, so they spread over the cores. */
export async function runFleet(tasks: readonly Task[], onResult: (result: Result) => void): Promise<void> {
  const waiting = tasks.values();
  const threads = Math.max(1, Math.min(availableParallelism(), tasks.length));
  await Promise.all(Array.from({ length: threads }, () => runThread(waiting, onResult)));
}

function runThread(waiting: Iterator<Task>, onResult: (result: Result) => void): Promise<void> {
  const worker = new Worker(new URL('./fleet-thread.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const { value, done } = waiting.next();
      if (done !== true) return worker.postMessage(value);
      void worker.terminate();
      resolve();
    };
    worker.on('error', reject);
    worker.on('message', (result: Result) => {
      onResult(result);
      next();
    });
    next();
  });
}
