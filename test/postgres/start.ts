import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../process/free-port.ts';
import { openToAll, programsFor, unprivileged, type Runner } from './binaries.ts';
import { databasesAt, type Databases } from './databases.ts';
import type { Guarded } from './guard-process.ts';
import { runProgram } from './program.ts';

/** A real PostgreSQL on a port of its own on loopback. */
export interface PostgresServer extends Databases {
  /** Of its own database, through which `databasesAt` makes others, also in another process. */
  readonly address: string;
  /** Where its files are. */
  readonly data: string;
  /** `fast` says good-bye to its clients; `immediate` is a crash: all that was committed comes back. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Again, on the same files and port. */
  start(): Promise<void>;
  /** Stops it and removes its files. The end of this process, however it comes, does the same. */
  close(): Promise<void>;
}

export interface PostgresSettings {
  /** More lines for `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Clients may ask for encryption (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const LOGIN = 'ledger';
const PASSWORD = 'only-on-loopback';

/**
 * Nothing is synced: a server that crashes has written everything to the operating system, which survives it. Shared memory
 * lies in files, so that nothing of a crashed one stays behind.
 */
const SETTINGS = {
  listen_addresses: "'127.0.0.1'",
  unix_socket_directories: "''",
  fsync: 'off',
  full_page_writes: 'off',
  dynamic_shared_memory_type: 'mmap',
  shared_buffers: "'64MB'",
  max_connections: 200,
  log_min_messages: 'fatal',
};

export async function startPostgres({ settings = {}, tls }: PostgresSettings = {}): Promise<PostgresServer> {
  const runner = unprivileged();
  const folder = mkdtempSync(path.join(openToAll(runner), 'postgres-'));
  const data = path.join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (runner) {
    chmodSync(folder, 0o755);
    chownSync(data, runner.uid, runner.gid);
  }
  const programs = programsFor(runner, folder);
  const release = guard({ folder, programs, runner });
  const run = (program: string, ...args: string[]): Promise<void> =>
    runProgram(path.join(programs, program), args, { runner, cwd: folder });
  const start = (): Promise<void> => run('pg_ctl', 'start', '-w', '-D', data, '-l', path.join(data, 'log'));
  try {
    const secret = path.join(folder, 'secret');
    writeForRunner(secret, PASSWORD);
    const login = [`--username=${LOGIN}`, `--pwfile=${secret}`, '--auth=scram-sha-256'];
    await run(
      'initdb',
      `--pgdata=${data}`,
      ...login,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--wal-segsize=4',
    );
    const port = await freePort();
    const all = { ...SETTINGS, port, ...(tls ? encrypted(tls, data, runner) : {}), ...settings };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
    writeForRunner(path.join(data, 'postgresql.conf'), lines.join(''));
    await start();
    const address = `postgres://${LOGIN}:${PASSWORD}@127.0.0.1:${port}/postgres`;
    return {
      ...databasesAt(address),
      address,
      data,
      stop: (mode) => run('pg_ctl', 'stop', '-w', '-m', mode, '-D', data),
      start,
      close: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Whatever the umask of this process: the one who runs the server is another. */
function writeForRunner(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o644);
}

/** The server refuses a key that others may read. */
function encrypted(
  tls: NonNullable<PostgresSettings['tls']>,
  data: string,
  runner: Runner | null,
): Record<string, string> {
  for (const [name, text] of [
    ['server.crt', tls.cert],
    ['server.key', tls.key],
  ] as const) {
    const file = path.join(data, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (runner) chownSync(file, runner.uid, runner.gid);
  }
  return { ssl: 'on' };
}

/** Returns what lets the guard do its work now. */
function guard(guarded: Guarded): () => Promise<void> {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'guard-process.ts'), JSON.stringify(guarded)],
    { stdio: ['pipe', 'ignore', 'inherit'], detached: true },
  );
  // Neither keeps this process from ending.
  child.unref();
  const { stdin } = child;
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return async () => {
    if (child.exitCode !== null) return;
    child.ref();
    const gone = once(child, 'exit');
    stdin.end();
    await gone;
  };
}
