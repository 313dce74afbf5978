import { existsSync } from 'node:fs';
import type { Config } from '../../kit/config/config.ts';
import { viewDataFolder } from '../../kit/data-folder.ts';
import { createInThreadCommitter } from '../../queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../queue/messages.ts';
import { openQueueFile } from '../../queue/schema.ts';
import { openSqliteQueue } from '../../queue/sqlite-queue.ts';
import { QUEUE_FILE } from '../files.ts';
import type { Surroundings } from '../service.ts';
import type { Stores } from '../stores.ts';
import type { Letter, QueueName } from './report.ts';

/** The dead letters of both queues, beside whoever works on them. */
export interface DeadLetters {
  all(): Promise<Letter[]>;
  /** Forgets these and nothing else; returns how many were still there. */
  discard(letters: readonly Pick<Letter, 'queue' | 'id'>[]): Promise<number>;
}

/** Nothing is taken. */
const LEASE_MS = 60_000;
const NAMES: readonly QueueName[] = ['changes', 'writes'];

/** Opens the queues of the configuration for a while. Where there are none yet, there are no letters. */
export async function withDeadLetters<T>(
  config: Config,
  surroundings: Surroundings,
  use: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  const queues =
    config.queue.kind === 'serviceBus'
      ? (await import('../shared-stores.ts')).openBusQueues(config.queue, surroundings, { leaseMs: LEASE_MS })
      : await openFile(viewDataFolder(config.data).file(QUEUE_FILE), surroundings);
  if (queues === null) return use({ all: () => Promise.resolve([]), discard: () => Promise.resolve(0) });
  try {
    return await use(lettersOf(queues));
  } finally {
    await queues.close();
  }
}

function lettersOf(queues: Pick<Stores, QueueName>): DeadLetters {
  return {
    async all() {
      const found = await Promise.all(
        NAMES.map(async (queue) =>
          (await queues[queue].deadLetters()).map((letter): Letter => ({ ...letter, queue })),
        ),
      );
      return found.flat();
    },
    async discard(letters) {
      let discarded = 0;
      for (const name of NAMES) {
        const ids = letters.filter(({ queue }) => queue === name).map(({ id }) => id);
        if (ids.length > 0) discarded += await queues[name].discard(ids);
      }
      return discarded;
    },
  };
}

/** The service may have the file open: SQLite lets others write in between, and nothing here takes longer than a commit. */
async function openFile(
  file: string,
  { clock }: Surroundings,
): Promise<Pick<Stores, QueueName | 'close'> | null> {
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
