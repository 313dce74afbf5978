import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { UsageFault } from './failure.ts';
import type { World } from './world.ts';

const DEMO_HELP = `
Options of the demo:
  --people <n>       people in the directory
  --mailboxes <n>    mailboxes that receive contacts
  --latency-ms <n>   how long the tenant takes to answer
  --job <kind>       directory, or cross-tenant: people in Exchange of a second tenant,
                     or mirror: members who share their own contacts, 10 unless --mailboxes says otherwise
  --seed <n>         another tenant, the same one for the same number
  --shape <shape>    embedded (one process), or distributed: several over a bus and PostgreSQL
  --json             print one JSON document on standard output and nothing else

Example:
  contact-sync demo --people 2000 --mailboxes 200`;

export function addDemo(program: Command, world: World, done: (code: number) => void): void {
  program
    .command('demo')
    .summary('watch the whole service at work on a simulated tenant')
    .description(
      'Starts a simulated tenant on this machine and the whole service against it: first fill, then changes of ' +
        'every kind, and at the end a comparison of every mailbox with the directory. No account is needed.',
    )
    .usage('[options]')
    .allowExcessArguments()
    .allowUnknownOption()
    .argument('[options...]')
    .addHelpText('after', DEMO_HELP)
    .action(async (args: readonly string[]) => {
      done(await world.runDemo(args));
    });
}

/** The demo and its tenant live with the tests; they are started as a process of their own, with this one's terminal. */
export async function spawnDemo(args: readonly string[]): Promise<number> {
  const main = path.join(import.meta.dirname, '../../test/demo/main.ts');
  if (!existsSync(main))
    throw new UsageFault('the demo comes with the source repository, and is not part of this installation');
  const child = spawn(process.execPath, [main, ...args], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    process.off('SIGTERM', forward).off('SIGINT', forward);
  }
}
