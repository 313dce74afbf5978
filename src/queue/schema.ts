import Database, { type Database as Handle } from 'better-sqlite3';
import type { QueueName } from './messages.ts';

/** Both queues live in one file: one commit serves what arrives together, whichever queue it is for. */
const queueNames: readonly QueueName[] = ['changes', 'writes'];

export interface QueueFileOptions {
  readonly file: string;
  /** How long another process's lock is waited for, in milliseconds. */
  readonly busyMs?: number;
}

const DEFAULT_BUSY_MS = 1000;
export const LAYOUT_VERSION = 1;

/** Opens or creates the queue file with full durability. Throws when it was written by a newer version. */
export function openQueueFile(options: QueueFileOptions): Handle {
  const database = new Database(options.file, { timeout: options.busyMs ?? DEFAULT_BUSY_MS });
  try {
    database.pragma('journal_mode = WAL');
    // In WAL mode only FULL survives a loss of power: https://sqlite.org/pragma.html#pragma_synchronous
    database.pragma('synchronous = FULL');
    createTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Also fit for a database handed in from outside, in memory for example. */
export function createTables(database: Handle): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version === LAYOUT_VERSION) return;
  if (version !== 0)
    throw new Error(`the queue file has layout ${version}, this program knows ${LAYOUT_VERSION}`);
  database.transaction(() => {
    for (const queue of queueNames) database.exec(tablesOf(queue));
    database.pragma(`user_version = ${LAYOUT_VERSION}`);
  })();
}

/**
 * `inbox` is what was sent and not yet sorted in: appended at the end of one tree, because a commit that touches
 * random pages of five trees was measured at 67 us a message where this one takes 5, and the sender waits for it.
 * `message` is what is sorted in: waiting while `token` is null, else held under it. `key` has one row per key with
 * messages; its `due` counts only while nobody holds the key. `fence` numbers the leases and never goes back. `state`
 * is what holders stored with a key: it stays when the key has no messages left.
 */
function tablesOf(queue: QueueName): string {
  return `
    CREATE TABLE ${queue}_inbox (id INTEGER PRIMARY KEY, messages TEXT NOT NULL) STRICT;
    CREATE TABLE ${queue}_message (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      mergeKey TEXT,
      body TEXT NOT NULL,
      due INTEGER NOT NULL,
      enqueuedAt INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      token INTEGER
    ) STRICT;
    CREATE INDEX ${queue}_waiting ON ${queue}_message (key, due) WHERE token IS NULL;
    CREATE UNIQUE INDEX ${queue}_mergeable ON ${queue}_message (mergeKey) WHERE token IS NULL AND mergeKey IS NOT NULL;
    CREATE INDEX ${queue}_held ON ${queue}_message (token) WHERE token IS NOT NULL;
    CREATE TABLE ${queue}_key (
      key TEXT PRIMARY KEY,
      due INTEGER NOT NULL,
      token INTEGER,
      leasedUntil INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ${queue}_key_free ON ${queue}_key (due) WHERE token IS NULL;
    CREATE INDEX ${queue}_key_held ON ${queue}_key (leasedUntil) WHERE token IS NOT NULL;
    CREATE TABLE ${queue}_state (key TEXT PRIMARY KEY, state INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE ${queue}_fence (last INTEGER NOT NULL) STRICT;
    INSERT INTO ${queue}_fence VALUES (0);
    CREATE TABLE ${queue}_dead (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      body TEXT NOT NULL,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
  `;
}
