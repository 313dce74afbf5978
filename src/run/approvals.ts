import { heldBack, isMore, type HeldBack } from '../dashboard/held-back.ts';
import { missingGroupsOf } from '../engine/exceptions.ts';
import { routesOf } from '../jobs/routes.ts';
import { systemClock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { withLedger } from './orders.ts';
import { iso } from '../kit/iso.ts';

/** Releases what one job holds back. Null: there is more of it than was seen, and nothing was released. */
export function approveSeen(config: Config, job: string, seen: HeldBack): Promise<number | null> {
  return withLedger(config, async (ledger) => {
    const missing = await missingGroupsOf(ledger, config.jobs.flatMap(routesOf));
    const suspicion = (await ledger.guard.suspicions()).find((one) => one.job === job);
    const now = heldBack({
      held: (await ledger.guard.held(job)).map(({ since }) => ({ since: iso(since) })),
      suspicion: suspicion === undefined ? null : { since: iso(suspicion.at) },
      missing: missing
        .filter(({ keptFor }) => keptFor.includes(job))
        .map(({ since }) => ({ since: iso(since) })),
    });
    return isMore(now, seen) ? null : ledger.guard.approve(job, systemClock.now());
  });
}
