import type { Command } from 'commander';
import type { SyncReport } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { startedFromVariables } from './from-variables.ts';
import { showPlan } from './plan.ts';
import { settingsOf, withJson, withSettings } from './settings.ts';
import { withService } from './with-service.ts';
import { many } from '../kit/counted.ts';
import { took } from './words.ts';
import type { World } from './world.ts';

export function addSync(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('sync')))
    .option('--once', 'bring everything up to date, then exit (what sync does anyway)')
    .summary('bring every mailbox up to date, then exit')
    .description(
      'Reads what changed, fills and corrects every mailbox, and exits: for pipelines and for a first fill by ' +
        'hand. Needs no public URL. Start it again as often as you like: what is right is not touched. Without a ' +
        'contact-sync.yaml it starts from the variables of the script that mirrors contacts with a shared mailbox ' +
        '(AUTOMATION_SYNCCONTACTS_CONFIG_JSON and its like), where they are set.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync sync --once --json > report.json || echo "look at it: $?"\n\n' +
        'In a pipeline that ran the mirroring script, with its variables:\n' +
        '  CONTACT_SYNC_ALLOW_CLIENT_SECRET=true contact-sync sync --once\n\n' +
        'Exits 1 when work failed or people could not be read, 3 when removals wait for "contact-sync approve".',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const started = startedFromVariables(settings, world);
      if (started?.isDryRun === true)
        return done(await showPlan({ config: started.config, settings, world, csv: false }));
      const working = { settings, world, show: 'bar', config: started?.config } as const;
      const report = await withService(working, async (service, signal) => {
        const synced = await service.syncOnce(signal);
        signal.throwIfAborted();
        return synced;
      });
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
      done(report.dead + report.failing > 0 ? EXIT.failed : report.held > 0 ? EXIT.held : EXIT.fine);
    });
}

function text(report: SyncReport): string {
  const {
    mailboxes,
    contacts,
    writes,
    httpRequests,
    seconds,
    waiting,
    failing,
    held,
    dead,
    blocked,
    stopped,
  } = report;
  const lines = [
    `${many(contacts, 'contact')} in ${many(mailboxes, 'mailbox', 'mailboxes')} looked after; ` +
      `${many(writes, 'write')} in ${many(httpRequests, 'request')}, ${took(seconds)}.`,
  ];
  for (const job of stopped)
    lines.push(`Job ${job} is stopped, nothing was written for it: "contact-sync status" says why.`);
  if (waiting > 0)
    lines.push(`${many(waiting, 'piece')} of work waiting for a later look or a busy mailbox.`);
  if (held > 0)
    lines.push(`${many(held, 'removal')} held: see "contact-sync status", then "contact-sync approve".`);
  if (blocked > 0)
    lines.push(
      `${many(blocked, 'folder or contact', 'folders and contacts')} without success: see "contact-sync status".`,
    );
  if (failing > 0)
    lines.push(
      `${many(failing, 'piece')} of work failed so far, and not everything is up to date: start it again.`,
    );
  if (dead > 0)
    lines.push(`${many(dead, 'piece')} of work failed again and again: see "contact-sync status".`);
  return `${lines.join('\n')}\n`;
}
