import type { Command } from 'commander';
import type { HaltStatus, JobStatus, QueueStatus, Status } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import { count, many } from './words.ts';
import type { World } from './world.ts';

export function addStatus(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('status')))
    .summary('show how things stand, beside a running service')
    .description(
      'Shows jobs, queues, subscriptions, held removals and parked mailboxes. Reads only, needs no secret, and ' +
        'may run at any time, also while the service runs.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync status --json | jq ".jobs[].behind"\n\n' +
        'Exits 1 when work failed for good (dead letters), 3 when removals wait for "contact-sync approve".',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const config = configOf(settings, world, 'unread');
      const run = await world.loadRun();
      const status = await run.readStatus(config);
      const jobs = status.jobs.filter(({ job }) => config.onlyJob === null || job === config.onlyJob);
      const shown = { ...status, jobs };
      world.stdout.write(settings.json ? `${JSON.stringify(shown)}\n` : text(shown));
      done(verdict(shown));
    });
}

function verdict({ queues, jobs }: Status): number {
  if (queues.some(({ dead }) => dead > 0)) return EXIT.failed;
  return jobs.some(({ held }) => held.length > 0) ? EXIT.held : EXIT.fine;
}

function text(status: Status): string {
  const lines = [`Deployment ${status.deployment}, ${status.at}`, ''];
  for (const halt of status.halts) lines.push(haltLine(halt));
  for (const job of status.jobs) lines.push(...jobLines(job));
  for (const queue of status.queues) lines.push(queueLine(queue));
  for (const { tenant, resource, expires } of status.subscriptions) {
    lines.push(`Subscription ${tenant} ${resource}: until ${expires}`);
  }
  for (const { tenant, mailbox, reason } of status.parked) {
    lines.push(`Parked mailbox ${tenant} ${mailbox}: ${reason}`);
  }
  lines.push(
    `Last sweep: ${status.lastSweep ?? 'none yet'}; ${count(status.foundBySweep)} found that nobody had announced`,
  );
  return `${lines.join('\n')}\n`;
}

function jobLines({ job, people, mailboxes, contacts, behind, held, halt, revert }: JobStatus): string[] {
  const state = behind === 0 ? 'all right' : `${many(behind, 'contact')} not known to be right yet`;
  const size = `${many(people, 'person', 'people')}, ${many(mailboxes, 'mailbox', 'mailboxes')}, ${many(contacts, 'contact')}`;
  return [
    `Job ${job}: ${size}; ${halt === null ? state : `${halt}, ${state}`}`,
    ...(halt === null || revert.free + revert.left === 0 || halt === 'paused' ? [] : [revertLine(revert)]),
    ...held.map(
      ({ kind, id, since, reason }) => `  held since ${since}: removal of ${kind} ${id} (${reason})`,
    ),
    ...(held.length > 0 ? [`  release with: contact-sync approve --job ${job}`] : []),
  ];
}

function revertLine({ left, free, kept }: JobStatus['revert']): string {
  return `  revert: ${many(free, 'mailbox', 'mailboxes')} free of it (${count(kept)} with a folder that stays), ${count(left)} to do`;
}

function haltLine({ scope, name, mode, since }: HaltStatus): string {
  const what = name === null ? 'everything' : `${scope} ${name}`;
  const option = name === null ? '' : ` --${scope} ${name}`;
  return `${mode === 'paused' ? 'Paused' : 'Reverted'} since ${since}: ${what}; go on with: contact-sync resume${option}`;
}

function queueLine({ name, due, delayed, held, dead, oldestDueSeconds }: QueueStatus): string {
  const age = due > 0 ? ` (oldest ${count(Math.round(oldestDueSeconds))} s)` : '';
  return `Queue ${name}: ${count(due)} due${age}, ${count(delayed)} later, ${count(held)} in hand, ${count(dead)} dead`;
}
