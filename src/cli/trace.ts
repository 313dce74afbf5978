import type { Command } from 'commander';
import { many } from '../kit/counted.ts';
import { changeIdOf, isChangeId, isTraceparent } from '../model/trace.ts';
import type { ChangesReport, TraceReport } from '../run/trace/report.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

/** Of Entra, and of what mailboxes share. */
const OBJECT_ID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$|^[\da-f]{16}$/;
/** Mailboxes that are named one by one; --json has more. */
const OPEN_AT_MOST = 20;

export function addTrace(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('trace')))
    .argument(
      '<change>',
      'id of a change (32 hexadecimal digits); or the object id of a person or group (SyncId of a shared contact), for the ids of its newest changes',
    )
    .summary('follow one change through notification, queue, reads and writes')
    .description(
      'When the event reached the service, what each look at its object found, what was written where on its behalf and what came ' +
        'of it, what waits in the queues or was given up, and what happens next. Logs and "record" name changes by the same id. ' +
        'It asks Microsoft for nothing, shows ids and no value of anybody, and works beside a running service. What looks found is ' +
        'kept for 30 days, and writes for compliance.record.days; what a fill or an audit writes is on behalf of no change.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync trace 5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33\n' +
        '  contact-sync trace 019ad5c3f2a1d2c4b6a8907f5e3d1c2b --json\n\n' +
        'Exits 1 when nothing is known of the change, or the queues cannot be read.',
    )
    .action(async (_change: string, _options: unknown, command: Command) => {
      const [given = ''] = command.args;
      const settings = settingsOf(command);
      const asked = given.toLowerCase();
      const change = isTraceparent(asked) ? changeIdOf(asked) : asked;
      if (!isChangeId(change) && !OBJECT_ID.test(asked))
        throw new UsageFault(
          'neither the id of a change (32 hexadecimal digits) nor an object id: "contact-sync explain" tells of somebody by the principal name',
        );
      const config = configOf(settings, world, STORES_ALONE);
      const run = await world.loadRun();
      const { clock, random, transport } = world;
      const surroundings = {
        clock,
        random,
        transport,
        log: world.openLog(settings.debug ? 'debug' : 'error'),
      };
      const print = <T>(document: T, text: (document: T) => string): void =>
        void world.stdout.write(settings.json ? `${JSON.stringify(document)}\n` : text(document));
      if (!isChangeId(change)) {
        const report = await run.latestChanges(config, surroundings, asked);
        print(report, changesText);
        return done(report.changes.length === 0 ? EXIT.failed : EXIT.fine);
      }
      const report = await run.traceChange(config, surroundings, { change });
      print(report, traceText);
      done(report.unread === null ? EXIT.fine : EXIT.failed);
    });
}

function changesText({ object, keptSince, changes }: ChangesReport): string {
  if (changes.length === 0)
    return `No change of ${object} was looked at since ${keptSince}, and nothing older is kept.\n`;
  const lines = changes.map(
    ({ change, arrived, kind, tenant, outcome, causes }) =>
      `${change}  ${arrived}  ${kind} of ${tenant}: ${outcomeOf(outcome, null)} (${causes.join(', ')})`,
  );
  return `${lines.join('\n')}\n`;
}

const OUTCOMES: Readonly<Record<TraceReport['looks'][number]['outcome'], string>> = {
  new: 'something new',
  nothing: 'nothing new',
  unproven: 'not found, and not proven to be gone',
  ignored: 'none of ours',
  looked: 'looked at',
  failed: 'failed',
};

function outcomeOf(outcome: TraceReport['looks'][number]['outcome'], fault: string | null): string {
  const words = OUTCOMES[outcome] ?? outcome;
  return fault === null ? words : `${words}: ${fault}`;
}

function traceText(report: TraceReport): string {
  const { change, about, arrived, together, next } = report;
  const what = about === null ? '' : `: ${about.kind} ${about.object} of ${about.tenant}`;
  const lines = [
    `Change ${change}${what}`,
    `  arrived ${arrived}`,
    ...together.map((other) => `  together with ${other}`),
    ...report.looks.map(
      ({ at, outcome, fault, causes }) =>
        `  looked at ${at}: ${outcomeOf(outcome, fault)} (${causes.join(', ')})`,
    ),
    ...writeLines(report),
    ...waitingLines(report),
    ...report.givenUp.map(({ id, reason }) => `  given up (${id}): ${reason}`),
    ...report.cards.map(
      ({ route, state, revision, fannedOut, halt }) =>
        `  now in ${route}: ${state}, revision ${revision}, sent to the mailboxes up to ${fannedOut}${halt === null ? '' : `; ${halt}`}`,
    ),
    `  next: ${next}`,
  ];
  return `${lines.join('\n')}\n`;
}

function writeLines({
  writes: { mailboxes, first, last, counts, open, more },
  looks,
}: TraceReport): string[] {
  if (mailboxes === 0)
    return looks.some(({ outcome }) => outcome === 'new') ? ['  nothing is on record as written for it'] : [];
  const sent = counts.map(({ operation, outcome, count }) => `${operation} ${outcome} ${count}`).join(', ');
  const named = open.slice(0, OPEN_AT_MOST);
  return [
    `  written in ${many(mailboxes, 'mailbox', 'mailboxes')}, from ${first ?? ''} to ${last ?? ''}: ${sent}`,
    ...named.map(
      ({ at, operation, outcome, route, mailbox }) =>
        `  not done: ${route}, mailbox ${mailbox}: ${operation}: ${outcome} at ${at}`,
    ),
    ...(more || open.length > named.length
      ? ['  and more than is shown here: see "contact-sync record"']
      : []),
  ];
}

function waitingLines({ waiting, unread, lookedAt }: TraceReport): string[] {
  return [
    ...waiting.map(({ queue, tenant, slab, due, held, attempts }) => {
      const where = slab === null ? tenant : `${tenant}, slab ${slab}`;
      const state = held === true ? 'in hand' : `due ${due}`;
      return `  in the queue ${queue}: ${where}: ${state}, tried ${many(attempts, 'time')} so far`;
    }),
    ...(unread === null ? [] : [`  the queues cannot be read: ${unread}`]),
    ...(lookedAt === null ? [] : [`  of a queue only the first ${lookedAt} messages were looked at`]),
  ];
}
