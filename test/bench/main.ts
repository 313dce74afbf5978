import { parseArgs } from 'node:util';
import { benches, type Bench } from './benches.ts';
import type { Figure } from './figure.ts';
import { table } from './table.ts';

const HELP = `Measures what the product promises to reach, and prints every figure beside its target and its floor.

  npm run bench                    all of it, as a table; twenty minutes on two cores
  npm run -s bench -- --json       the same as one JSON document, and nothing else on standard output
  npm run bench -- --only change   one measurement; may be given several times

Measurements:
${benches.map(({ name, what }) => `  ${name.padEnd(10)}${what}`).join('\n')}

Progress goes to standard error. A figure that is not reached is said to be so and fails nothing: times differ
between machines. What is a count, not a time, the tests assert as well.
`;

interface Options {
  readonly chosen: readonly Bench[];
  readonly json: boolean;
}

/** Null: the question was for help. Throws one clear line for anything it does not know. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const names = benches.map(({ name }) => name);
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no measurement "${unknown}": choose from ${names.join(', ')}.`);
  const wanted = values.only.length === 0 ? names : values.only;
  return { json: values.json, chosen: benches.filter(({ name }) => wanted.includes(name)) };
}

async function measure({ chosen, json }: Options): Promise<void> {
  const figures: Figure[] = [];
  for (const { name, what, run } of chosen) {
    const startedAt = performance.now();
    process.stderr.write(`${name}: ${what}\n`);
    figures.push(...(await run()));
    process.stderr.write(`${name}: done after ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
  }
  process.stdout.write(json ? `${JSON.stringify({ figures })}\n` : `${table(figures)}\n`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await measure(options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(`The bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
