import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly people: number;
  readonly mailboxes: number;
  readonly latencyMs: number;
  readonly seed: number;
  readonly policy: 'economy' | 'swift';
  /** One process over files, or several over a bus and a database. */
  readonly shape: 'embedded' | 'distributed';
  /** Which job is shown. */
  readonly job: 'directory' | 'cross-tenant' | 'mirror';
  readonly json: boolean;
}

/** Throws one clear line for anything it does not know. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string' },
      mailboxes: { type: 'string' },
      'latency-ms': { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      policy: { type: 'string', default: 'economy' },
      shape: { type: 'string', default: 'embedded' },
      job: { type: 'string', default: 'directory' },
      json: { type: 'boolean', default: false },
    },
  });
  const job = oneOf('--job', values.job, ['directory', 'cross-tenant', 'mirror']);
  const options = {
    ...sizeOf(job, values),
    latencyMs: whole('--latency-ms', values['latency-ms'], 0),
    seed: whole('--seed', values.seed, 0),
    policy: oneOf('--policy', values.policy, ['economy', 'swift']),
    shape: oneOf('--shape', values.shape, ['embedded', 'distributed']),
    job,
    json: values.json,
  };
  if (options.mailboxes > options.people)
    throw new Error('--mailboxes cannot exceed --people: a mailbox belongs to a person.');
  return options;
}

/** Whoever shares contacts has a mailbox: there are no other people then. */
function sizeOf(
  job: DemoOptions['job'],
  { people, mailboxes }: { readonly people?: string; readonly mailboxes?: string },
): Pick<DemoOptions, 'people' | 'mailboxes'> {
  if (job === 'mirror') {
    const members = whole('--mailboxes', mailboxes ?? people ?? '10', 3);
    return { people: members, mailboxes: members };
  }
  return {
    people: whole('--people', people ?? '500', 20),
    mailboxes: whole('--mailboxes', mailboxes ?? '50', 1),
  };
}

function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Error(`${name} takes ${choices.join(' or ')}, not "${text}".`);
  return found;
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`${name} takes a whole number from ${least}, not "${text}".`);
  return value;
}
