import type { Command } from 'commander';
import type { Config, JobConfig } from '../kit/config/config.ts';
import type { RevertReport } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, withJson, withSettings, type Settings } from './settings.ts';
import { hereOrBeside } from './with-service.ts';
import { count, many } from '../kit/counted.ts';
import { took } from './words.ts';
import type { World } from './world.ts';

export function addRevert(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('revert')))
    .option('--yes', 'do not ask')
    .summary('take back everything that a job put into mailboxes')
    .description(
      'Stops the job and removes every contact and folder that it made; originals that it adopted lose our mark and ' +
        'stay, as does whatever people put into the folders themselves. Every mailbox is looked at afterwards. Works beside ' +
        'a running service, or alone. Stop it with Ctrl-C or "pause", and start it again to go on; "resume --job" ' +
        'fills the mailboxes anew.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync revert --job staff\n\nExits 1 when mailboxes are left or still to be searched, or when it was stopped.',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      if (settings.job === undefined) throw new UsageFault('name the job to be reverted with --job');
      const config = configOf(settings, world, 'read');
      const { yes = false } = command.opts<{ yes?: boolean }>();
      if (!yes && !(await agreed(world, config, settings.job))) {
        world.stderr.write('Nothing was done.\n');
        return done(EXIT.fine);
      }
      const report = await revert(settings, world, { config, job: settings.job });
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
      done(report.left > 0 || report.searching ? EXIT.failed : EXIT.fine);
    });
}

async function agreed(world: World, config: Config, job: string): Promise<boolean> {
  if (world.confirm === undefined) throw new UsageFault('nobody is there to be asked: say --yes');
  const found = config.jobs.find(({ id }) => id === job);
  return world.confirm(`${whatGoes(job, found)} Go on?`);
}

function whatGoes(job: string, found: JobConfig | undefined): string {
  if (found?.kind === 'cross-tenant')
    return `Every mail contact that job ${job} made in the tenant ${found.target.tenant} is removed.`;
  return found?.kind === 'mirror'
    ? `Every copy that job ${job} made is removed from every mailbox, also where it was edited; what people wrote first stays.`
    : `Every contact that job ${job} put into "${found?.folder ?? job}" is removed from every mailbox.`;
}

/** By the service that has the data folder, or by this process when there is none. */
function revert(
  settings: Settings,
  world: World,
  { config, job }: { config: Config; job: string },
): Promise<RevertReport> {
  // All jobs: the queues hold work for the others as well, and it is not to be passed over.
  const whole = { ...settings, job: undefined };
  return hereOrBeside(
    { settings: whole, world },
    (service, signal) => service.revert(job, signal),
    (run, watching) => run.revertBeside(config, job, watching),
  );
}

function text(report: RevertReport): string {
  const { job, mailboxes, kept, left, searching, stopped, httpRequests, seconds } = report;
  const asked = httpRequests === null ? '' : ` and ${many(httpRequests, 'request')}`;
  const lines = [
    `Job ${job}: ${many(mailboxes, 'mailbox', 'mailboxes')} looked at afterwards, 0 contacts of it left in them; ` +
      `${took(seconds)}${asked}.`,
  ];
  if (kept > 0)
    lines.push(`${count(kept)} of the folders stay: people keep contacts or folders of their own there.`);
  if (left > 0) {
    lines.push(
      stopped
        ? `Stopped; ${many(left, 'mailbox', 'mailboxes')} not done. Start it again to go on.`
        : `${many(left, 'mailbox', 'mailboxes')} not done: parked or asked to wait, see "contact-sync status". Start it again later.`,
    );
  }
  if (searching) {
    lines.push(
      'The ledger was lost, and not every mailbox is searched yet for what it forgot: there may be more. Start it again later.',
    );
  }
  lines.push(`The job stays stopped until: contact-sync resume --job ${job}`);
  return `${lines.join('\n')}\n`;
}
