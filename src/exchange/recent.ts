import type { Clock } from '../kit/clock.ts';

/**
 * What this process did to contacts a while ago. Exchange's servers learn of it one after the other, within minutes: until
 * then, that something of it cannot be found, or can still be found, says nothing.
 */
export interface Recent {
  made(guid: string): void;
  removed(guid: string): void;
  wasMade(guid: string): boolean;
  wasRemoved(guid: string): boolean;
  /** How many that were made lately are not among these. */
  unseen(guids: readonly string[]): number;
  /** When it is worth looking again for one that cannot be found (milliseconds since 1970): later each time. */
  lookAgainAt(guid: string): number;
  /**
   * Another is to refer to one that cannot be found: when it is worth trying again (milliseconds since 1970), later each time.
   * Null: it has been missing for so long that it is not there.
   */
  missed(guid: string): number | null;
  /** Another refers to it: what was missed of it before is over. */
  referredTo(guid: string): void;
}

/** Others waited for up to five minutes. */
const LAG_MS = 15 * 60_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 2 * 60_000;
/** What is missing is remembered for longer than servers are behind, so that it is not taken for new again and again. */
const MISSING_MS = 24 * 3_600_000;

export function createRecent(clock: Clock): Recent {
  const made = new Map<string, { readonly at: number; looks: number }>();
  const removed = new Map<string, number>();
  const missing = new Map<string, number>();

  const prune = (): void => {
    const before = clock.now() - LAG_MS;
    for (const [guid, { at }] of made) {
      if (at > before) break;
      made.delete(guid);
    }
    for (const [guid, since] of missing) {
      if (since > clock.now() - MISSING_MS) break;
      missing.delete(guid);
    }
    for (const [guid, at] of removed) {
      if (at > before) break;
      removed.delete(guid);
    }
  };

  return {
    made: (guid) => {
      prune();
      made.set(guid, { at: clock.now(), looks: 0 });
    },
    removed: (guid) => {
      prune();
      made.delete(guid);
      removed.set(guid, clock.now());
    },
    wasMade: (guid) => clock.now() - (made.get(guid)?.at ?? -Infinity) < LAG_MS,
    wasRemoved: (guid) => clock.now() - (removed.get(guid) ?? -Infinity) < LAG_MS,
    unseen: (guids) => {
      prune();
      const seen = new Set(guids);
      return [...made.keys()].filter((guid) => !seen.has(guid)).length;
    },
    lookAgainAt: (guid) => {
      const one = made.get(guid);
      const looks = one?.looks ?? 0;
      if (one !== undefined) one.looks += 1;
      return clock.now() + Math.min(LONGEST_MS, FIRST_MS * 2 ** looks);
    },
    referredTo: (guid) => void missing.delete(guid),
    missed: (guid) => {
      prune();
      const now = clock.now();
      const since = missing.get(guid) ?? now;
      missing.set(guid, since);
      const age = now - since;
      return age >= LAG_MS ? null : now + Math.min(LONGEST_MS, Math.max(FIRST_MS, age));
    },
  };
}
