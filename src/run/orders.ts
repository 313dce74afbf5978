import type { HaltScope } from '../engine/ledger-books.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { orderRevert } from '../engine/revert.ts';
import { systemClock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { viewDataFolder } from '../kit/data-folder.ts';
import { openLedgerFile } from '../ledger/open.ts';
import { LEDGER_FILE } from './files.ts';
import { followRevert, type Watching } from './reverting.ts';
import type { RevertReport } from './service.ts';

/**
 * What administrators order while a service may be running, in another process: lines in the ledger, which SQLite lets both
 * write. No lock is taken.
 */

/** Releases held removals of one job, or of all; the running service carries them out within a minute. */
export function approve(config: Config, job?: string): Promise<number> {
  return withLedger(config, (ledger) => ledger.guard.approve(job ?? null, systemClock.now()));
}

/** Nothing is written to the mailboxes of the scope any more, within about a second. */
export function pause(config: Config, scope: HaltScope): Promise<void> {
  return withLedger(config, (ledger) =>
    ledger.halts.set({ scope, mode: 'paused', since: systemClock.now() }),
  );
}

/** Takes the scope up again; false when it was not stopped. A job that was reverted is filled anew. */
export function resume(config: Config, scope: HaltScope): Promise<boolean> {
  return withLedger(config, (ledger) => ledger.halts.lift(scope));
}

/** Orders a revert of the service that runs on this data folder, and watches it. */
export function revertBeside(config: Config, job: string, watching: Watching): Promise<RevertReport> {
  return withLedger(config, async (ledger) => {
    await orderRevert(ledger, job, watching.clock.now());
    return followRevert(ledger, job, watching);
  });
}

export async function withLedger<T>(config: Config, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedgerFile({ path: viewDataFolder(config.data).file(LEDGER_FILE) });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}
