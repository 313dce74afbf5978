import type { Cause, Change } from '../model/change.ts';
import type { Urgency } from './ports.ts';

/** Nobody waits for what a round over everybody found; what was announced goes first. */
const UNHURRIED: ReadonlySet<Cause> = new Set<Cause>(['sweep', 'configuration']);

export function urgencyOf(changes: readonly Change[]): Urgency {
  return changes.every(({ causes }) => causes.every((cause) => UNHURRIED.has(cause))) ? 'bulk' : 'live';
}
