import type { Command } from 'commander';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import { many } from '../kit/counted.ts';
import type { World } from './world.ts';

export function addRetry(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('retry')))
    .option('--mailbox <id>', 'only the mailbox of this user (object id, as "status" shows it)')
    .summary('try parked mailboxes and failed work again now')
    .description(
      'Mailboxes that could not be used are parked, and tried again ever more slowly: after an hour at first, once a day in ' +
        'the end. So is work that failed again and again, as "status" shows it. When what stood in the way is mended, this ' +
        'ends the wait. The running service tries them within a minute; otherwise the next run or sync does.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync retry --mailbox 9c83ff06-aa8d-4637-9333-ac9e360de7ac')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      if (settings.job !== undefined)
        throw new UsageFault('a mailbox is parked for all jobs: name it with --mailbox, or none');
      const config = configOf(settings, world, STORES_ALONE);
      const { mailbox } = command.opts<{ mailbox?: string }>();
      const run = await world.loadRun();
      const { mailboxes: retried, other } = await run.retry(config, mailbox);
      world.stdout.write(
        settings.json ? `${JSON.stringify({ retried, other })}\n` : text({ mailbox, retried, other }),
      );
      done(EXIT.fine);
    });
}

function text({
  mailbox,
  retried,
  other,
}: {
  readonly mailbox: string | undefined;
  readonly retried: number;
  readonly other: number;
}): string {
  if (mailbox !== undefined && retried === 0) return `Not parked: ${mailbox}.\n`;
  if (retried + other === 0) return 'Nothing is parked, and nothing failed.\n';
  const again = [
    ...(retried > 0 ? [many(retried, 'mailbox', 'mailboxes')] : []),
    ...(other > 0 ? [many(other, 'failed piece of work', 'failed pieces of work')] : []),
  ];
  return `${again.join(' and ')} to be tried again.\n`;
}
