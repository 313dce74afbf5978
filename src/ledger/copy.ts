import { existsSync, readFileSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import type { Ledger } from '../engine/ledger-port.ts';
import { copyLedger } from './copying.ts';
import { openLedger } from './open.ts';
import { openWholeOver } from './sqlite/whole.ts';
import type { WholeLedger } from './whole.ts';

/** Where a database file says that it has a write-ahead log: https://sqlite.org/fileformat2.html#file_format_version_numbers */
const FORMAT_VERSIONS = [18, 19];
const ROLLBACK_JOURNAL = 1;

/**
 * The ledger as it is at this moment, in memory: what is done to it is forgotten when it closes. A service may be using the
 * file; where there is none, the copy is empty.
 */
export async function openLedgerCopy(path: string): Promise<Ledger> {
  return openIn(existsSync(path) ? load(path) : new SqliteDatabase(':memory:'));
}

/** The same of a ledger in another database, which others may be using: as much memory as it has rows. Null: there is none yet. */
export async function openCopyOf(from: WholeLedger | null): Promise<Ledger> {
  const database = new SqliteDatabase(':memory:');
  if (from === null) return openIn(database);
  const to = await openWholeOver(database);
  await copyLedger({ from, to, without: new Set(), onProgress: () => {} });
  await to.close();
  return openIn(database);
}

async function openIn(database: SqliteDatabase.Database): Promise<Ledger> {
  const ledger = await openLedger({ database });
  return {
    ...ledger,
    close: async () => {
      await ledger.close();
      database.close();
    },
  };
}

/** Throws what SQLite says of a file that is none, or cannot be read. */
export function load(path: string): SqliteDatabase.Database {
  const image = imageOf(path);
  // A database in memory cannot have a log.
  for (const at of FORMAT_VERSIONS) image[at] = ROLLBACK_JOURNAL;
  return new SqliteDatabase(image);
}

/** Opening leaves files for the log beside it, also when it is only read: a ledger that nobody has open is read as a file. */
function imageOf(path: string): Buffer {
  const log = `${path}-wal`;
  if (!existsSync(log)) {
    const image = readFileSync(path);
    if (!existsSync(log)) return image;
  }
  const file = new SqliteDatabase(path, { readonly: true });
  try {
    return file.serialize();
  } finally {
    file.close();
  }
}
