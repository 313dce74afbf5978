import type { Needs } from '../engine/needs.ts';
import { sweepWanted } from '../engine/subscribe.ts';
import { sweep, type SweepOptions } from '../engine/sweep.ts';
import { roundWanted } from '../engine/turn.ts';

/** Sweeps of one tenant at a time, and the ones that the ledger asks for. */
export interface Sweeper {
  /** Returns how many objects were reported as changed. */
  sweep(tenant: string, from: SweepOptions['from']): Promise<number>;
  /** What the subscriptions missed while there were none. */
  closeGap(tenant: string): Promise<void>;
  /** A round over everybody where a ledger turned out to be older than queue or folders; false where none was wanted. */
  round(tenant: string): Promise<boolean>;
}

/** The ledger's counter that holds when a tenant was last swept (milliseconds since 1970). */
export function sweptAt(tenant: string): string {
  return `swept at|${tenant}`;
}

export function createSweeper(needs: Needs): Sweeper {
  const { counters } = needs.ledger;

  const one: Sweeper['sweep'] = async (tenant, from) => {
    const changed = await sweep(needs, { tenant, from });
    await counters.set(sweptAt(tenant), needs.clock.now());
    return changed;
  };

  return {
    sweep: one,
    closeGap: async (tenant) => {
      const since = await counters.read(sweepWanted(tenant));
      if (since === 0) return;
      await one(tenant, 'latest');
      // A gap that opened meanwhile is not closed by a sweep that began before it.
      if ((await counters.read(sweepWanted(tenant))) === since) await counters.set(sweepWanted(tenant), 0);
    },
    round: async (tenant) => {
      const asked = await counters.read(roundWanted(tenant));
      if (asked === 0) return false;
      await one(tenant, 'everybody');
      // Only what was asked for before the round began is answered by it.
      await counters.add(roundWanted(tenant), -asked);
      return true;
    },
  };
}
