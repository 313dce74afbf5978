import { Command, CommanderError, Option } from 'commander';
import { ERROR_PREFIX } from '../kit/journal.ts';
import { addApprove } from './approve.ts';
import { addAudit } from './audit.ts';
import { addDashboard } from './dashboard.ts';
import { addDead } from './dead.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { EXIT, EXIT_HELP } from './exit-code.ts';
import { explain } from './failure.ts';
import { addExplain } from './explain.ts';
import { addImport } from './import.ts';
import { addInit } from './init.ts';
import { addMove } from './move.ts';
import { addPause, addResume } from './pause.ts';
import { addPlan } from './plan.ts';
import { addQueue } from './queue.ts';
import { addRecord } from './record.ts';
import { addRetry } from './retry.ts';
import { addRevert } from './revert.ts';
import { addRopa } from './ropa.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';
import { addStatus } from './status.ts';
import { addSubject } from './subject.ts';
import { addSweep } from './sweep.ts';
import { addSync } from './sync.ts';
import { addTrace } from './trace.ts';
import type { World } from './world.ts';

/** Carries out one command line; resolves with the exit code and never rejects. */
export async function execute(args: readonly string[], world: World): Promise<number> {
  let code: number = EXIT.usage;
  const program = describeProgram(world, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? EXIT.fine : EXIT.usage;
    const explained = explain(fault, { debug: args.includes('--debug') });
    world.stderr.write(
      world.isJournal ? explained.text.replaceAll(/^(?=.)/gm, ERROR_PREFIX) : explained.text,
    );
    return explained.code;
  }
}

function describeProgram(world: World, done: (code: number) => void): Command {
  const program = new Command('contact-sync')
    .description(
      "Puts the company directory of a Microsoft 365 tenant into everybody's contacts, and keeps it right within " +
        'seconds. Start with "demo"; then "init" writes a contact-sync.yaml, "plan" shows what would happen, and "doctor" what is wrong.',
    )
    .version(world.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'tell more about a command, with an example')
    .usage('<command> [options]')
    .addHelpText('after', `\n${EXIT_HELP}`)
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'contact-sync: ')),
    })
    .showHelpAfterError('("contact-sync help" shows what there is)')
    .enablePositionalOptions()
    .exitOverride();
  // The same options before the command's name, where some people put them.
  for (const flags of ['--config <file>', '--job <id>', '--debug']) {
    program.addOption(new Option(flags).hideHelp());
  }
  const orders = [addApprove, addPause, addResume, addRetry, addRevert];
  for (const add of [
    addInit,
    addDoctor,
    addPlan,
    addRun,
    addSync,
    addSweep,
    addAudit,
    addStatus,
    addDead,
    addDashboard,
    addExplain,
    addTrace,
    ...orders,
    addSubject,
    addRecord,
    addRopa,
    addMove,
    addQueue,
    addDemo,
    addImport,
    addSchema,
  ])
    add(program, world, done);
  return program;
}
