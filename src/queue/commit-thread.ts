import { parentPort, workerData } from 'node:worker_threads';
import type { Operation } from './operations.ts';
import { openQueueFile } from './schema.ts';
import { createStore, type Store } from './store.ts';
import type { ThreadOptions, WorkerReply } from './worker-committer.ts';

/** The far side of worker-committer.ts: one message in, one transaction, one reply out. */
function serve(port: NonNullable<typeof parentPort>, file: ThreadOptions): void {
  let opened: { store: Store; close: () => void } | null = null;

  /** At the first group and not at the start, so that a file that cannot be opened now may be opened later. */
  function open(): { store: Store; close: () => void } {
    const database = openQueueFile(file);
    return { store: createStore(database, file), close: () => database.close() };
  }

  function reply(operations: readonly Operation[]): WorkerReply {
    try {
      opened ??= open();
      return { ok: true, executed: opened.store.execute(operations) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'FAILED';
      return { ok: false, code, message: error instanceof Error ? error.name : 'unknown' };
    }
  }

  port.on('message', (message: readonly Operation[] | 'close') => {
    if (message !== 'close') return port.postMessage(reply(message));
    opened?.close();
    port.close();
  });
}

const file: ThreadOptions = workerData;
if (parentPort !== null) serve(parentPort, file);
