import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { recoverLostQueue } from '../engine/lost-queue.ts';
import type { Clock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import { keyOf, refuseAnotherKey } from '../kit/data-folder.ts';
import { HeldByAnother } from '../kit/held-by-another.ts';
import { copyLedger, type CopiedTable } from '../ledger/copying.ts';
import { openWholeFile } from '../ledger/sqlite/whole.ts';
import type { WholeLedger } from '../ledger/whole.ts';
import { LEDGER_FILE } from './files.ts';
import { createKeeperLease } from './keeper-lease.ts';
import { carryGenerations, carryMessages } from './move-queues.ts';
import { MOVED_AWAY, MOVING_IN } from './moved.ts';
import { LEASE_MS } from './parts.ts';
import type { Surroundings } from './service.ts';
import type { SharedConfig } from './shared-config.ts';
import { openBusQueues, openWholeOf } from './shared-stores.ts';
import { createReleases, openFiles, openLedgerOf, type Stores } from './stores.ts';

export type Shape = 'embedded' | 'distributed';

export interface MoveReport {
  readonly from: Shape;
  readonly to: Shape;
  readonly tables: readonly CopiedTable[];
  /** Messages that waited, and wait at the other side now. */
  readonly messages: number;
  /** Messages that the source keeps for later; because of them every mailbox is read anew at the other side. */
  readonly left: number;
  readonly seconds: number;
}

/** One of the two sides, opened for this process alone. */
interface Side {
  readonly stores: Stores;
  readonly whole: WholeLedger;
  close(): Promise<void>;
}

/** Delays of messages in a file are over for a clock that is so far ahead. */
const AHEAD_MS = 10 * 365 * 86_400_000;
/** Longer than two signs of life of a process at work. */
const WATCH_MS = 5_000;

/**
 * Moves ledger and waiting messages from the files of the data folder to the bus and the database of the configuration, or back.
 * Nobody may be at work on either side. The source stays as it was, but for a word in it that keeps everybody from working on it;
 * a move that did not end begins anew when it is started again.
 */
export async function move(
  config: SharedConfig,
  surroundings: Surroundings,
  { from, onProgress }: { from: Shape; onProgress?: (progress: { done: number; total: number }) => void },
): Promise<MoveReport> {
  const { clock, log } = surroundings;
  const startedAt = clock.now();
  refuseAnotherKey(config.data, keyOf(config.fingerprintKey?.text() ?? ''));
  const embedded = await openEmbedded(config, surroundings, from === 'embedded');
  try {
    return await withDistributed(config, surroundings, async (distributed) => {
      const [source, target] = from === 'embedded' ? [embedded, distributed] : [distributed, embedded];
      await refuseFull(target);
      await target.stores.ledger.counters.set(MOVING_IN, clock.now());
      await target.whole.clear([MOVING_IN]);
      const tables = await copyLedger({
        from: source.whole,
        to: target.whole,
        without: new Set([MOVING_IN, MOVED_AWAY]),
        onProgress: ({ done, total }) => onProgress?.({ done, total }),
      });
      const { messages, left } = await carryMessages(source.stores, target.stores, clock);
      const missing = await carryGenerations(target.stores.ledger, target.stores.writes, clock);
      if (left + missing > 0) await recoverLostQueue(target.stores.ledger, log, clock.now());
      await source.stores.ledger.counters.set(MOVED_AWAY, clock.now());
      await target.stores.ledger.counters.set(MOVING_IN, 0);
      const to = from === 'embedded' ? 'distributed' : 'embedded';
      return { from, to, tables, messages, left, seconds: (clock.now() - startedAt) / 1_000 };
    });
  } finally {
    await embedded.close();
  }
}

async function openEmbedded(config: Config, surroundings: Surroundings, isSource: boolean): Promise<Side> {
  const { clock } = surroundings;
  if (isSource && !existsSync(`${config.data}/${LEDGER_FILE}`))
    throw new DataFolderFault(`there is no ledger in ${config.data} to be moved`);
  const ahead: Clock = { now: () => clock.now() + AHEAD_MS, sleep: (...given) => clock.sleep(...given) };
  const stores = await openFiles(config, isSource ? { ...surroundings, clock: ahead } : surroundings, {
    leaseMs: LEASE_MS,
    forMoving: true,
  });
  const whole = await openWholeFile(`${config.data}/${LEDGER_FILE}`);
  return {
    stores,
    whole,
    close: async () => {
      await whole.close();
      await stores.close();
    },
  };
}

async function withDistributed<T>(
  config: SharedConfig,
  surroundings: Surroundings,
  work: (side: Side) => Promise<T>,
): Promise<T> {
  const { clock, log } = surroundings;
  const releases = createReleases();
  try {
    const ledger = await openLedgerOf(config, surroundings);
    releases.push(() => ledger.close());
    const whole = await openWholeOf(config.ledger, surroundings);
    releases.push(() => whole.close());
    const queues = openBusQueues(config.queue, surroundings, { leaseMs: LEASE_MS });
    releases.push(() => queues.close());
    const { deployment, fingerprintKey } = config;
    const stores: Stores = {
      deployment: deployment ?? '',
      fingerprintKey: keyOf(fingerprintKey?.text() ?? ''),
      ledger,
      ...queues,
      close: () => releases.close(),
    };
    const lease = createKeeperLease({ leases: ledger.leases, holder: `move on ${hostname()}`, clock, log });
    return await lease.once(new AbortController().signal, async () => {
      await refuseAtWork(stores, clock);
      return work({ stores, whole, close: () => releases.close() });
    });
  } finally {
    await releases.close();
  }
}

async function refuseAtWork({ ledger }: Stores, clock: Clock): Promise<void> {
  const before = new Map((await ledger.crew.all()).map(({ id, beat }) => [id, beat]));
  if (before.size === 0) return;
  await clock.sleep(WATCH_MS);
  const alive = (await ledger.crew.all()).find(({ id, beat }) => before.get(id) !== beat);
  if (alive)
    throw new HeldByAnother(`the process ${alive.id} is at work: stop every worker and keeper before a move`);
}

async function refuseFull({ whole, stores }: Side): Promise<void> {
  if ((await whole.isEmpty()) || (await stores.ledger.counters.read(MOVING_IN)) > 0) return;
  throw new DataFolderFault(
    'the ledger to be moved into is not empty: take an empty database, or move the ledger files out of the data folder',
  );
}
