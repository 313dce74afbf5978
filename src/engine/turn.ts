import { Fault } from '../model/fault.ts';
import type { Write } from '../model/write.ts';
import { lateUntil, type Lateness } from './compare.ts';
import { compareGeneration } from './generation.ts';
import type { LinkRecord, PlaceRecord } from './ledger-port.ts';
import type { Holding, Needs } from './needs.ts';
import type { Delivery } from './queue-port.ts';
import { noteLoss } from './recall.ts';
import { subjectKey, type Setback } from './setback-book.ts';

export interface SlabKey {
  readonly tenant: string;
  readonly slab: number;
}

/** What a turn is for, and what ends it early. */
export interface Given {
  readonly delivery: Delivery<Write>;
  readonly stop: AbortSignal;
}

/** One holder's go at a slab: its places that are not stopped, and the generation that proves the ledger to be the newest. */
export interface Turn {
  readonly tenant: string;
  readonly slab: number;
  /** As they were when the turn last looked. */
  places: readonly PlaceRecord[];
  /** Those that nothing was written into when the turn began: stopped, or of a job that rests. */
  readonly passedBy: readonly PlaceRecord[];
  readonly delivery: Delivery<Write>;
  readonly stop: AbortSignal;
  readonly holding: Holding;
  readonly lateness: Lateness;
  /** The slab's generation in the ledger: raised by everything that the turn sends. */
  generation: number;
  /** The generation in the ledger is confirmed in most of the slab's beacons. */
  stamped: boolean;
  /** A strand's stamps are under way: those of another would race with them, and the older ones might be applied last. */
  stamping: boolean;
  /** Places (by key) whose folder has confirmed this turn's generation. */
  readonly stampedPlaces: Set<number>;
  /** What does not succeed in the slab's folders and contacts, by `subjectKey`, as far as this turn knows. */
  readonly setbacks: Map<string, Setback>;
  /** A folder could not be found, or contacts turned out not to be right any more: a fill is to follow. */
  reopened: boolean;
  /** A place cannot be looked through before a round over everybody is done: to wait for that is no step towards the end. */
  awaitsRound: boolean;
}

/** What does not succeed in a slab's folders and contacts. */
export type KnownSetbacks = Pick<Turn, 'tenant' | 'slab' | 'setbacks'>;

/** An administrator stopped its route; where a revert is under way, only what leaves is worked on. */
export function isStopped(needs: Pick<Needs, 'halts'>, place: PlaceRecord): boolean {
  const halt = needs.halts.of(place.routeId);
  return halt === 'paused' || (halt === 'reverting' && place.state === 'active');
}

/** A job that rests (`--job`) or is stopped is not worked on; one that is withdrawn is only emptied. */
export function isOurs(needs: Pick<Needs, 'halts' | 'routes'>, place: PlaceRecord): boolean {
  if (isStopped(needs, place)) return false;
  return place.state === 'leaving' || needs.routes.some((route) => route.key === place.route);
}

export function isReachable(place: PlaceRecord, now: number): boolean {
  return place.mailboxState === 'ready' && place.notBefore <= now;
}

/**
 * Opens a turn: compares the ledger's generation with the one that the queue keeps for the slab, and in the first turn of
 * this process with what the slab's folders say. A ledger that was restored from a backup, or that lost track, is behind.
 * Then nothing it says about links is believed, and they are rebuilt from the marks before anything is written.
 */
export async function openTurn(needs: Needs, given: Given, slab: SlabKey): Promise<Turn> {
  const { slabs, places } = needs.ledger;
  const at = { tenant: slab.tenant, slab: slab.slab, ...given };
  await needs.halts.refresh();
  // Stopped ones are compared as well: reading disturbs nobody.
  const known = await places.ofSlab(at.tenant, at.slab);
  const newest = await newestGeneration(needs, at, known);
  if (newest !== null) await distrust(needs, at, newest);
  const latest = newest === null ? known : await places.ofSlab(at.tenant, at.slab);
  const generation = await slabs.generation(at.tenant, at.slab);
  const setbacks = await needs.ledger.setbacks.inSlab(at.tenant, at.slab);
  const holding = await hold(needs, at, generation.current);
  return {
    ...at,
    // In one go: what is taken up again from here on was passed by all the same.
    places: latest.filter((place) => !isStopped(needs, place)),
    passedBy: latest.filter((place) => !isOurs(needs, place)),
    holding,
    lateness: { gatewayTimeoutMs: needs.timing.gatewayTimeoutMs, since: holding.since },
    generation: generation.current,
    stamped: generation.stamped >= generation.current,
    stamping: false,
    stampedPlaces: new Set(),
    setbacks: new Map(setbacks.map((one) => [subjectKey(one), one])),
    reopened: newest !== null,
    awaitsRound: false,
  };
}

