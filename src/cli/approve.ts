import type { Command } from 'commander';
import { EXIT } from './exit-code.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import { many } from '../kit/counted.ts';
import type { World } from './world.ts';

export function addApprove(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('approve')))
    .summary('release the removals that the guard holds')
    .description(
      'Releases held removals of one job, or of all: look at them with "contact-sync status" first. The running ' +
        'service carries them out within a minute; otherwise the next run or sync does.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync approve --job staff')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const config = configOf(settings, world, STORES_ALONE);
      const run = await world.loadRun();
      const released = await run.approve(config, ...(config.onlyJob === null ? [] : [config.onlyJob]));
      const plain =
        released === 0
          ? 'No removal was held; whatever else waited for an approval may go on.\n'
          : `Released ${many(released, 'removal')}.\n`;
      world.stdout.write(settings.json ? `${JSON.stringify({ released })}\n` : plain);
      done(EXIT.fine);
    });
}
