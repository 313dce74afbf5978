import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Counts the fsyncs of a child process, and slows them down. */
export interface FsyncMeter {
  /** For the child's environment. */
  readonly env: Readonly<Record<string, string>>;
  count(): number;
  delay(microseconds: number): void;
  close(): void;
}

/** Null where there is no C compiler or no LD_PRELOAD: then commits are counted instead, and no disk is slowed down. */
export function createFsyncMeter(folder: string): FsyncMeter | null {
  if (process.platform !== 'linux') return null;
  const library = join(folder, 'fsync-shim.so');
  const source = fileURLToPath(new URL('./fsync-shim.c', import.meta.url));
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
    stdio: 'ignore',
  });
  if (built.status !== 0) return null;
  const path = join(folder, 'fsync-figures');
  writeFileSync(path, Buffer.alloc(16));
  const file = openSync(path, 'r+');
  return {
    env: { LD_PRELOAD: library, FSYNC_FIGURES: path },
    count() {
      const bytes = Buffer.alloc(8);
      readSync(file, bytes, 0, 8, 0);
      return Number(bytes.readBigUInt64LE());
    },
    delay(microseconds) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(microseconds));
      writeSync(file, bytes, 0, 8, 8);
    },
    close: () => closeSync(file),
  };
}
