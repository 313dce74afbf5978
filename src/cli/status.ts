import type { Command } from 'commander';
import type { AuditStatus } from '../run/audit-status.ts';
import {
  certificateWords,
  disagree,
  DISAGREEMENT,
  groupWords,
  haltWords,
  hinderedWords,
  strandedWords,
  type Words,
} from '../run/concerns.ts';
import { meaningOf } from '../run/parked-reason.ts';
import type { JobStatus, QueueStatus, Status, TenantStatus } from '../run/status-report.ts';
import { EXIT } from './exit-code.ts';
import { setbackLines } from './setback-lines.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import { count, many } from '../kit/counted.ts';
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
        'Exits 1 when work failed again and again ("dead list" has all of it, "retry" ends its wait) or a group of the configuration is not found, 3 when ' +
        'something waits for "contact-sync approve".',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const config = configOf(settings, world, STORES_ALONE);
      const run = await world.loadRun();
      const status = await run.readStatus(config);
      const jobs = status.jobs.filter(({ job }) => config.onlyJob === null || job === config.onlyJob);
      const audits = status.audits.filter(({ job }) => config.onlyJob === null || job === config.onlyJob);
      const shown = { ...status, jobs, audits };
      world.stdout.write(settings.json ? `${JSON.stringify(shown)}\n` : text(shown));
      done(verdict(shown));
    });
}

function verdict({ queues, jobs, missingGroups, setbacks }: Status): number {
  if (setbacks.work > 0 || queues.some(({ dead }) => dead > 0)) return EXIT.failed;
  const holds = jobs.some(({ held, suspicion }) => held.length > 0 || suspicion !== null);
  if (holds || missingGroups.some(({ keptFor }) => keptFor.length > 0)) return EXIT.held;
  return missingGroups.length > 0 ? EXIT.failed : EXIT.fine;
}

function text(status: Status): string {
  const lines = [`Deployment ${status.deployment}, ${status.at}`, ''];
  for (const halt of status.halts) lines.push(lineOf(haltWords(halt)));
  for (const job of status.jobs) lines.push(...jobLines(job));
  for (const audit of status.audits) lines.push(auditLine(audit));
  for (const tenant of status.tenants) lines.push(...tenantLines(tenant));
  for (const queue of status.queues) lines.push(queueLine(queue));
  lines.push(...processLines(status.processes));
  for (const group of status.missingGroups) lines.push(lineOf(groupWords(group)));
  for (const { tenant, resource, expires } of status.subscriptions) {
    lines.push(`Subscription ${tenant} ${resource}: until ${expires}`);
  }
  for (const { tenant, mailbox, reason, since, nextTry } of status.parked) {
    lines.push(
      `Parked mailbox ${tenant} ${mailbox} since ${since}, next try ${nextTry}: ${meaningOf(reason)}`,
    );
  }
  lines.push(...setbackLines(status.setbacks));
  const [latest] = status.throttles;
  if (latest) {
    lines.push(
      `Throttled: ${many(status.throttles.length, 'refusal')} kept, the latest ${latest.at} by ${latest.scope} (${latest.pool})`,
    );
  }
  lines.push(
    `Last sweep: ${status.lastSweep ?? 'none yet'}; ${count(status.foundBySweep)} found that nobody had announced`,
  );
  return `${lines.join('\n')}\n`;
}

function tenantLines(tenant: TenantStatus): string[] {
  const words = [hinderedWords(tenant), certificateWords(tenant)];
  return words.flatMap((one) => (one === null ? [] : [lineOf(one)]));
}

function lineOf({ what, remedy }: Words): string {
  return `${what}; ${remedy}`;
}

function jobLines({
  job,
  people,
  mailboxes,
  contacts,
  behind,
  held,
  resting,
  suspicion,
  halt,
  revert,
  missingTenant,
}: JobStatus): string[] {
  const state = behind === 0 ? 'all right' : `${many(behind, 'contact')} not known to be right yet`;
  const size = `${many(people, 'person', 'people')}, ${many(mailboxes, 'mailbox', 'mailboxes')}, ${many(contacts, 'contact')}`;
  return [
    `Job ${job}: ${size}; ${halt === null ? state : `${halt}, ${state}`}`,
    ...(missingTenant === null ? [] : [`  ${strandedLine(missingTenant)}`]),
    ...(resting === 0
      ? []
      : [`  ${many(resting, 'person', 'people')} shown no longer, until their grace ends`]),
    ...(revert === null || revert.free + revert.left === 0 ? [] : [revertLine(revert)]),
    ...(suspicion === null
      ? []
      : [`  nothing is removed since ${suspicion.since}, updates go on: ${suspicion.reason}`]),
    ...held.map(
      ({ kind, id, since, reason }) => `  held since ${since}: removal of ${kind} ${id} (${reason})`,
    ),
    ...(held.length > 0 || suspicion !== null ? [`  release with: contact-sync approve --job ${job}`] : []),
  ];
}

function revertLine({ left, free, kept }: NonNullable<JobStatus['revert']>): string {
  return `  revert: ${many(free, 'mailbox', 'mailboxes')} free of it (${count(kept)} with a folder that stays), ${count(left)} to do`;
}

function strandedLine(tenant: string): string {
  const { what, remedy } = strandedWords(tenant);
  return `${what}: ${remedy}`;
}

function auditLine({ job, mailboxes, verified, oldest, drifted, accepted, adopted }: AuditStatus): string {
  const since = oldest === null ? '' : `, none longer ago than ${oldest}`;
  const taken = adopted === 0 ? '' : `; ${many(adopted, 'contact')} adopted`;
  return (
    `Audit ${job}: ${count(verified)} of ${many(mailboxes, 'mailbox', 'mailboxes')} verified${since}; ` +
    `${count(drifted)} had drifted, ${many(accepted, 'difference')} accepted${taken}`
  );
}

function processLines(processes: Status['processes']): string[] {
  const lines = processes.map(({ id, role, seen }) => `Process ${id}: ${role}, seen ${seen}`);
  if (disagree(processes)) lines.push(`  ${DISAGREEMENT.what}: ${DISAGREEMENT.remedy}`);
  return lines;
}

function queueLine({ name, due, delayed, held, dead, oldestDueSeconds }: QueueStatus): string {
  const age = due > 0 ? ` (oldest ${count(Math.round(oldestDueSeconds))} s)` : '';
  const seen = dead > 0 ? ': see "contact-sync dead list"' : '';
  return `Queue ${name}: ${count(due)} due${age}, ${count(delayed)} later, ${count(held)} in hand, ${count(dead)} dead${seen}`;
}
