import type { Command } from 'commander';
import type { AuditReport, MailboxAudit } from '../run/audit-report.ts';
import { EXIT } from './exit-code.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import { hereOrBeside } from './with-service.ts';
import { count, many } from '../kit/counted.ts';
import { took } from './words.ts';
import type { World } from './world.ts';

export function addAudit(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('audit')))
    .option('--full', 'read every contact of every managed folder, not only what changed')
    .summary('hold every mailbox against the directory, and put right what drifted')
    .description(
      'Finds what owners changed, moved or deleted in the managed folders, heals it, and looks once more. The ' +
        'service does this by itself, a share of the mailboxes every night; the command is for a proof now. Beside ' +
        'a running service, which does the work, it takes a few minutes. What owners keep in the folder beside ours is theirs, and no difference.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync audit --full --json > proof.json && echo "every mailbox is equal"\n\n' +
        'Exits 1 when a mailbox is not equal, or could not be verified.',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const full = command.opts<{ full?: boolean }>().full ?? false;
      const report = await hereOrBeside(
        { settings, world },
        (service, signal) => unlessStopped(signal, service.audit(signal, { full })),
        (run, watching) =>
          unlessStopped(
            watching.signal,
            run.auditBeside(configOf(settings, world, STORES_ALONE), { full }, watching),
          ),
      );
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
      done(report.equal ? EXIT.fine : EXIT.failed);
    });
}

/** Half an audit proves nothing. */
async function unlessStopped(signal: AbortSignal, audit: Promise<AuditReport>): Promise<AuditReport> {
  const report = await audit;
  signal.throwIfAborted();
  return report;
}

function text({ mailboxes, failing, httpRequests, seconds }: AuditReport): string {
  const total = { missing: 0, changed: 0, extra: 0, folders: 0 };
  for (const { found } of mailboxes) {
    total.missing += found.missing;
    total.changed += found.changed;
    total.extra += found.extra;
    if (found.folderMissing) total.folders += 1;
  }
  const asked = httpRequests === null ? '' : ` with ${many(httpRequests, 'request')}`;
  const unequal = mailboxes.filter(({ equal }) => !equal);
  const lines = [
    `${many(mailboxes.length, 'mailbox', 'mailboxes')} verified${asked}, ${took(seconds)}: ` +
      `${count(mailboxes.length - unequal.length)} equal, ${count(unequal.length)} not.`,
    `Found: ${count(total.missing)} missing, ${count(total.changed)} changed, ${count(total.extra)} extra, ` +
      `${many(total.folders, 'folder')} gone.`,
    ...unequal.map(line),
    ...(failing > 0
      ? [
          `Not proven: ${many(failing, 'piece')} of work failed and will be tried again; "contact-sync status" says which.`,
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function line({ job, tenant, mailbox, verifiedAt, accepted, behind, found }: MailboxAudit): string {
  const { missing, changed, extra } = found;
  return (
    `Not equal: ${job} ${tenant} ${mailbox}: ${missing} missing, ${changed} changed, ${extra} extra, ` +
    `${accepted} accepted, ${behind} behind; last verified ${verifiedAt ?? 'never'}`
  );
}
