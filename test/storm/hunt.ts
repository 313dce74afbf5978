import { runMirrorSeed } from './mirror.ts';
import type { Mutant } from './mutants.ts';
import { runSeed } from './run.ts';

/** What became of one mutant. */
export interface Hunt {
  readonly name: string;
  /** The seed that caught it; null when none of them did. */
  readonly seed: number | null;
  readonly complaint: string;
}

/** Every mutant must be caught within so many seeds. */
const SEEDS_A_MUTANT = 300;

/** Runs seeds over a mutant until one complains; running away, or crashing for good, is a complaint as well. */
export async function hunt(mutant: Mutant, seeds = SEEDS_A_MUTANT): Promise<Hunt> {
  const { name, mode, plan = {}, mirror = {}, near, job = 'directory' } = mutant;
  const unbroken: Mutant = { name, mode, plan, mirror, job };
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  for (const seed of new Set([...(near === undefined ? [] : [near]), ...all])) {
    const complaint = await complaintOf(mutant, seed);
    // The profile alone must be survived, or the complaint says nothing about the rule that was broken.
    if (complaint !== undefined && (await complaintOf(unbroken, seed)) === undefined) {
      return { name: mutant.name, seed, complaint };
    }
  }
  return { name: mutant.name, seed: null, complaint: '' };
}

async function complaintOf(mutant: Mutant, seed: number): Promise<string | undefined> {
  try {
    const run = mutant.job === 'mirror' ? runMirrorSeed : runSeed;
    return (await run({ seed, mode: mutant.mode, job: mutant.job, mutant })).complaints[0];
  } catch (error) {
    return String(error);
  }
}
