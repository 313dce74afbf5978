import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../kit/config/config.ts';
import { fromCtcs, type Imported } from '../kit/config/from-ctcs.ts';
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
      const imported = read(file);
      write(imported, path.resolve(to), world);
      done(EXIT.fine);
    });
}

function read(file: string): Imported {
  if (!existsSync(file)) throw new UsageFault(`there is no file ${file}`);
  try {
    return fromCtcs(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault;
    throw new UsageFault(`${file} is no configuration of CTCS: ${fault.message}`);
  }
}

function write({ yaml, secret, notes }: Imported, to: string, world: World): void {
  const secretFile = secret === null ? null : path.join(path.dirname(to), secret.file);
  for (const file of [to, secretFile])
    if (file !== null && existsSync(file))
      throw new UsageFault(`${file} is there already: remove it, or name another with --to`);
  // What would not be taken is not written.
  const config = readConfig(yaml, {
    file: to,
    env: world.env,
    readFile: (name) => readFileSync(name, 'utf8'),
    secrets: 'unread',
  });
  if (secretFile !== null) writeFileSync(secretFile, `${secret?.text ?? ''}\n`, { mode: 0o600, flag: 'wx' });
  writeFileSync(to, yaml, { flag: 'wx' });
  const lines = [
    `Written: ${to}${secretFile === null ? '' : `, and ${secretFile}, which only this user can read`}.`,
    ...notes,
    `Next: contact-sync plan --config ${to} (job ${config.jobs.map(({ id }) => id).join(', ')})`,
  ];
  world.stdout.write(`${lines.join('\n')}\n`);
}
