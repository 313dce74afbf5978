import { InvalidArgumentError, type Command } from 'commander';
import { parseDuration } from '../kit/duration.ts';
import type { Recorded, RecordReport } from '../run/read-record.ts';
import { EXIT } from './exit-code.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

interface Options {
  readonly person?: string;
  readonly mailbox?: string;
  readonly since?: Since;
  readonly limit: number;
}

/** A moment (milliseconds since 1970), or so long ago. */
type Since = { readonly at: number } | { readonly agoMs: number };

/** More than a person reads. */
const LIMIT = 1_000;

export function addRecord(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('record')))
    .option('--person <id>', 'only about this person: object id, or SyncId of a shared contact')
    .option('--mailbox <id>', 'only in the mailbox of this owner: object id')
    .option(
      '--since <when>',
      'nothing older: a duration such as 7d, or a time such as 2026-11-30T08:00Z',
      sinceOf,
    )
    .option('--limit <count>', 'the newest so many', countOf, LIMIT)
    .summary('show what was written into mailboxes: ids, names of fields, and what came of it')
    .description(
      'The record of writes, in the order in which they were answered: time, operation, mailbox, item, person, job, names of the fields, ' +
        'outcome. Of a mirror also what was read in the shared mailbox. It holds no value of anybody, and is kept for ' +
        'compliance.record.days in the configuration, 365 unless said otherwise. Works beside a running service.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync record --person 5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33 --since 7d',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { person, mailbox, since, limit } = command.opts<Options>();
      const config = configOf(settings, world, STORES_ALONE);
      const run = await world.loadRun();
      const report = await run.readRecord(config, {
        person: person?.toLowerCase() ?? null,
        mailbox: mailbox?.toLowerCase() ?? null,
        since: momentOf(since, world.clock.now()),
        limit,
      });
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
      if (report.more && !settings.json)
        world.stderr.write(`There are older ones: --limit shows more than ${limit}.\n`);
      done(EXIT.fine);
    });
}

function momentOf(since: Since | undefined, now: number): number {
  if (since === undefined) return 0;
  return 'at' in since ? since.at : now - since.agoMs;
}

function sinceOf(text: string): Since {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return { agoMs };
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('expected a duration such as 7d, or a time.');
  return { at };
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
    throw new InvalidArgumentError('expected a whole number from 1 to 1000000.');
  return count;
}

function text({ writes }: RecordReport): string {
  if (writes.length === 0) return 'Nothing of the kind is on record.\n';
  return `${writes.map(line).join('\n')}\n`;
}

function line({ at, operation, outcome, tenant, route, mailbox, ...about }: Recorded): string {
  const { identity, item, fields, changes } = about;
  return [
    `${at} ${operation}: ${outcome}; ${route === '' ? tenant : `${tenant} ${route}`}, mailbox ${mailbox}`,
    ...(identity === null ? [] : [`person ${identity}`]),
    ...(item === null ? [] : [`item ${item}`]),
    ...(fields.length === 0 ? [] : [`fields ${fields.join(' ')}`]),
    ...(changes.length === 0 ? [] : [`change ${changes.join(' ')}`]),
  ].join(', ');
}
