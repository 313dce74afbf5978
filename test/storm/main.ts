import { parseArgs } from 'node:util';
import { showProgress } from '../../src/cli/progress.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { exchangeFaultKinds } from '../tenant/exchange/options.ts';
import { faultKinds } from '../tenant/faults.ts';
import { runFleet, type Task } from './fleet.ts';
import { deedKinds, memberDeedKinds, partnerDeedKinds } from './deeds.ts';
import { mutants } from './mutants.ts';
import { modes, type Mode } from './plan.ts';
import type { StormJob } from './run-options.ts';
import { Tally } from './tally.ts';

const HELP = `Blows seeded storms at the whole service, on a virtual clock, against a simulated tenant.

  npm run storm -- [options]

  --seeds N      so many storms, the modes taking turns (60)
  --from N       the first seed (1): a long search can be gone through in parts
  --mode A|B|C   one mode only. A: every notification is lost, the sweep alone must do; B: no sweep,
                 notifications alone must do; C: everything at once
  --job KIND     directory (people in mailboxes of their tenant), mirror (contacts that members share),
                 or cross-tenant (people in Exchange of another tenant)
  --seed N       replays this one seed, and says what the oracles noted
  --no-mutants   leaves out breaking each rule of the product in turn: every break must be noticed
  --json         prints one JSON document and nothing else

Example:
  npm run storm -- --seed 4711 --mode B
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '60' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mode: { type: 'string' },
    job: { type: 'string', default: 'directory' },
    mutants: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await blow();

async function blow(): Promise<number> {
  const chosen = modes.filter((mode) => values.mode === undefined || values.mode === mode);
  const job = (['directory', 'mirror', 'cross-tenant'] as const).find((one) => one === values.job);
  const [count, from, single] = [values.seeds, values.from, values.seed ?? '1'].map(Number) as [
    number,
    number,
    number,
  ];
  if (chosen.length === 0 || job === undefined || ![count, from, single].every(isCount)) {
    process.stderr.write(
      '--mode takes A, B or C, --job directory, mirror or cross-tenant; --seeds, --from and --seed take whole numbers from 1. See --help.\n',
    );
    return 2;
  }
  const isOne = values.seed !== undefined;
  const seeds = isOne ? [single] : Array.from({ length: count }, (_, index) => from + index);
  const withMutants = !isOne && values.mutants;
  const tasks = tasksFor(seeds, chosen, { withMutants, job });
  const progress = showProgress(process.stderr, systemClock);
  const result = new Tally(job);
  let told = 0;
  await runFleet(tasks, (one) => {
    result.add(one);
    // At once: whoever looks into a seed need not wait for the other thousand.
    if (told < result.complaints.length) progress.end();
    for (; told < result.complaints.length; told += 1) process.stderr.write(`${result.complaints[told]}\n`);
    progress.report({ phase: 'contacts', done: result.done, total: tasks.length });
  });
  progress.end();
  return report(result, tasks.length);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

/** The modes take turns; every tenth seed runs twice, and must leave the same trace. */
function tasksFor(
  seeds: readonly number[],
  chosen: readonly Mode[],
  { withMutants, job }: { withMutants: boolean; job: StormJob },
): Task[] {
  const storms = seeds.map((seed): Task => ({
    kind: 'seed',
    seed,
    mode: chosen[seed % chosen.length] ?? 'C',
    twice: seed % 10 === 1,
    job,
  }));
  const hunts = mutants
    .filter((mutant) => chosen.includes(mutant.mode) && (mutant.job ?? 'directory') === job)
    .map(({ name }): Task => ({ kind: 'mutant', name }));
  return withMutants ? [...hunts, ...storms] : storms;
}

function report(result: Tally, asked: number): number {
  const { seeds, steps, faults, deeds, divergences, duplicates, planted, caught } = result;
  const document = { seeds, steps, faults, deeds, divergences, duplicates, mutants: { planted, caught } };
  if (values.json) process.stdout.write(`${JSON.stringify(document)}\n`);
  else process.stdout.write(story(result));
  return result.complaints.length === 0 && result.done === asked && caught === planted ? 0 : 1;
}

function story({
  seeds,
  steps,
  faults,
  deeds,
  divergences,
  duplicates,
  planted,
  caught,
  job,
  edits,
}: Tally): string {
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const kinds = [...faultKinds, ...kindsOf(job)];
  const unseen = kinds.filter((kind) => (faults[kind] ?? 0) + (deeds[kind] ?? 0) === 0);
  return [
    `${seeds} storms, ${steps} requests, ${injected} faults of ${Object.keys(faults).length} kinds: ${divergences} divergences, ${duplicates} duplicates.`,
    ...(edits.count > 0
      ? [
          `Of ${edits.count} edits at rest the dearest took as many writes as there are members, and ${edits.beyond}.`,
        ]
      : []),
    ...(unseen.length > 0 ? [`Kinds that did not occur: ${unseen.join(', ')}.`] : []),
    `${caught} of ${planted} broken rules were noticed.\n`,
  ].join('\n');
}

/** What should occur in some storm of the job, beside the tenant's faults. */
function kindsOf(job: StormJob): readonly string[] {
  if (job === 'directory') return deedKinds;
  return job === 'mirror' ? memberDeedKinds : [...exchangeFaultKinds, ...partnerDeedKinds];
}
