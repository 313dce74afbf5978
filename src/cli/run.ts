import type { Command } from 'commander';
import { EXIT } from './exit-code.ts';
import { settingsOf, withSettings } from './settings.ts';
import { withService } from './with-service.ts';
import type { World } from './world.ts';

export function addRun(program: Command, world: World, done: (code: number) => void): void {
  withSettings(program.command('run'))
    .summary('keep every mailbox right, until stopped')
    .description(
      'Runs the service: receives notifications (or asks for changes, where none can arrive), keeps the ' +
        'subscriptions, writes the contacts, and sweeps every night. Logs JSON lines on standard error. ' +
        'SIGTERM and Ctrl-C finish what is in hand first; a second one stops at once.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync run --config /etc/contact-sync/contact-sync.yaml')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      await withService({ settings, world, show: 'log' }, (service, signal) => service.run(signal));
      done(EXIT.fine);
    });
}
