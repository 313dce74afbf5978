import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

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

/** Starts a program without a shell. What it says on standard error is nobody's: it may quote what must not be logged. */
export const converse: Converse = ({ file, args }, { onLine, onEnd }) => {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  let isOver = false;
  const over = (why: 'ended' | 'notStarted'): void => {
    if (isOver) return;
    isOver = true;
    onEnd(why);
  };
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
