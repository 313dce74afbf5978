import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ENTRY = path.join(import.meta.dirname, '../../src/cli/contact-sync.mjs');
/** Halves what a start costs, and there are hundreds: https://nodejs.org/docs/latest-v24.x/api/cli.html#node_compile_cachedir */
export const COMPILED = { NODE_COMPILE_CACHE: path.join(tmpdir(), 'contact-sync-compiled') };

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the program. */
export interface Program {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Standard error so far: the log of `run`. */
  readonly said: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Starts the real command line, in the folder `cwd` if one is given. `env` is added to this process's. */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Program {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { ...COMPILED, ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const ended = once(child, 'close').then((): Ended => {
    const { exitCode: code, signalCode: signal } = child;
    return { code, signal, stdout, stderr };
  });
  if (child.pid === undefined) throw new Error('The program could not be started.');
  return { pid: child.pid, ended, said: () => stderr, kill: (signal) => void child.kill(signal) };
}

/** A command with the configuration of a folder: its `authority.pem` is trusted, and what it refers to as `env:KEY` is there. */
export function startIn(folder: string, command: string, ...args: readonly string[]): Program {
  return startProgram([command, '--config', path.join(folder, 'contact-sync.yaml'), ...args], {
    NODE_EXTRA_CA_CERTS: path.join(folder, 'authority.pem'),
    KEY: 'k'.repeat(48),
  });
}