type HeldSlab = SlabKey & { readonly delivery: Delivery<Write> };

/** The generation that everybody should have; null when ledger and queue are level. */
async function newestGeneration(
  needs: Needs,
  at: HeldSlab,
  places: readonly PlaceRecord[],
): Promise<number | null> {
  const { current } = await needs.ledger.slabs.generation(at.tenant, at.slab);
  const kept = at.delivery.state;
  // A crash between the two leaves the queue one behind. Further behind, it was restored, and what it had to do is gone.
  if (current < kept || kept + 1 < current) return Math.max(kept, current);
  if (needs.holdings.has(nameOf(at))) return null;
  const verdict = await compareGeneration(needs, at, places);
  if (verdict.kind === 'unseen') {
    throw new Fault('throttled', 'the folders of this slab ask to wait before they can be compared', {
      retryAt: verdict.until,
    });
  }
  return verdict.kind === 'behind' ? verdict.generation : null;
}

/** What this process knows of the slab; whoever else wrote to it may have sent its last call a moment ago. */
async function hold(needs: Needs, at: HeldSlab, generation: number): Promise<Holding> {
  const before = needs.holdings.get(nameOf(at));
  const isOurs = before !== undefined && before.state === at.delivery.state;
  const holding = { state: generation, since: isOurs ? before.since : needs.clock.now() };
  if (generation !== at.delivery.state) await needs.writes.setState(at.delivery, generation);
  needs.holdings.set(nameOf(at), holding);
  return holding;
}

function nameOf({ tenant, slab }: SlabKey): string {
  return `${tenant}|${slab}`;
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
  // Of two strands of a turn the later one holds the higher number, in the ledger as in the queue.
  await needs.inTurn(`generation|${tenant}|${slab}`, async () => {
    turn.generation = await needs.ledger.links.save({ ...links, bump: { tenant, slab } });
    turn.stamped = false;
    turn.stampedPlaces.clear();
    await needs.writes.setState(turn.delivery, turn.generation);
    turn.holding.state = turn.generation;
  });
}

/** How long something may still arrive in a place that the ledger does not know of: until then it is not read. */
export function quietFrom(turn: Turn, place: PlaceRecord, lastAttempt: number | null): number {
  const unanswered = Math.max(place.attempted ?? 0, lastAttempt ?? 0);
  return Math.max(
    lateUntil({ attempted: unanswered === 0 ? null : unanswered }, turn.lateness),
    lateUntil({ attempted: place.distrusted }, { ...turn.lateness, since: 0 }),
  );
}

/** Those of the places in which nothing can arrive any more that was sent before; the others rest until then. */
export async function quietOnes(
  needs: Needs,
  turn: Turn,
  places: readonly PlaceRecord[],
): Promise<PlaceRecord[]> {
  const now = needs.clock.now();
  const quietPlaces: PlaceRecord[] = [];
  for (const place of places) {
    const quiet = quietFrom(turn, place, await needs.ledger.links.lastAttempt(place.place));
    if (quiet <= now) quietPlaces.push(place);
    else needs.resting.set(place.place, quiet);
  }
  return quietPlaces;
}

/**
 * Queue or folders know of a later generation than the ledger: nothing it says about this slab's links is believed, and
 * everybody is looked at again, since it does not know either what the queue finished since the backup; and so is every
 * mailbox, also those that it does not know. The round is asked for first: after a crash in between, the ledger is found behind once more.
 */
export async function distrust(needs: Needs, at: SlabKey, generation: number): Promise<void> {
  const { tenant, slab } = at;
  needs.log.tell('ledger-behind', {
    tenant,
    slab,
  });
  await noteLoss(needs.ledger, tenant, needs.clock.now());
  for (const { sourceTenant, targetTenant } of needs.routes) {
    if (targetTenant === tenant) await needs.ledger.counters.add(roundWanted(sourceTenant), 1);
  }
  await needs.ledger.slabs.distrust(tenant, slab, { generation, at: needs.clock.now() });
}

/** The ledger's counter that asks the keeper for a round over everybody of a tenant, by growing. */
export function roundWanted(tenant: string): string {
  return `round wanted|${tenant}`;
}

/**
 * The same counter as it stood when the last round that was finished began. Both only grow, so that two keepers of which one
 * does not know yet that it is none ask for a round too many at worst.
 */
export function roundMade(tenant: string): string {
  return `round made|${tenant}`;
}
