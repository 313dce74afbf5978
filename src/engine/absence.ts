import type { Observation } from './drift.ts';
import type { Needs } from './needs.ts';

/** By then every replica of a mailbox is taken to know what was written into it. */
export const REPLICA_LAG_MS = 60_000;

/**
 * Of the items that a look at a place did not show, those that may only be unknown to the replica that answered: an absence is
 * believed when it is seen again after the lag. Remembers what was missed, by place (a key of the ledger), in memory only.
 */
export function doubtedOf(
  { missed, clock }: Pick<Needs, 'missed' | 'clock'>,
  place: number,
  absent: readonly string[],
): ReadonlySet<string> {
  const now = clock.now();
  const before = missed.get(place);
  const since = new Map(absent.map((item) => [item, before?.get(item) ?? now]));
  if (absent.length === 0) missed.delete(place);
  else missed.set(place, since);
  return new Set(absent.filter((item) => now - (since.get(item) ?? now) < REPLICA_LAG_MS));
}

/** The same observation, in which nothing is missed that is doubted. */
export function withoutDoubted(seen: Observation, doubted: ReadonlySet<string>): Observation {
  if (doubted.size === 0) return seen;
  return { ...seen, right: seen.right.union(doubted), gone: seen.gone.difference(doubted) };
}
