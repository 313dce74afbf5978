import type { Ledger } from '../engine/ledger-port.ts';
import type { Clock } from '../kit/clock.ts';

/** The nights' work, remembered over restarts: nobody may have been at work when its hour came, or the keeper just changed. */
export interface Nights {
  /** Does it now. */
  spend(tenant: string): Promise<void>;
  /** Does it where an hour of it has passed in the tenant since it was last done. What is new has missed none. */
  makeUp(tenant: string): Promise<void>;
}

export interface NightsOptions {
  readonly ledger: Pick<Ledger, 'counters'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds from a time until the next hour of the nightly work. */
  readonly untilSweep: (now: number) => number;
  readonly work: (tenant: string) => Promise<unknown>;
  /** It is some jobs' only: not the night of all. */
  readonly isPartial: boolean;
}

/** The ledger's counter that holds when the nightly work was last done in a tenant (milliseconds since 1970). */
function nightAt(tenant: string): string {
  return `night at|${tenant}`;
}

export function createNights({ ledger, clock, untilSweep, work, isPartial }: NightsOptions): Nights {
  const { counters } = ledger;
  const note = (tenant: string): Promise<void> => counters.set(nightAt(tenant), clock.now());
  const spend = async (tenant: string): Promise<void> => {
    await work(tenant);
    if (!isPartial) await note(tenant);
  };
  return {
    spend,
    makeUp: async (tenant) => {
      const last = await counters.read(nightAt(tenant));
      if (last === 0) await note(tenant);
      else if (last + untilSweep(last) <= clock.now()) await spend(tenant);
    },
  };
}
