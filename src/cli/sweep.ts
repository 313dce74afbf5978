import type { Command } from 'commander';
import type { SweepReport } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { settingsOf, withJson, withSettings } from './settings.ts';
import { withService } from './with-service.ts';
import { count, many } from '../kit/counted.ts';
import { took } from './words.ts';
import type { World } from './world.ts';

export function addSweep(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('sweep')))
    .summary('look for changes that nobody announced, and carry them out')
    .description(
      'Asks the directory what changed since the last sweeps, and brings the mailboxes up to date. The service ' +
        'does this every night by itself; the command is for a sweep now, while the service is stopped.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync sweep --job staff')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const report = await withService({ settings, world, show: 'bar' }, async (service, signal) => {
        const swept = await service.sweep(signal);
        signal.throwIfAborted();
        return swept;
      });
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
      done(EXIT.fine);
    });
}

function text({ changed, found, httpRequests, seconds }: SweepReport): string {
  return (
    `Swept in ${took(seconds)} with ${many(httpRequests, 'request')}: ${many(changed, 'changed object')}, ` +
    `${count(found)} of them never announced.\n`
  );
}
