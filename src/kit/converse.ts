import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A program that is spoken to line by line; it inherits the environment. */
export interface Conversation {
  say(line: string): void;
  /** Ends the program. */
  end(): void;
}

/** Who listens: to every line, and to the end, which comes once. */
export interface Listening {
  readonly onLine: (line: string) => void;
  /** `notStarted`: there is no such program. */
  readonly onEnd: (why: 'ended' | 'notStarted') => void;
}

export type Converse = (
  program: { readonly file: string; readonly args: readonly string[] },
  listening: Listening,
) => Conversation;

/**
 * Starts a program without a shell, and never throws: one that cannot be started ends at once, as `notStarted`. What it says on
 * standard error is nobody's: it may quote what must not be logged.
 */
export const converse: Converse = (program, { onLine, onEnd }) => {
  let isOver = false;
  const over = (why: 'ended' | 'notStarted'): void => {
    if (isOver) return;
    isOver = true;
    onEnd(why);
  };
  const child = started(program);
  if (child === null) {
    // The caller has no conversation yet to compare with.
    process.nextTick(() => over('notStarted'));
    return { say: () => {}, end: () => {} };
  }
  createInterface({ input: child.stdout.setEncoding('utf8') }).on('line', onLine);
  child.on('error', () => over(child.pid === undefined ? 'notStarted' : 'ended'));
  child.on('close', () => over('ended'));
  // One that is gone is heard of by its end.
  child.stdin.on('error', () => {});
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    end: () => {
      child.stdin.end();
      child.kill();
    },
  };
};

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Null: it could not be started. Without file descriptors, `spawn` answers with a child that has no streams, whatever its type says. */
function started({ file, args }: Parameters<Converse>[0]): Child | null {
  try {
    const child: Pick<Child, 'on'> & Partial<Child> = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    if (isWhole(child)) return child;
    child.on('error', () => {});
    return null;
  } catch {
    return null;
  }
}

function isWhole(child: Pick<Child, 'on'> & Partial<Child>): child is Child {
  return child.stdin !== undefined && child.stdout !== undefined;
}
