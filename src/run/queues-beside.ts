import { existsSync } from 'node:fs';
import type { Config } from '../kit/config/config.ts';
import { viewDataFolder } from '../kit/data-folder.ts';
import { createInThreadCommitter } from '../queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../queue/messages.ts';
import { openQueueFile } from '../queue/schema.ts';
import { openSqliteQueue } from '../queue/sqlite-queue.ts';
import { QUEUE_FILE } from './files.ts';
import type { Surroundings } from './service.ts';
import type { Stores } from './stores.ts';

export type Queues = Pick<Stores, 'changes' | 'writes'>;

/** Nothing is taken. */
const LEASE_MS = 60_000;

/** Opens both queues of the configuration for a while, beside whoever works on them; null where there are none yet. */
export async function withQueues<T>(
  config: Config,
  surroundings: Surroundings,
  use: (queues: Queues | null) => Promise<T>,
): Promise<T> {
  const queues =
    config.queue.kind === 'serviceBus'
      ? (await import('./shared-stores.ts')).openBusQueues(config.queue, surroundings, { leaseMs: LEASE_MS })
      : await openFile(viewDataFolder(config.data).file(QUEUE_FILE), surroundings);
  if (queues === null) return use(null);
  try {
    return await use(queues);
  } finally {
    await queues.close();
  }
}

/** The service may have the file open: SQLite lets others write in between, and nothing here takes longer than a commit. */
async function openFile(
  file: string,
  { clock }: Surroundings,
): Promise<(Queues & Pick<Stores, 'close'>) | null> {
  if (!existsSync(file)) return null;
  const database = openQueueFile({ file });
  const queue = { committer: createInThreadCommitter(database), clock, leaseMs: LEASE_MS };
  return {
    changes: await openSqliteQueue({ ...queue, messages: changeMessages }),
    writes: await openSqliteQueue({ ...queue, messages: writeMessages }),
    close: async () => {
      await queue.committer.close();
      database.close();
    },
  };
}
