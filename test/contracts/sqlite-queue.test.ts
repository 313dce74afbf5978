import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock } from '../../src/kit/clock.ts';
import type { Committer } from '../../src/queue/committer.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../../src/queue/worker-committer.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { queueContract, type QueueUnderTest } from './queue-contract.ts';

interface Storage {
  /** A committer as a new process would have it; the one before is dropped. */
  open(): Promise<Committer>;
  close(): Promise<void>;
}

async function onStorage(storage: Storage, leaseMs: number): Promise<QueueUnderTest> {
  const clock = new VirtualClock();
  const open = async () =>
    openSqliteQueue({ committer: await storage.open(), messages: changeMessages, clock, leaseMs });
  const test: QueueUnderTest = {
    queue: await open(),
    // All that lay in the process lies in the file.
    traits: { mergesDelayed: true, takeOverMs: 0, quietMs: 24 * 3_600_000 },
    clock: { now: () => clock.now(), advance: (ms) => clock.run(clock.now() + ms) },
    async crash() {
      test.queue = await open();
    },
    close: () => storage.close(),
  };
  return test;
}

queueContract('SQLite, commits in this thread, database in memory', ({ leaseMs }) => {
  const database = new Database(':memory:');
  const storage: Storage = {
    open: async () => createInThreadCommitter(database),
    close: async () => void database.close(),
  };
  return onStorage(storage, leaseMs);
});

queueContract('SQLite, commits in a worker thread, database on disk', ({ leaseMs }) => {
  const folder = mkdtempSync(join(tmpdir(), 'queue-'));
  let committer: Committer | null = null;
  const storage: Storage = {
    async open() {
      await committer?.close();
      committer = createWorkerCommitter({ file: join(folder, 'queue.sqlite'), clock: systemClock });
      return committer;
    },
    async close() {
      await committer?.close();
      rmSync(folder, { recursive: true });
    },
  };
  return onStorage(storage, leaseMs);
});
