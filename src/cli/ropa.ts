import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { many } from '../kit/counted.ts';
import { errorCode } from '../kit/errno.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { ropaText } from './ropa-text.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

export function addRopa(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('ropa')))
    .option('--output <file>', 'write it into this file, which must not be there yet')
    .summary('print the record of processing activities (GDPR Art. 30) of what is configured')
    .description(
      'Makes the record of processing activities from the configuration: purposes, categories of people and of data, recipients, ' +
        'retention, transfers and safeguards, job by job. What only you know, such as the controller and the legal basis, stands under ' +
        '"compliance" in the configuration; what is missing there is named. Needs no running service and reads no secret.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync ropa --output record-of-processing.md')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { output } = command.opts<{ output?: string }>();
      const config = configOf(settings, world, 'unread');
      const run = await world.loadRun();
      const ropa = await run.ropa(config, world.clock.now());
      const text = settings.json ? `${JSON.stringify(ropa)}\n` : ropaText(ropa);
      if (output === undefined) world.stdout.write(text);
      else writeNew(output, text);
      const open = ropa.toFillIn.length;
      if (open > 0)
        world.stderr.write(
          `${many(open, 'entry', 'entries')} to be filled in: ${ropa.toFillIn.map(({ key }) => key).join(', ')}\n`,
        );
      done(EXIT.fine);
    });
}

/** Never over a file that is there: it may be the record of last year. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (fault) {
    const code = errorCode(fault);
    throw new UsageFault(
      code === 'EEXIST'
        ? `${file} is there already, and was left as it is: choose another name for --output`
        : `${file} cannot be written (${code}): choose another place for --output`,
    );
  }
}
