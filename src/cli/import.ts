import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../kit/config/config.ts';
import { fromCtcs } from '../kit/config/from-ctcs.ts';
import { fromMirroring, type FromMirroring } from '../kit/config/from-mirroring.ts';
import type { Imported } from '../kit/config/imported.ts';
import { variablesIn } from '../kit/config/mirroring-variables.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import type { World } from './world.ts';

export function addImport(program: Command, world: World, done: (code: number) => void): void {
  const command = program
    .command('import')
    .summary('make a contact-sync.yaml from the configuration of another tool')
    .description(
      'Writes a contact-sync.yaml with comments that say what came from where. Nothing is overwritten.',
    );
  command
    .command('ctcs')
    .summary('from an XML file of the script CTCS')
    .description(
      'Reads every field of the file, also those that the script ignored. Its secret goes into a file of its own, for the ' +
        'user of the service alone. Switch the script off, then look at "contact-sync plan": contacts that it made are taken over.',
    )
    .argument('<file>', 'such as TenantAtoTenantBConfig.xml')
    .option('--to <file>', 'where to write', 'contact-sync.yaml')
    .addHelpText('after', '\nExample:\n  contact-sync import ctcs TenantAtoTenantBConfig.xml')
    .action((file: string, { to }: { to: string }) => {
      write(
        made(() => fromCtcs(textOf(file)), `${file} is no configuration of CTCS`),
        path.resolve(to),
        world,
      );
      done(EXIT.fine);
    });
  command
    .command('mirroring')
    .summary('from the variables of the script that mirrors contacts with a shared mailbox')
    .description(
      'Reads AUTOMATION_SYNCCONTACTS_CONFIG_JSON, ..._MICROSOFT_TENANTS_JSON, the variables of a single tenant, and ' +
        '..._TEST_USER_LIST_BY_TENANT_JSON, from the environment or from a file: lines NAME=value, or JSON. Secrets go into ' +
        'files of their own, for the user of the service alone. Mailboxes that are named by their addresses are left to be ' +
        'filled in: Graph knows them by object ids. Switch the script off, then look at "contact-sync plan".',
    )
    .argument('[file]', 'such as .env; without it the environment is read')
    .option('--to <file>', 'where to write', 'contact-sync.yaml')
    .option(
      '--as-started',
      'with the names that "sync --once" gives when it starts from the variables, to go on with the same contacts',
    )
    .addHelpText('after', '\nExample:\n  contact-sync import mirroring .env')
    .action((file: string | undefined, { to, asStarted = false }: MirroringOptions) => {
      const what = `${file ?? 'the environment'} holds no configuration of the mirroring script`;
      const variables = (): typeof world.env => (file === undefined ? world.env : variablesIn(textOf(file)));
      write(
        made(() => importOf(fromMirroring(variables(), asStarted ? 'lasting' : 'readable')), what),
        path.resolve(to),
        world,
      );
      done(EXIT.fine);
    });
}

interface MirroringOptions {
  readonly to: string;
  readonly asStarted?: boolean;
}

function importOf({ notes, open, dryRun, ...made }: FromMirroring): Imported {
  const dry =
    dryRun === null
      ? []
      : [`${dryRun} has no counterpart: "plan" shows what a run would do, and writes nothing at all.`];
  return { ...made, notes: [...dry, ...notes, ...open.map(({ at }) => `To be filled in: ${at}`)] };
}

function textOf(file: string): string {
  if (!existsSync(file)) throw new UsageFault(`there is no file ${file}`);
  return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
}

function made(make: () => Imported, otherwise: string): Imported {
  try {
    return make();
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault;
    throw new UsageFault(`${otherwise}: ${fault.message}`);
  }
}

function write({ yaml, secrets, notes }: Imported, to: string, world: World): void {
  const secretFiles = secrets.map(({ file, text }) => ({ file: path.join(path.dirname(to), file), text }));
  for (const file of [to, ...secretFiles.map((one) => one.file)])
    if (existsSync(file))
      throw new UsageFault(`${file} is there already: remove it, or name another with --to`);
  // What would not be taken is not written.
  const config = readConfig(yaml, {
    file: to,
    env: world.env,
    readFile: (name) => readFileSync(name, 'utf8'),
    secrets: 'unread',
  });
  for (const { file, text } of secretFiles) writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  writeFileSync(to, yaml, { flag: 'wx' });
  const names = secretFiles.map(({ file }) => file).join(', ');
  const lines = [
    `Written: ${to}${names === '' ? '' : `, and ${names}, which only this user can read`}.`,
    ...notes,
    `Next: contact-sync plan --config ${to} (job ${config.jobs.map(({ id }) => id).join(', ')})`,
  ];
  world.stdout.write(`${lines.join('\n')}\n`);
}
