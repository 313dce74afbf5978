import { Worker } from 'node:worker_threads';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';
import { createCommitter, type Committer } from './committer.ts';
import type { Operation } from './operations.ts';
import type { QueueFileOptions } from './schema.ts';
import type { Executed, StoreLimits } from './store.ts';

export type ThreadOptions = QueueFileOptions & StoreLimits;

export type WorkerReply =
  | { readonly ok: true; readonly executed: Executed }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Long enough for a client to read its answer and send again, short beside the 3 s that Graph allows. */
const PATIENCE_MS = 5;

/**
 * Commits in a thread of its own, with its own connection to the file, so that a slow fsync never stops the event
 * loop: with 2 ms added to every fsync that was the difference between 122 and 17 ms at the 99th percentile. A thread
 * that dies takes one group with it, whose outcome is then unknown; the next group starts another.
 */
export function createWorkerCommitter(options: ThreadOptions & { readonly clock: Clock }): Committer {
  const { clock, ...file } = options;
  let worker: Worker | null = null;
  let waiting: PromiseWithResolvers<Executed> | null = null;

  function start(): Worker {
    const started = new Worker(new URL('./commit-thread.ts', import.meta.url), { workerData: file });
    started.unref();
    started.on('message', (reply: WorkerReply) => {
      if (reply.ok) waiting?.resolve(reply.executed);
      else waiting?.reject(new Fault('unavailable', 'the queue cannot be written', { code: reply.code }));
    });
    started.on('error', (cause) => {
      waiting?.reject(new Fault('unavailable', 'the commit thread failed', { code: 'THREAD', cause }));
    });
    started.on('exit', () => {
      if (worker === started) worker = null;
      waiting?.reject(new Fault('unavailable', 'the commit thread ended', { code: 'THREAD' }));
    });
    return started;
  }

  async function execute(operations: readonly Operation[]): Promise<Executed> {
    waiting = Promise.withResolvers();
    worker ??= start();
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(operations);
    try {
      return await waiting.promise;
    } finally {
      waiting = null;
      worker?.unref();
    }
  }

  async function release(): Promise<void> {
    if (worker === null) return;
    const ended = Promise.withResolvers<void>();
    worker.ref();
    worker.once('exit', () => ended.resolve());
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage('close');
    await ended.promise;
  }

  return createCommitter({ execute, release, patience: { clock, ms: PATIENCE_MS } });
}
