import type { Command } from 'commander';
import type { Config } from '../kit/config/config.ts';
import type { Surroundings } from '../run/service.ts';
import type { SubjectOrder, SubjectReport } from '../run/subject/report.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import { erasedText, restoredText, subjectText, whatGoes } from './subject-text.ts';
import type { World } from './world.ts';

interface Options {
  readonly erase?: boolean;
  readonly restore?: boolean;
  readonly yes?: boolean;
}

export function addSubject(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('subject')))
    .argument(
      '<person>',
      'object id or user principal name; of a contact that mailboxes share, an address of it, its name where it has none, or its SyncId',
    )
    .option('--erase', 'have their contacts removed everywhere, and keep them out')
    .option('--restore', 'take an erasure back')
    .option('--yes', 'do not ask')
    .summary(
      'say where the contacts of a person are, with which fields; remove them everywhere and keep them out',
    )
    .description(
      'Reads the ledger, beside a running service or without one: every mailbox, folder and item that holds a contact of this person, ' +
        'and the names of the fields that each job writes. With --erase the contacts are removed everywhere, originals lose our mark, and ' +
        'the person is kept out, also after they change; the guard is not asked. A running service does so within a minute, the next ' +
        'one at its start. What it prints for compliance.keepOut makes the erasure outlive a lost ledger.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync subject ann@contoso.com\n  contact-sync subject ann@contoso.com --erase\n\n' +
        'Taking it back:\n  contact-sync subject ann@contoso.com --restore\n\n' +
        'Exits 1 when the ledger knows nobody who is called so, or several shared contacts are.',
    )
    .action(async (_person: string, _options: unknown, command: Command) => {
      const [person = ''] = command.args;
      const settings = settingsOf(command);
      const options = command.opts<Options>();
      if (options.erase && options.restore) throw new UsageFault('--erase or --restore, not both');
      const config = configOf(settings, world, ['tenants', 'fingerprints', 'ledger']);
      const { clock, random, transport } = world;
      const log = world.openLog(settings.debug ? 'debug' : 'error');
      const given = { config, surroundings: { clock, random, transport, log }, person };
      const print = <T>(document: T, text: (document: T) => string): void =>
        void world.stdout.write(settings.json ? `${JSON.stringify(document)}\n` : text(document));
      const run = await world.loadRun();
      if (options.erase === true) {
        const erased = await erase(world, given, options);
        if (erased) print(erased, (order) => erasedText(order, config.file));
        else world.stderr.write('Nothing was done.\n');
      } else if (options.restore === true)
        print(await run.restoreSubject(config, given.surroundings, person), restoredText);
      else print(await run.findSubject(config, given.surroundings, person), subjectText);
      done(EXIT.fine);
    });
}

interface Given {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly person: string;
}

/** Null: the administrator thought better of it. */
async function erase(
  world: World,
  { config, surroundings, person }: Given,
  { yes = false }: Options,
): Promise<SubjectOrder | null> {
  const run = await world.loadRun();
  if (!yes) {
    if (world.confirm === undefined) throw new UsageFault('nobody is there to be asked: say --yes');
    const found: SubjectReport = await run.findSubject(config, surroundings, person);
    if (!(await world.confirm(`${whatGoes(found)} Go on?`))) return null;
  }
  return run.eraseSubject(config, surroundings, person);
}
