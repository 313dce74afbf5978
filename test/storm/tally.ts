import type { Result } from './fleet.ts';
import type { StormJob } from './run-options.ts';

/** What all storms together came to. */
export class Tally {
  /** Stands in the line by which a seed is replayed. */
  readonly job: StormJob;
  done = 0;
  seeds = 0;
  steps = 0;
  divergences = 0;
  duplicates = 0;
  planted = 0;
  caught = 0;
  readonly faults: Record<string, number> = {};
  readonly deeds: Record<string, number> = {};
  /** How many storms had an edit at rest, and by how many writes the dearest exceeded the members. */
  readonly edits = { count: 0, beyond: -Infinity };
  /** One line each, with how to replay it. */
  readonly complaints: string[] = [];

  constructor(job: StormJob = 'directory') {
    this.job = job;
  }

  add(result: Result): void {
    this.done += 1;
    if (result.kind === 'seed') this.#addSeed(result);
    else if (result.kind === 'failed')
      this.complaints.push(`${JSON.stringify(result.task)}: ${result.reason}`);
    else {
      this.planted += 1;
      if (result.hunt.seed === null) this.complaints.push(`nobody noticed: ${result.hunt.name}`);
      else this.caught += 1;
    }
  }

  #addSeed({ outcome, replays }: Extract<Result, { kind: 'seed' }>): void {
    const { seed, mode } = outcome;
    this.seeds += 1;
    this.steps += outcome.steps;
    this.divergences += outcome.divergences;
    this.duplicates += outcome.duplicates;
    addTo(this.faults, outcome.faults);
    addTo(this.deeds, outcome.deeds);
    if (outcome.writesPerEdit) {
      const { writes, members } = outcome.writesPerEdit;
      this.edits.count += 1;
      this.edits.beyond = Math.max(this.edits.beyond, writes - members);
    }
    const complain = (what: string): void => {
      const replay = `npm run storm -- --seed ${seed} --mode ${mode}${this.job === 'directory' ? '' : ` --job ${this.job}`}`;
      this.complaints.push(`seed ${seed} mode ${mode}: ${what} (replay: ${replay})`);
    };
    for (const complaint of outcome.complaints) complain(complaint);
    if (!replays) complain('a second run took another course');
  }
}

function addTo(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [kind, count] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + count;
}
