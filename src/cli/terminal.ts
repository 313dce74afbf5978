import { createInterface } from 'node:readline/promises';

/** Asks a person at the terminal; resolves with what was typed, without white space around it. */
export async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

/** Yes or no; anything but yes is no. */
export async function confirmAtTerminal(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askAtTerminal(`${question} [y/N] `));
}
