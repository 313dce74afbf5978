import type { Suspicion } from '../engine/guard-port.ts';

/** Why a removal of a job is held: a suspicion holds them all, otherwise there are too many of them. */
export function holdReason(suspicion: Suspicion | undefined): string {
  return suspicion ? reasonOf(suspicion) : 'more removals in 24 hours than the guard allows';
}

/** What a suspicion means to the one who has to decide. */
export function reasonOf({ reason, lost, scope }: Suspicion): string {
  const size = `${lost} of ${scope} at once`;
  if (reason === 'group gone')
    return `a group or administrative unit with members was deleted or cannot be found any more: ${size}`;
  if (reason === 'groups shrank') return `the groups shrank suddenly: ${size}`;
  return `a full round over the directory did not list everybody: ${size} were missing`;
}
