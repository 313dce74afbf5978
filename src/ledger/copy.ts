import { existsSync, readFileSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import type { Ledger } from '../engine/ledger-port.ts';
import { openLedger } from './open.ts';

/** Where a database file says that it has a write-ahead log: https://sqlite.org/fileformat2.html#file_format_version_numbers */
const FORMAT_VERSIONS = [18, 19];
const ROLLBACK_JOURNAL = 1;

/**
 * The ledger as it is at this moment, in memory: what is done to it is forgotten when it closes. A service may be using the
 * file; where there is none, the copy is empty.
 */
export async function openLedgerCopy(path: string): Promise<Ledger> {
  const database = existsSync(path) ? load(path) : new SqliteDatabase(':memory:');
  const ledger = await openLedger({ database });
  return {
    ...ledger,
    close: async () => {
      await ledger.close();
      database.close();
    },
  };
}

function load(path: string): SqliteDatabase.Database {
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
