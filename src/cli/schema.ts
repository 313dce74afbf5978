import type { Command } from 'commander';
import { configJsonSchema } from '../kit/config/file.ts';
import { EXIT } from './exit-code.ts';
import type { World } from './world.ts';

export function addSchema(program: Command, world: World, done: (code: number) => void): void {
  program
    .command('schema')
    .summary('print the JSON Schema of contact-sync.yaml')
    .description(
      'Prints a JSON Schema, with which an editor completes and checks contact-sync.yaml as you type.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync schema > contact-sync.schema.json\n' +
        '  and as the first line of contact-sync.yaml:\n' +
        '  # yaml-language-server: $schema=./contact-sync.schema.json',
    )
    .action(() => {
      world.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      done(EXIT.fine);
    });
}
