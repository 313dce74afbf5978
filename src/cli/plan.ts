import type { Command } from 'commander';
import type { Config } from '../kit/config/config.ts';
import type { PlannedJob, PlanReport, PlanRow } from '../run/plan-report.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, withJson, withSettings, type Settings } from './settings.ts';
import { count, many } from '../kit/counted.ts';
import { took } from './words.ts';
import type { World } from './world.ts';

/** More than fits a screen is for --csv. */
const ROWS_SHOWN = 40;

export function addPlan(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('plan')))
    .option('--csv', 'print one line for each person or mailbox, for a spreadsheet')
    .summary('show what would be written, and write nothing')
    .description(
      'Reads the directory and says what a run would create, change and remove, which fields, and what the guard would ' +
        'hold. Lists the contact folders that another tool seems to have left in the mailboxes: names that stand in ' +
        'several of them. Writes nothing anywhere, not even into the data folder; it may run before the first start, and beside a ' +
        'running service. People and mailboxes are named by their object ids.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync plan --csv > plan.csv')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { csv = false } = command.opts<{ csv?: boolean }>();
      if (csv && settings.json) throw new UsageFault('choose --csv or --json, not both');
      const config = configOf(settings, world, 'read');
      done(await showPlan({ config, settings, world, csv }));
    });
}

interface Showing {
  readonly config: Config;
  readonly settings: Pick<Settings, 'json' | 'debug'>;
  readonly world: World;
  readonly csv: boolean;
}

/** Returns the exit code. */
export async function showPlan({ config, settings, world, csv }: Showing): Promise<number> {
  const run = await world.loadRun();
  const { clock, random, transport } = world;
  const log = world.openLog(settings.debug ? 'debug' : 'error');
  const report = await run.plan(config, { clock, random, transport, log });
  const plain = csv ? table(report) : text(report);
  world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : plain);
  return report.unread + report.missingGroups.length > 0 ? EXIT.failed : EXIT.fine;
}

const COLUMNS = ['job', 'kind', 'id', 'action', 'contacts', 'fields', 'reason', 'folder', 'name'];

function table({ jobs, leftovers }: PlanReport): string {
  const rows = jobs.flatMap(({ job, rows }) =>
    rows.map(({ kind, id, action, contacts, fields, reason }) => {
      const what = [job, kind, id, action, String(contacts), (fields ?? []).join(' '), reason ?? ''];
      return [...what, '', ''];
    }),
  );
  const folders = leftovers.flatMap(({ names }) =>
    names.flatMap(({ name, madeBy, folders }) =>
      folders.map(({ mailbox, folder, contacts }) => {
        const held = contacts === null ? '' : String(contacts);
        return ['', 'folder', mailbox, 'none', held, '', MADE_BY[madeBy], folder, printable(name)];
      }),
    ),
  );
  return [COLUMNS, ...rows, ...folders].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** RFC 4180. What might begin a formula gets an apostrophe: a folder may bear any name. */
function cell(value: string): string {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function text({ jobs, leftovers, missingGroups, unread, httpRequests, seconds }: PlanReport): string {
  const lines = [...jobs.flatMap(jobLines), ...leftovers.flatMap(leftoverLines)];
  for (const { tenant, group } of missingGroups)
    lines.push(
      `Group ${group} of ${tenant} is not found: correct its id, or take it out of the configuration.`,
    );
  if (unread > 0)
    lines.push(`${many(unread, 'object')} could not be read: nothing is planned for them. Try again.`);
  lines.push(`Planned in ${took(seconds)} with ${many(httpRequests, 'request')}; nothing was written.`);
  return `${lines.join('\n')}\n`;
}

function jobLines({ job, halt, rows, ...sum }: PlannedJob): string[] {
  const { people, mailboxes, create, adopt, change, remove, look, hold, requests } = sum;
  const lines = [
    `Job ${job}${halt === null ? '' : ` (${halt})`}: ${many(people, 'person', 'people')} shown in ${many(mailboxes, 'mailbox', 'mailboxes')}`,
    `  contacts: ${count(create)} to create, ${count(change)} to change, ${count(remove)} to remove; about ${many(requests, 'request')}`,
  ];
  if (adopt > 0) lines.push(`  ${many(adopt, 'contact')} of before would be taken over instead of made`);
  if (look > 0) lines.push(`  ${many(look, 'contact')} would be looked up first`);
  if (hold > 0) lines.push(`  ${many(hold, 'removal')} would be held for "contact-sync approve"`);
  const shown = rows.slice(0, ROWS_SHOWN);
  lines.push(...aligned(shown.map(columns)));
  if (rows.length > shown.length)
    lines.push(`    and ${count(rows.length - shown.length)} more: --csv lists all`);
  return [...lines, ''];
}

const MADE_BY = { somebody: '', another: 'made by another installation of this service' };

/** Nothing where no folder of somebody else's stands: most tenants are like that. */
function leftoverLines(found: PlanReport['leftovers'][number]): string[] {
  const { tenant, mailboxes, unread, toldFrom, names, others } = found;
  const lines: string[] = [];
  if (names.length + others > 0)
    lines.push(`Contact folders of others in ${many(mailboxes, 'mailbox', 'mailboxes')} of ${tenant}`);
  const shown = names.slice(0, ROWS_SHOWN);
  const rows = shown.map(({ name, madeBy, mailboxes: having, contacts }) => [
    printable(name),
    `in ${many(having, 'mailbox', 'mailboxes')}`,
    many(contacts, 'contact'),
    MADE_BY[madeBy],
  ]);
  lines.push(...aligned(rows));
  if (names.length > shown.length)
    lines.push(`    and ${count(names.length - shown.length)} more names: --csv lists all`);
  if (others > 0)
    lines.push(
      `  ${many(others, 'folder')} under names that fewer than ${toldFrom} mailboxes have: not listed`,
    );
  if (names.length > 0) lines.push('  how to clean up: deploy/clients.md');
  for (const { reason, mailboxes: refused } of unread)
    lines.push(`${many(refused, 'mailbox', 'mailboxes')} of ${tenant} could not be looked at: ${reason}`);
  return lines.length > 0 ? [...lines, ''] : [];
}

/** Whoever named a folder shall not steer the terminal. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '?');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map(
    (row) =>
      `    ${row
        .map((value, column) => value.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}`,
  );
}

function columns({ action, kind, id, contacts, fields, reason }: PlanRow): string[] {
  const size = contacts === 0 ? '' : many(contacts, 'contact');
  const why = [size, fields?.join(', ') ?? '', reason ?? ''].filter((part) => part !== '').join('; ');
  return [action, kind, id, why];
}
