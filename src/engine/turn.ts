import { Fault } from '../model/fault.ts';
import { compareGeneration } from './generation.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';

/** One holder's go at a slab: its places, and the generation that proves the ledger to be the newest. */
export interface Turn {
  readonly tenant: string;
  readonly slab: number;
  readonly places: readonly PlaceRecord[];
  /** The slab's generation in the ledger: raised by the turn's first write. */
  generation: number;
  bumped: boolean;
  /** The generation in the ledger is confirmed in most of the slab's beacons. */
  stamped: boolean;
  /** Places (by key) whose folder has confirmed this turn's generation. */
  readonly stampedPlaces: Set<number>;
  /** A folder could not be found: its place is to be opened again. */
  reopened: boolean;
}

export function isReachable(place: PlaceRecord, now: number): boolean {
  return place.mailboxState === 'ready' && place.notBefore <= now;
}

/**
 * Opens a turn. The first turn of this process in a slab compares the ledger's generation with what its folders say: a
 * ledger that was restored from a backup, or that lost track, is behind them. Then nothing it says about links is
 * believed, and the links are rebuilt from the marks before anything is written.
 */
export async function openTurn(needs: Needs, tenant: string, slab: number): Promise<Turn> {
  const { slabs, places } = needs.ledger;
  let records = await places.ofSlab(tenant, slab);
  let behind = false;
  const name = `${tenant}|${slab}`;
  if (!needs.proven.has(name)) {
    const verdict = await compareGeneration(needs, { tenant, slab }, records);
    behind = verdict.kind === 'behind';
    if (verdict.kind === 'behind') {
      await distrust(needs, { tenant, slab }, verdict.generation);
      records = await places.ofSlab(tenant, slab);
    }
    if (verdict.kind === 'unseen') {
      throw new Fault('throttled', 'the folders of this slab ask to wait before they can be compared', {
        retryAt: verdict.until,
      });
    }
    needs.proven.add(name);
  }
  const generation = await slabs.generation(tenant, slab);
  return {
    tenant,
    slab,
    places: records,
    generation: generation.current,
    bumped: false,
    stamped: generation.stamped >= generation.current,
    stampedPlaces: new Set(),
    reopened: behind,
  };
}

/**
 * The folders know of a later generation than the ledger: nothing it says about this slab's links is believed, and
 * everybody is looked at again, since it does not know either what the queue finished since the backup.
 */
export async function distrust(
  needs: Needs,
  { tenant, slab }: { tenant: string; slab: number },
  generation: number,
): Promise<void> {
  needs.log.warn('the ledger is older than the folders: links are rebuilt from the marks', { tenant, slab });
  await needs.ledger.slabs.distrust(tenant, slab, generation);
  for (const { sourceTenant, targetTenant } of needs.routes) {
    if (targetTenant === tenant) await needs.ledger.counters.set(roundWanted(sourceTenant), 1);
  }
}

/** The ledger's counter that asks the keeper for a round over everybody of a tenant. */
export function roundWanted(tenant: string): string {
  return `round wanted|${tenant}`;
}
