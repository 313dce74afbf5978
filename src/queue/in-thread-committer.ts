import type { Database as Handle } from 'better-sqlite3';
import { createCommitter, type Committer } from './committer.ts';
import { createTables } from './schema.ts';
import { createStore, type StoreLimits } from './store.ts';

/**
 * Commits in this thread, at the end of the turn in which something arrived: the same in every run, and blind to
 * time, so it works on a virtual clock. The database stays its owner's: closing the committer leaves it open.
 */
export function createInThreadCommitter(database: Handle, limits: StoreLimits = {}): Committer {
  createTables(database);
  const store = createStore(database, limits);
  return createCommitter({ execute: (operations) => store.execute(operations), release: () => {} });
}
