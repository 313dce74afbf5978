import type { Needs } from '../engine/needs.ts';
import { searchMailboxes } from '../engine/recall.ts';
import { askShared } from '../engine/shared-looks.ts';
import { sweepMade, sweepWanted } from '../engine/subscribe.ts';
import { sweep, type SweepOptions } from '../engine/sweep.ts';
import { roundMade, roundWanted } from '../engine/turn.ts';

/** Sweeps of one tenant at a time, and the ones that the ledger asks for. */
export interface Sweeper {
  /** Returns how many objects were reported as changed. */
  sweep(tenant: string, from: SweepOptions['from']): Promise<number>;
  /** What changed of which no notification ever tells; where nothing of the kind is in use, nothing is asked. */
  unannounced(tenant: string): Promise<number>;
  /** What the subscriptions missed while there were none. */
  closeGap(tenant: string): Promise<void>;
  /**
   * Where a ledger turned out to be older than queue or folders: a round over everybody, and a search of every mailbox. False
   * where neither was due.
   */
  makeGood(tenant: string): Promise<boolean>;
}

/** The ledger's counter that holds when a tenant was last swept (milliseconds since 1970). */
export function sweptAt(tenant: string): string {
  return `swept at|${tenant}`;
}

/** `isPartial`: only some of the jobs are worked on. */
export function createSweeper(needs: Needs, isPartial: boolean): Sweeper {
  const { counters } = needs.ledger;

  const one: Sweeper['sweep'] = async (tenant, from) => {
    const changed = await sweep(needs, { tenant, from });
    await askShared(needs, tenant);
    await counters.set(sweptAt(tenant), needs.clock.now());
    return changed;
  };

  return {
    sweep: one,
    unannounced: (tenant) => sweep(needs, { tenant, from: 'latest', only: 'unannounced' }),
    closeGap: async (tenant) => {
      const since = await counters.read(sweepWanted(tenant));
      if (since === (await counters.read(sweepMade(tenant)))) return;
      await one(tenant, 'latest');
      // A gap that opened meanwhile is not closed by a sweep that began before it.
      await counters.set(sweepMade(tenant), since);
    },
    makeGood: async (tenant) => {
      // A round over some jobs is none: whoever works with all of them makes it.
      if (isPartial) return false;
      const asked = await counters.read(roundWanted(tenant));
      const isDue = asked > (await counters.read(roundMade(tenant)));
      if (isDue) {
        await one(tenant, 'everybody');
        // Only what was asked for before the round began is answered by it.
        await counters.set(roundMade(tenant), asked);
      }
      return (await searchMailboxes(needs, tenant)) || isDue;
    },
  };
}
