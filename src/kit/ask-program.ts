import { spawn } from 'node:child_process';

/** What a program was asked and may use; it inherits the environment. */
export interface ProgramAsked {
  readonly file: string;
  readonly args: readonly string[];
  /** On its standard input, so that it stands in no list of processes. */
  readonly input: string;
  /** Milliseconds; then it is ended. */
  readonly withinMs: number;
}

/** Runs a program without a shell; resolves with its exit code (null when it was ended) and standard output. Rejects when it cannot be started. */
export type AskProgram = (asked: ProgramAsked) => Promise<{ code: number | null; output: string }>;

export const askProgram: AskProgram = ({ file, args, input, withinMs }) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: withinMs,
      windowsHide: true,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
    // One that ends without reading is judged by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
