import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Queue } from '../../src/engine/queue-port.ts';
import type { RecordedWrite } from '../../src/engine/record-port.ts';
import type { TracedLook } from '../../src/engine/trace-port.ts';
import type { Config } from '../../src/kit/config/config.ts';
import { openDataFolder } from '../../src/kit/data-folder.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { Change } from '../../src/model/change.ts';
import { changeIdOf, traceparentOf } from '../../src/model/trace.ts';
import type { Write } from '../../src/model/write.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openQueueFile } from '../../src/queue/schema.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { QUEUE_FILE } from '../../src/run/files.ts';
import type { Surroundings } from '../../src/run/service.ts';
import { openLedgerOf } from '../../src/run/stores.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

export const AT = Date.UTC(2026, 10, 30, 10);
export const ANN = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
export const TRACE = traceparentOf({ kind: 'user', tenant: 'contoso', id: ANN }, AT);
export const CHANGE = changeIdOf(TRACE);

const transport = (): Promise<never> => Promise.reject(new Error('nobody is asked'));

/** A data folder with a ledger, and one change whose event came at `AT`. */
export interface Scene {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly surroundings: Surroundings;
  /** Fills the queues, as a service that is gone by then. */
  queued(use: (queues: { changes: Queue<Change>; writes: Queue<Write> }) => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

export async function openScene(now = AT + 60_000): Promise<Scene> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'contact-sync-'));
  openDataFolder({ path: data, deployment: null, fingerprintKey: null, random: systemRandom }).close();
  const config = { ...read(MINIMAL), data };
  const clock = new VirtualClock({ now });
  const surroundings = { clock, random: systemRandom, transport, log: silentLog };
  const ledger = await openLedgerOf(config, surroundings);
  return {
    config,
    ledger,
    surroundings,
    async queued(use) {
      const database = openQueueFile({ file: path.join(data, QUEUE_FILE) });
      const queue = { committer: createInThreadCommitter(database), clock, leaseMs: 60_000 };
      await use({
        changes: await openSqliteQueue({ ...queue, messages: changeMessages }),
        writes: await openSqliteQueue({ ...queue, messages: writeMessages }),
      });
      await queue.committer.close();
      database.close();
    },
    async close() {
      await ledger.close();
      await rm(data, { recursive: true });
    },
  };
}

export function look(more: Partial<TracedLook> = {}): TracedLook {
  const about = { changes: [CHANGE], kind: 'user', object: ANN, causes: ['notification'] } as const;
  return { ...about, outcome: 'new', fault: '', ...more };
}

export function write(mailbox: string, more: Partial<RecordedWrite> = {}): RecordedWrite {
  const about = { operation: 'patch', mailbox, route: 'staff', item: `of-${mailbox}`, identity: ANN };
  return { ...about, fields: ['jobTitle'], outcome: 'done', changes: [CHANGE], ...more };
}
