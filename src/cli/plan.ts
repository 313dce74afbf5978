import type { Command } from 'commander';
import { createLog } from '../kit/log.ts';
import type { PlannedJob, PlanReport, PlanRow } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import { count, many, took } from './words.ts';
import type { World } from './world.ts';

/** More than fits a screen is for --csv. */
const ROWS_SHOWN = 40;

export function addPlan(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('plan')))
    .option('--csv', 'print one line for each person or mailbox, for a spreadsheet')
    .summary('show what would be written, and write nothing')
    .description(
      'Reads the directory and says what a run would create, change and remove, which fields, and what the guard would ' +
        'hold. Writes nothing anywhere, not even into the data folder; it may run before the first start, and beside a ' +
        'running service. People and mailboxes are named by their object ids.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync plan --csv > plan.csv')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { csv = false } = command.opts<{ csv?: boolean }>();
      if (csv && settings.json) throw new UsageFault('choose --csv or --json, not both');
      const config = configOf(settings, world, 'read');
      const run = await world.loadRun();
      const { clock, random, transport } = world;
      const log = createLog(settings.debug ? 'debug' : 'error');
      const report = await run.plan(config, { clock, random, transport, log });
      const plain = csv ? table(report) : text(report);
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : plain);
      done(report.unread > 0 ? EXIT.failed : EXIT.fine);
    });
}

function table({ jobs }: PlanReport): string {
  const rows = jobs.flatMap(({ job, rows }) =>
    rows.map(({ kind, id, action, contacts, fields, reason }) =>
      [job, kind, id, action, String(contacts), (fields ?? []).join(' '), reason ?? ''].map(cell).join(','),
    ),
  );
  return ['job,kind,id,action,contacts,fields,reason', ...rows].map((row) => `${row}\r\n`).join('');
}

/** RFC 4180. No cell can begin a formula: ids, names of fields and our own words. */
function cell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function text({ jobs, unread, httpRequests, seconds }: PlanReport): string {
  const lines = jobs.flatMap(jobLines);
  if (unread > 0)
    lines.push(`${many(unread, 'object')} could not be read: nothing is planned for them. Try again.`);
  lines.push(`Planned in ${took(seconds)} with ${many(httpRequests, 'request')}; nothing was written.`);
  return `${lines.join('\n')}\n`;
}

function jobLines({ job, halt, rows, ...sum }: PlannedJob): string[] {
  const { people, mailboxes, create, change, remove, look, hold, requests } = sum;
  const lines = [
    `Job ${job}${halt === null ? '' : ` (${halt})`}: ${many(people, 'person', 'people')} shown in ${many(mailboxes, 'mailbox', 'mailboxes')}`,
    `  contacts: ${count(create)} to create, ${count(change)} to change, ${count(remove)} to remove; about ${many(requests, 'request')}`,
  ];
  if (look > 0) lines.push(`  ${many(look, 'contact')} would be looked up first`);
  if (hold > 0) lines.push(`  ${many(hold, 'removal')} would be held for "contact-sync approve"`);
  const shown = rows.slice(0, ROWS_SHOWN);
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...shown.map((row) => columns(row)[column]?.length ?? 0)),
  );
  for (const row of shown) {
    const cells = columns(row).map((value, column) => value.padEnd(widths[column] ?? 0));
    lines.push(`    ${cells.join('  ').trimEnd()}`);
  }
  if (rows.length > shown.length)
    lines.push(`    and ${count(rows.length - shown.length)} more: --csv lists all`);
  return [...lines, ''];
}

function columns({ action, kind, id, contacts, fields, reason }: PlanRow): string[] {
  const size = contacts === 0 ? '' : many(contacts, 'contact');
  const why = [size, fields?.join(', ') ?? '', reason ?? ''].filter((part) => part !== '').join('; ');
  return [action, kind, id, why];
}
