import { existsSync } from 'node:fs';
import type { Ledger } from '../engine/ledger-port.ts';
import { recoverLostQueue } from '../engine/lost-queue.ts';
import type { Queue } from '../engine/queue-port.ts';
import { noteLostLedger } from '../engine/recall.ts';
import type { Config } from '../kit/config/config.ts';
import { keyOf, openDataFolder, viewDataFolder } from '../kit/data-folder.ts';
import type { Log } from '../kit/log.ts';
import { openLedgerFile } from '../ledger/open.ts';
import type { Change } from '../model/change.ts';
import type { Write } from '../model/write.ts';
import { changeMessages, writeMessages } from '../queue/messages.ts';
import { openSqliteQueue } from '../queue/sqlite-queue.ts';
import { createWorkerCommitter } from '../queue/worker-committer.ts';
import type { Asking } from './database-access.ts';
import { LEDGER_FILE, QUEUE_FILE } from './files.ts';
import { placesOf } from './places.ts';
import { refuseMoved } from './moved.ts';
import type { Surroundings } from './service.ts';

/** What outlives a process, and what must be the same for all of them. */
export interface Stores {
  /** In every mark and subscription. */
  readonly deployment: string;
  readonly fingerprintKey: Uint8Array;
  readonly ledger: Ledger;
  readonly changes: Queue<Change>;
  readonly writes: Queue<Write>;
  /** Gives everything back. */
  close(): Promise<void>;
}

/** Closes what was opened, in the reverse order of opening. */
interface Releases {
  push(release: () => Promise<void> | void): void;
  close(): Promise<void>;
}

export function createReleases(): Releases {
  const releases: (() => Promise<void> | void)[] = [];
  return {
    push: (release) => void releases.push(release),
    close: async () => {
      for (const release of releases.splice(0).toReversed()) await release();
    },
  };
}

/**
 * The files of the data folder, for the one process that has it; throws `HeldByAnother` when another does. Whatever was lost
 * of them since the last time is noted, so that it is found again; not so `forMoving`, since what is moved in is not lost.
 */
export async function openFiles(
  config: Config,
  surroundings: Surroundings,
  { leaseMs, forMoving = false }: { readonly leaseMs: number; readonly forMoving?: boolean },
): Promise<Stores> {
  const { clock, log, random } = surroundings;
  const folder = openDataFolder({
    path: config.data,
    deployment: config.deployment,
    fingerprintKey: config.fingerprintKey === null ? null : keyOf(config.fingerprintKey.text()),
    firstKey: config.firstKey && keyOf(config.firstKey.text()),
    random,
  });
  const releases = createReleases();
  releases.push(() => folder.close());
  try {
    const ledger = await openLedgerFile({ path: folder.file(LEDGER_FILE), log });
    releases.push(() => ledger.close());
    const file = folder.file(QUEUE_FILE);
    if (!forMoving) {
      await refuseMoved(ledger.counters);
      const tenants = placesOf(config);
      if (!folder.isNew) await noteLostLedger(ledger, tenants, clock.now());
      if (!existsSync(file)) await recoverLostQueue(ledger, log, clock.now());
    }
    const committer = createWorkerCommitter({ file, clock });
    releases.push(() => committer.close());
    const queue = { committer, clock, leaseMs, dropLeases: true };
    return {
      deployment: folder.deployment,
      fingerprintKey: folder.fingerprintKey,
      ledger,
      changes: await openSqliteQueue({ ...queue, messages: changeMessages }),
      writes: await openSqliteQueue({ ...queue, messages: writeMessages }),
      close: () => releases.close(),
    };
  } catch (error) {
    await releases.close();
    throw error;
  }
}

/** The ledger of the configuration, beside whatever else uses it; nothing is locked. */
export async function openLedgerOf(config: Config, asking: Asking & { readonly log?: Log }): Promise<Ledger> {
  const { log } = asking;
  if (config.ledger.kind === 'sqlite') {
    const path = viewDataFolder(config.data).file(LEDGER_FILE);
    return openLedgerFile({ path, ...(log === undefined ? {} : { log }) });
  }
  const { openDatabaseOf } = await import('./shared-stores.ts');
  return openDatabaseOf(config.ledger, asking);
}
