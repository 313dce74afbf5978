import { Option, type Command } from 'commander';
import { count, many } from '../kit/counted.ts';
import type { Config } from '../kit/config/config.ts';
import type { Revived } from '../run/given-up/orders.ts';
import type { GivenUp, GivenUpReport } from '../run/given-up/report.ts';
import type { Run, Surroundings } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

/** A page of them is read; `--json` has more. */
const SHOWN = 20;

export function addDead(program: Command, world: World, done: (code: number) => void): void {
  const dead = program
    .command('dead')
    .summary('what was given up: list, show, retry, drop')
    .description(
      'Work that failed again and again is kept in the ledger and tried again ever more slowly; messages that nobody can read, ' +
        'or that ended whoever handled them, lie in the queues as dead letters, for good. Here both are one list, beside a running ' +
        'service. With Service Bus, "retry" and "drop" of a dead letter need the right to receive from the queue.',
    );
  // The same options before the verb, where some people put them.
  for (const flags of ['--config <file>', '--job <id>', '--debug', '--json'])
    dead.addOption(new Option(flags).hideHelp());
  addList(dead, world, done);
  addShow(dead, world, done);
  addAgain(dead, world, done);
  addDrop(dead, world, done);
}

function addList(dead: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(dead.command('list')))
    .summary('list what was given up, the newest first')
    .description('Says of each what it is, why, since when, how often, what happens next, and what to do.')
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync dead list --json | jq ".things[].remedy"\n\nExits 0, also when there is something; 1 when it cannot be read.',
    )
    .action(async (_options: unknown, command: Command) => {
      const { run, config, surroundings, json } = await opened(command, world);
      const report = await run.listGivenUp(config, surroundings);
      world.stdout.write(json ? `${JSON.stringify(report)}\n` : listed(report));
      done(EXIT.fine);
    });
}

function addShow(dead: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(dead.command('show').argument('<id>', 'as "dead list" shows it')))
    .summary('show one of them')
    .description('Shows one of them, with what "retry" and "drop" would mean for it.')
    .addHelpText('after', '\nExample:\n  contact-sync dead show 3f9a1c2b4d')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { run, config, surroundings, json } = await opened(command, world);
      const one = await find(run, { config, surroundings }, id);
      world.stdout.write(json ? `${JSON.stringify(one)}\n` : shown(one));
      done(EXIT.fine);
    });
}

function addAgain(dead: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(dead.command('retry').argument('[id]', 'only this one; all of them unless given')))
    .summary('try one of them, or all, again now')
    .description(
      'Ends the wait of what the ledger keeps, and takes dead letters back up: first into the ledger, then out of the queue, so ' +
        'that none is lost on the way. A running service tries them within a minute; otherwise the next run or sync does.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync dead retry 3f9a1c2b4d\n\nExits 1 when one of them cannot be tried again.',
    )
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const { run, config, surroundings, json } = await opened(command, world);
      const revived = await run.retryGivenUp(config, surroundings, id);
      if (revived === null) throw unknown(id);
      world.stdout.write(json ? `${JSON.stringify(revived)}\n` : again(revived));
      done(revived.left.length > 0 ? EXIT.failed : EXIT.fine);
    });
}

function addDrop(dead: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(dead.command('drop').argument('<id>', 'as "dead list" shows it')))
    .option('--yes', 'do not ask')
    .summary('forget one of them, after saying what that means')
    .description(
      'Forgets one of them, and nothing else. Says before what nobody does then any more, and asks; the log has a line of it.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync dead drop changes-17 --yes')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { run, config, surroundings, json } = await opened(command, world);
      const one = await find(run, { config, surroundings }, id);
      if (!json) world.stderr.write(`${titleOf(one)}\n  forgotten means: ${one.dropping}\n`);
      const { yes = false } = command.opts<{ yes?: boolean }>();
      if (!yes && !(await agreed(world))) {
        world.stderr.write('Nothing was done.\n');
        return done(EXIT.fine);
      }
      const dropped = await run.dropGivenUp(config, surroundings, id);
      if (dropped === null) throw unknown(id);
      world.stdout.write(json ? `${JSON.stringify({ dropped })}\n` : `Forgotten: ${id}.\n`);
      done(EXIT.fine);
    });
}

