import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { DataFolderFault } from './data-folder-fault.ts';
import { HeldByAnother } from './held-by-another.ts';
import { errorCode } from './errno.ts';

export interface FolderLock {
  release(): void;
}

/**
 * Holds a folder for this process alone until released. Throws `HeldByAnother`.
 *
 * The lock is an SQLite file kept in EXCLUSIVE locking mode, because that is a lock of the operating system:
 * the kernel drops it with the process, also after `kill -9` or a power cut, so there is never anything to
 * clean up; a file that merely *exists* would have to be judged stale, and two processes can judge at once.
 * Node offers no flock of its own, and SQLite is here anyway. It needs a local disk: network file systems
 * may promise locks and not keep them (sqlite.org, "How To Corrupt An SQLite Database File", 2.1).
 */
export function lockFolder(folder: string): FolderLock {
  const holder = path.join(folder, 'holder');
  const database = takeLock(folder, holder);
  // Only for the message of the one who comes second: nothing depends on this file being there or true.
  writeFileSync(holder, `process ${process.pid} on ${hostname()}\n`, { mode: 0o600 });
  const release = (): void => {
    process.off('exit', release);
    if (!database.open) return;
    rmSync(holder, { force: true });
    database.close();
  };
  // Takes the note away at the end, and until then keeps the database reachable: a handle that the garbage
  // collector closes would give the lock back under a working process.
  process.on('exit', release);
  return { release };
}

function takeLock(folder: string, holder: string): Database.Database {
  const database = openLock(folder);
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    // In this mode the lock of the first write is kept until the connection closes.
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (fault) {
    database.close();
    if (!errorCode(fault).startsWith('SQLITE_BUSY')) throw fault;
    throw new HeldByAnother(
      `${folder} is in use by ${holderOf(holder)}: one process at a time; stop that one, or look at it with "contact-sync status"`,
    );
  }
}

function openLock(folder: string): Database.Database {
  try {
    return new Database(path.join(folder, 'lock'), { timeout: 0 });
  } catch (fault) {
    throw new DataFolderFault(
      `the data folder ${folder} cannot be written (${errorCode(fault)}): it must belong to the user of the service`,
    );
  }
}

function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'another process';
  }
}
