import { parseArgs } from 'node:util';
import { verdictOf, type Chaos } from './report.ts';
import { chaos } from './run.ts';

const HELP = `Runs the service as seven processes over the double of the bus and a real PostgreSQL, kills one after the
other, and counts what is wrong afterwards.

  npm run chaos -- [options]

  --kills N       so many kills, one every 3 to 5 seconds (100)
  --seed N        who dies when, and what happens beside it (1)
  --people N      people in the directory at first (60)
  --mailboxes N   mailboxes at first (10)
  --json          prints one JSON document and nothing else; what happens is told on standard error

Example:
  npm run -s chaos -- --kills 100 --seed 7 --json
`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    people: { type: 'string', default: '60' },
    mailboxes: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else
  process.exitCode = await wreak().catch((error: unknown) => {
    say(`It could not be brought to its end: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });

async function wreak(): Promise<number> {
  const [kills = 0, seed = 0, people = 0, mailboxes = 0] = [
    values.kills,
    values.seed,
    values.people,
    values.mailboxes,
  ].map(Number);
  if (![kills, seed, people, mailboxes].every((number) => Number.isInteger(number) && number > 0)) {
    process.stderr.write(
      '--kills, --seed, --people and --mailboxes take whole numbers from 1. See --help.\n',
    );
    return 2;
  }
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => over.abort(new Error(`${signal}: it ends without a report.`)));
  const result = await chaos({ kills, seed, people, mailboxes, say, signal: over.signal });
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : story(result));
  return verdictOf(result).length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function story(result: Chaos): string {
  const { kills, killed, seconds, changes, secondsUntilRight } = result;
  const who = Object.entries(killed).map(([role, times]) => `${times} x ${role}`);
  const wrong = verdictOf(result);
  return [
    `${kills} kills (${who.join(', ')}) in ${seconds} s, while there were ${changes} changes.`,
    `${result.busRestarts} restarts of the bus, ${result.databaseRestarts} of PostgreSQL, ${result.connectionsDropped} connections dropped, ${result.sessionsStolen} sessions stolen.`,
    `Right ${secondsUntilRight ?? 'never'} s after the last kill.`,
    wrong.length === 0
      ? 'No change lost, no duplicate, nothing foreign touched.\n'
      : `Wrong: ${wrong.join(', ')}.\n`,
  ].join('\n');
}
