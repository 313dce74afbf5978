import { Fault } from '../model/fault.ts';
import type { Write } from '../model/write.ts';
import { compareGeneration } from './generation.ts';
import type { LinkRecord, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { Delivery } from './queue-port.ts';

export interface SlabKey {
  readonly tenant: string;
  readonly slab: number;
}

/** One holder's go at a slab: its places that are not stopped, and the generation that proves the ledger to be the newest. */
export interface Turn {
  readonly tenant: string;
  readonly slab: number;
  readonly places: readonly PlaceRecord[];
  readonly delivery: Delivery<Write>;
  /** The slab's generation in the ledger: raised by everything that the turn sends. */
  generation: number;
  /** The generation in the ledger is confirmed in most of the slab's beacons. */
  stamped: boolean;
  /** Places (by key) whose folder has confirmed this turn's generation. */
  readonly stampedPlaces: Set<number>;
  /** A folder could not be found: its place is to be opened again. */
  reopened: boolean;
}

/** An administrator stopped its route; where a revert is under way, only what leaves is worked on. */
export function isStopped(needs: Pick<Needs, 'halts'>, place: PlaceRecord): boolean {
  const halt = needs.halts.of(place.routeId);
  return halt === 'paused' || (halt === 'reverting' && place.state === 'active');
}

export function isReachable(place: PlaceRecord, now: number): boolean {
  return place.mailboxState === 'ready' && place.notBefore <= now;
}

/**
 * Opens a turn: compares the ledger's generation with the one that the queue keeps for the slab, and in the first turn of
 * this process with what the slab's folders say. A ledger that was restored from a backup, or that lost track, is behind.
 * Then nothing it says about links is believed, and they are rebuilt from the marks before anything is written.
 */
export async function openTurn(needs: Needs, delivery: Delivery<Write>, at: SlabKey): Promise<Turn> {
  const { slabs, places } = needs.ledger;
  const { tenant, slab } = at;
  await needs.halts.refresh();
  const working = async (): Promise<PlaceRecord[]> =>
    (await places.ofSlab(tenant, slab)).filter((place) => !isStopped(needs, place));
  const known = await working();
  const newest = await newestGeneration(needs, at, { kept: delivery.state, places: known });
  if (newest !== null) await distrust(needs, at, newest);
  const generation = await slabs.generation(tenant, slab);
  return {
    tenant,
    slab,
    delivery,
    places: newest === null ? known : await working(),
    generation: generation.current,
    stamped: generation.stamped >= generation.current,
    stampedPlaces: new Set(),
    reopened: newest !== null,
  };
}

/** The generation that the ledger should have had; null when it is level. */
async function newestGeneration(
  needs: Needs,
  at: SlabKey,
  { kept, places }: { kept: number; places: readonly PlaceRecord[] },
): Promise<number | null> {
  const { current } = await needs.ledger.slabs.generation(at.tenant, at.slab);
  const name = `${at.tenant}|${at.slab}`;
  if (current < kept) return kept;
  if (needs.proven.has(name)) return null;
  const verdict = await compareGeneration(needs, at, places);
  if (verdict.kind === 'unseen') {
    throw new Fault('throttled', 'the folders of this slab ask to wait before they can be compared', {
      retryAt: verdict.until,
    });
  }
  needs.proven.add(name);
  return verdict.kind === 'behind' ? verdict.generation : null;
}

/**
 * Raises the slab's generation and stores the given links in one go, then tells the queue: from here on everybody can
 * know that something was sent. Throws `lease-lost` when another holds the slab by now. Call it before every sending.
 */
export async function raise(
  needs: Needs,
  turn: Turn,
  links: {
    readonly put?: readonly LinkRecord[];
    readonly drop?: readonly { person: number; place: number }[];
  } = {},
): Promise<void> {
  const { tenant, slab } = turn;
  turn.generation = await needs.ledger.links.save({ ...links, bump: { tenant, slab } });
  turn.stamped = false;
  turn.stampedPlaces.clear();
  await needs.writes.setState(turn.delivery, turn.generation);
}

/** How long something may still arrive in a place that the ledger does not know of: until then it is not read. */
export function quietFrom(needs: Needs, place: PlaceRecord, lastAttempt: number | null): number {
  return (
    Math.max(place.distrusted ?? 0, place.attempted ?? 0, lastAttempt ?? 0) + needs.timing.gatewayTimeoutMs
  );
}

/**
 * The queue or the folders know of a later generation than the ledger: nothing it says about this slab's links is believed, and
 * everybody is looked at again, since it does not know either what the queue finished since the backup.
 */
export async function distrust(needs: Needs, { tenant, slab }: SlabKey, generation: number): Promise<void> {
  needs.log.warn('the ledger is older than the mailboxes: links are rebuilt from the marks', {
    tenant,
    slab,
  });
  await needs.ledger.slabs.distrust(tenant, slab, { generation, at: needs.clock.now() });
  for (const { sourceTenant, targetTenant } of needs.routes) {
    if (targetTenant === tenant) await needs.ledger.counters.set(roundWanted(sourceTenant), 1);
  }
}

/** The ledger's counter that asks the keeper for a round over everybody of a tenant. */
export function roundWanted(tenant: string): string {
  return `round wanted|${tenant}`;
}
