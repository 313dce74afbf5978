import type { Needs } from '../engine/needs.ts';
import { sweepWanted } from '../engine/subscribe.ts';
import { sweep, type SweepOptions } from '../engine/sweep.ts';
import { roundWanted } from '../engine/turn.ts';

/** Sweeps of several tenants, and the ones that the ledger asks for. */
export interface Sweeper {
  /** Returns how many objects were reported as changed. */
  each(tenants: Iterable<string>, from: (tenant: string) => SweepOptions['from']): Promise<number>;
  /** What the subscriptions missed while there were none. */
  closeGaps(): Promise<void>;
  /** A round over everybody where a ledger turned out to be older than queue or folders; false where none was wanted. */
  rounds(): Promise<boolean>;
}

/** The ledger's counter that holds when a tenant was last swept (milliseconds since 1970). */
export function sweptAt(tenant: string): string {
  return `swept at|${tenant}`;
}

export function createSweeper(needs: Needs, tenants: readonly string[]): Sweeper {
  const { counters } = needs.ledger;

  const each: Sweeper['each'] = async (some, from) => {
    let changed = 0;
    for (const tenant of some) {
      changed += await sweep(needs, { tenant, from: from(tenant) });
      await counters.set(sweptAt(tenant), needs.clock.now());
    }
    return changed;
  };

  return {
    each,
    closeGaps: async () => {
      for (const tenant of tenants) {
        const since = await counters.read(sweepWanted(tenant));
        if (since === 0) continue;
        await each([tenant], () => 'latest');
        // A gap that opened meanwhile is not closed by a sweep that began before it.
        if ((await counters.read(sweepWanted(tenant))) === since) await counters.set(sweepWanted(tenant), 0);
      }
    },
    rounds: async () => {
      const wanted = new Map<string, number>();
      for (const tenant of tenants) {
        const asked = await counters.read(roundWanted(tenant));
        if (asked > 0) wanted.set(tenant, asked);
      }
      await each([...wanted.keys()], () => 'everybody');
      // Only what was asked for before the round began is answered by it.
      for (const [tenant, asked] of wanted) await counters.add(roundWanted(tenant), -asked);
      return wanted.size > 0;
    },
  };
}
