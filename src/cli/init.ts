import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { ConfigProblems, loadConfig, readConfig } from '../kit/config/config.ts';
import { storeDurably } from '../kit/store-durably.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { answersOf, FLAGS, type Answers, type Given } from './init-answers.ts';
import { certificateIn, KEY_FILE, namesOf, stateKeyIn } from './init-files.ts';
import { registrationSteps } from './init-steps.ts';
import { configurationText } from './init-text.ts';
import type { World } from './world.ts';

export function addInit(program: Command, world: World, done: (code: number) => void): void {
  const command = program
    .command('init')
    .summary('make a certificate and a contact-sync.yaml, and tell how to register the app')
    .description(
      'Makes a certificate with its key (RSA, 3,072 bits, 12 months; the key for you alone), writes contact-sync.yaml ' +
        'beside them, and prints the steps that register the app. Asks for what no option says, where somebody sits at a ' +
        'terminal; what is not known yet is left to be filled in, and "init --force" writes the file again later. A ' +
        'certificate that is there is kept.',
    )
    .option('--config <file>', 'file to write (default: ./contact-sync.yaml)')
    .option('--debug', 'show where an error came from');
  for (const [name, { argument, help }] of Object.entries(FLAGS))
    command.addOption(new Option(`--${name} <${argument}>`, help));
  command
    .option('--force', 'write over a contact-sync.yaml that is there')
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync init\n\nWithout a terminal:\n' +
        '  contact-sync init --name contoso --tenant-id <id> --client-id <id> --group <id>',
    )
    .action(async (options: Given & { readonly force?: boolean }, self: Command) => {
      const { config = 'contact-sync.yaml' } = self.optsWithGlobals<{ config?: string }>();
      const file = path.resolve(config);
      if (existsSync(file) && options.force !== true)
        throw new UsageFault(`${file} is there already: nothing was made; --force writes it again`);
      const answers = await answersOf(options, world.ask);
      world.stdout.write(await make(file, answers, world));
      done(EXIT.fine);
    });
}

/** Makes what is missing; returns what to tell. Nothing is made where an answer does not do. */
async function make(file: string, answers: Answers, world: World): Promise<string> {
  const text = configurationText(answers);
  refuse(text, file, world);
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true });
  const names = namesOf(answers.name);
  const certificate = await certificateIn(folder, names, world);
  const stateKey = answers.publicUrl === null ? null : stateKeyIn(folder, world);
  storeDurably(file, text);
  // What a start would say of it.
  loadConfig(file, world.env);
  const lines = [
    ...(certificate.made
      ? [`Made ${names.pem} (certificate and key: keep it) and ${names.crt} (to be uploaded)`]
      : [`Kept ${names.pem} and ${names.crt}, which were there`]),
    `  thumbprint ${certificate.thumbprint}, until ${certificate.ends}`,
    ...(stateKey === null ? [] : [`${stateKey} ${KEY_FILE}, which makes notifications authentic: keep it`]),
    `Wrote ${path.basename(file)}`,
    ...answers.open.map((what) => `  to be filled in: ${what}`),
    '',
    registrationSteps({ ...answers, ...names }),
  ];
  return lines.join('\n');
}

/** An answer that the program would not take is refused before anything is made. */
function refuse(text: string, file: string, { env }: World): void {
  try {
    readConfig(text, { file, env, readFile: () => '', secrets: 'unread' });
  } catch (fault) {
    if (!(fault instanceof ConfigProblems)) throw fault;
    const [problem] = fault.problems;
    const key = problem?.path.split('.').find((part) => Object.hasOwn(FLAG_OF_KEY, part));
    const flag = key === undefined ? '--name' : FLAG_OF_KEY[key];
    throw new UsageFault(`${flag}: ${problem?.message ?? 'not understood'}; nothing was made`);
  }
}

const FLAG_OF_KEY: Readonly<Record<string, string>> = {
  tenantId: '--tenant-id',
  clientId: '--client-id',
  cloud: '--cloud',
  groups: '--group',
  folder: '--folder',
  publicUrl: '--public-url',
};