interface Opened {
  readonly run: Run;
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly json: boolean;
}

async function opened(command: Command, world: World): Promise<Opened> {
  const settings = settingsOf(command);
  if (settings.job !== undefined)
    throw new UsageFault('what was given up may serve several jobs: leave --job out');
  const config = configOf(settings, world, STORES_ALONE);
  const { clock, random, transport } = world;
  const log = world.openLog(settings.debug ? 'debug' : 'info');
  return {
    run: await world.loadRun(),
    config,
    surroundings: { clock, random, transport, log },
    json: settings.json,
  };
}

/** Throws `UsageFault` when there is none of that id. */
async function find(
  run: Run,
  { config, surroundings }: Pick<Opened, 'config' | 'surroundings'>,
  id: string,
): Promise<GivenUp> {
  const { things } = await run.listGivenUp(config, surroundings);
  const one = things.find((thing) => thing.id === id);
  if (one === undefined) throw unknown(id);
  return one;
}

function unknown(id: string | undefined): UsageFault {
  return new UsageFault(
    `nothing that was given up is called ${id ?? ''}: it may have succeeded by now; "contact-sync dead list" shows what there is`,
  );
}

function agreed(world: World): Promise<boolean> {
  if (world.confirm === undefined) throw new UsageFault('nobody is there to be asked: say --yes');
  return world.confirm('Forget it?');
}

function listed({ total, things }: GivenUpReport): string {
  if (total === 0) return 'Nothing was given up.\n';
  const some = things.slice(0, SHOWN);
  const rest = total - some.length;
  return [
    `Given up: ${many(total, 'thing')}`,
    ...some.map((one) => `${titleOf(one)}\n${linesOf(one).join('\n')}`),
    ...(rest > 0 ? [`and ${count(rest)} more: --json shows more of them`] : []),
    '',
  ].join('\n');
}

function shown(one: GivenUp): string {
  return `${titleOf(one)}\n${linesOf(one).join('\n')}\n  forgotten by "contact-sync dead drop ${one.id}" it means: ${one.dropping}\n`;
}

function again({ retried, left }: Revived): string {
  if (retried.length + left.length === 0) return 'Nothing was given up.\n';
  const lines = [
    ...(retried.length > 0 ? [`${many(retried.length, 'thing')} to be tried again.`] : []),
    ...left.map((one) => `Left: ${titleOf(one)}\n  next: ${one.next}\n  to do: ${one.remedy}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What it is, and about whom. */
function titleOf({ id, keptIn, kind, tenant, mailbox, route, object, slab }: GivenUp): string {
  const what = [
    ...(kind === null ? ['unreadable message'] : [kind]),
    ...(tenant === null ? [] : [tenant]),
    ...(mailbox === null ? [] : [`mailbox ${mailbox}`]),
    ...(route === null ? [] : [`of ${route}`]),
    ...(mailbox === null && slab !== null ? [`slab ${slab}`] : []),
    ...(object === null ? [] : [object]),
  ];
  const where = keptIn === 'ledger' ? 'kept in the ledger' : `dead letter of the queue ${keptIn}`;
  return `${id}  ${what.join(' ')} (${where})`;
}

function linesOf({ reason, times, since, at, next, remedy }: GivenUp): string[] {
  const often = times === null ? '' : `, ${many(times, 'time')}`;
  const last = at === since ? '' : `, last at ${at}`;
  return [`  why: ${reason}`, `  since ${since}${often}${last}`, `  next: ${next}`, `  to do: ${remedy}`];
}
