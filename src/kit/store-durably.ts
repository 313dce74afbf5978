import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes a small file for its owner alone (0600) so that after a crash it is there whole or not at all: a new
 * file is synced, takes the name, and then the folder that holds the name is synced.
 */
export function storeDurably(file: string, text: string): void {
  const fresh = `${file}.new`;
  syncing(fresh, 'w', (descriptor) => writeSync(descriptor, text));
  renameSync(fresh, file);
  // Windows cannot sync a folder, and does not need it: NTFS journals the rename.
  if (process.platform !== 'win32') syncing(path.dirname(file), 'r', () => undefined);
}

function syncing(file: string, flags: 'r' | 'w', work: (descriptor: number) => void): void {
  const descriptor = openSync(file, flags, 0o600);
  try {
    work(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
