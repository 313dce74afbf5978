import type { Result } from './fleet.ts';

/** What all storms together came to. */
export interface Tally {
  readonly done: number;
  readonly seeds: number;
  readonly steps: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly divergences: number;
  readonly duplicates: number;
  readonly planted: number;
  readonly caught: number;
  /** One line each, with how to replay it. */
  readonly complaints: readonly string[];
  add(result: Result): void;
}

export function tally(): Tally {
  const sum = { done: 0, seeds: 0, steps: 0, divergences: 0, duplicates: 0, planted: 0, caught: 0 };
  const faults: Record<string, number> = {};
  const complaints: string[] = [];

  const addSeed = ({ outcome, replays }: Extract<Result, { kind: 'seed' }>): void => {
    const { seed, mode } = outcome;
    sum.seeds += 1;
    sum.steps += outcome.steps;
    sum.divergences += outcome.divergences;
    sum.duplicates += outcome.duplicates;
    for (const [kind, count] of Object.entries(outcome.faults)) faults[kind] = (faults[kind] ?? 0) + count;
    const replay = `npm run storm -- --seed ${seed} --mode ${mode}`;
    for (const complaint of outcome.complaints)
      complaints.push(`seed ${seed} mode ${mode}: ${complaint} (replay: ${replay})`);
    if (!replays)
      complaints.push(`seed ${seed} mode ${mode}: a second run took another course (replay: ${replay})`);
  };

  return {
    get done() {
      return sum.done;
    },
    get seeds() {
      return sum.seeds;
    },
    get steps() {
      return sum.steps;
    },
    get divergences() {
      return sum.divergences;
    },
    get duplicates() {
      return sum.duplicates;
    },
    get planted() {
      return sum.planted;
    },
    get caught() {
      return sum.caught;
    },
    faults,
    complaints,
    add: (result) => {
      sum.done += 1;
      if (result.kind === 'seed') addSeed(result);
      else if (result.kind === 'failed') complaints.push(`${JSON.stringify(result.task)}: ${result.reason}`);
      else {
        sum.planted += 1;
        if (result.hunt.seed === null) complaints.push(`nobody noticed: ${result.hunt.name}`);
        else sum.caught += 1;
      }
    },
  };
}
