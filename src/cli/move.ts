import { Option, type Command } from 'commander';
import type { MoveReport } from '../run/move.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { showProgress } from './progress.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import { count, many } from '../kit/counted.ts';
import { took } from './words.ts';
import type { World } from './world.ts';

const SHAPES = ['embedded', 'distributed'] as const;
type Shape = (typeof SHAPES)[number];

export function addMove(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('move')))
    .addOption(new Option('--from <shape>', 'where everything is now').choices(SHAPES).makeOptionMandatory())
    .addOption(new Option('--to <shape>', 'where it is to be').choices(SHAPES).makeOptionMandatory())
    .summary('take ledger and waiting work to another machine room')
    .description(
      'Copies the ledger, table by table, and carries over what waits in the queues: from the SQLite files in the data ' +
        'folder (embedded) to the Service Bus and PostgreSQL of the configuration (distributed), or back. Every service ' +
        'must be stopped; receivers may go on. What was copied is read back and compared. A move that did not end begins ' +
        'anew when it is started again. What is left behind is kept, and refuses to be worked on.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync move --from embedded --to distributed')
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { from, to } = command.opts<{ from: Shape; to: Shape }>();
      if (from === to) throw new UsageFault(`it is ${from} already: name the other shape with --to`);
      if (settings.job !== undefined) throw new UsageFault('all jobs are moved together: leave --job out');
      const config = configOf(settings, world, ['queue', 'ledger', 'fingerprints']);
      const run = await world.loadRun();
      const progress = showProgress(world.stderr, world.clock);
      const { clock, random, transport } = world;
      const log = world.openLog(settings.debug ? 'debug' : 'warn');
      const surroundings = { clock, random, transport, log };
      try {
        const report = await run.move(
          config,
          { ...surroundings, onProgress: (now) => progress.report(now) },
          { from },
        );
        progress.end();
        world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
        done(EXIT.fine);
      } finally {
        progress.end();
      }
    });
}

function text({ to, tables, messages, left, seconds }: MoveReport): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const lines = [
    `Moved: ${many(rows, 'row')} in ${count(tables.length)} tables, read back and equal; ${many(messages, 'message')}; ${took(seconds)}.`,
    ...tables.map(({ table, rows: some, digest }) => `  ${table}: ${count(some)} (${digest.slice(0, 16)})`),
  ];
  if (left > 0)
    lines.push(
      `${many(left, 'message')} could not be carried, since they wait for a later time: every mailbox is read anew instead.`,
    );
  lines.push(
    to === 'distributed'
      ? 'Start receivers, workers and keepers with this configuration.'
      : 'Take queue and ledger out of the configuration, then start the service.',
  );
  return `${lines.join('\n')}\n`;
}
