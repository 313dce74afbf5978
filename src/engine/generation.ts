import type { PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import type { Operation, Outcome } from './ports.ts';
import { noteTroubles, reopen } from './trouble.ts';
import type { Turn } from './turn.ts';

/**
 * Whatever is sent to a slab raises its generation in the ledger. The queue keeps it beside the slab's key (turn.ts), so a
 * ledger alone that was restored from a backup is found out at once. For the day when both were restored it is stamped
 * into the slab's beacons, too: the first three folders. It counts as stamped when most of them have it, and a new process
 * asks most of them before it believes its ledger. Two majorities share a folder, so at least one that is newer is met.
 */
export const BEACONS = 3;

/** How many of `count` beacons are most of them. */
function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

/** Where the generation is stamped: their stamps go out with a turn's writes. Folders that are about to go are no beacons. */
export function beaconsOf(places: readonly PlaceRecord[]): PlaceRecord[] {
  return places
    .filter((place) => place.folder !== null && place.trusted && place.state === 'active')
    .filter((place) => place.mailboxState === 'ready')
    .slice(0, BEACONS);
}

export type Verdict =
  | { readonly kind: 'level' }
  /** Too few beacons can be reached now: nothing may be written yet. Milliseconds since 1970. */
  | { readonly kind: 'unseen'; readonly until: number }
  | { readonly kind: 'behind'; readonly generation: number };

/** Holds the ledger's generation against what the beacons say. Throws what stands in the way of asking them. */
export async function compareGeneration(
  needs: Needs,
  { tenant, slab }: { tenant: string; slab: number },
  places: readonly PlaceRecord[],
): Promise<Verdict> {
  const beacons = beaconsOf(places);
  if (beacons.length === 0) return { kind: 'level' };
  const now = needs.clock.now();
  const reachable = beacons.filter((place) => place.notBefore <= now);
  if (reachable.length < majority(beacons.length)) {
    return {
      kind: 'unseen',
      until: Math.min(...beacons.map((place) => place.notBefore).filter((at) => at > now)),
    };
  }
  const outcomes = await portOf(needs.targets, tenant).apply(
    reachable.map((place) => ({
      kind: 'read-generation',
      mailbox: place.owner,
      folder: place.folder ?? '',
      route: place.routeId,
    })),
    'live',
  );
  await noteTroubles(
    needs,
    tenant,
    reachable.map((place, index) => ({ place, outcome: outcomes[index] })),
  );
  const { current } = await needs.ledger.slabs.generation(tenant, slab);
  const answered = outcomes.flatMap((outcome) => (outcome.kind === 'folder' ? [outcome.generation] : []));
  const newest = Math.max(-1, ...answered);
  if (newest > current) return { kind: 'behind', generation: newest };
  if (answered.length >= majority(beacons.length)) return { kind: 'level' };
  const passing = outcomes.find((outcome) => outcome.kind === 'fault' && outcome.fault.kind !== 'not-found');
  if (passing?.kind === 'fault') throw passing.fault;
  // Too many folders are gone: nothing proves the ledger right.
  return { kind: 'behind', generation: current };
}

/** A stamp that goes out with a turn's writes. */
export interface Stamp {
  readonly place: PlaceRecord;
  readonly generation: number;
  readonly operation: Operation;
}

/** The stamps that the turn still owes; none when its generation stands in most beacons. */
export function stampsOf(turn: Turn, now: number): Stamp[] {
  if (turn.stamped) return [];
  const { generation } = turn;
  return beaconsOf(turn.places)
    .filter((place) => place.notBefore <= now && !turn.stampedPlaces.has(place.place))
    .map((place) => ({
      place,
      generation,
      operation: {
        kind: 'write-generation',
        mailbox: place.owner,
        folder: place.folder ?? '',
        route: place.routeId,
        generation,
      },
    }));
}

/** What became of the stamps, in their order. */
export async function stamped(
  needs: Needs,
  turn: Turn,
  { stamps, outcomes }: { stamps: readonly Stamp[]; outcomes: readonly Outcome[] },
): Promise<void> {
  stamps.forEach(({ place, generation }, index) => {
    // Another strand of the turn may have raised it since.
    const isCurrent = generation === turn.generation;
    if (isCurrent && outcomes[index]?.kind === 'done') turn.stampedPlaces.add(place.place);
  });
  await noteTroubles(
    needs,
    turn.tenant,
    stamps.map(({ place }, index) => ({ place, outcome: outcomes[index] })),
  );
  const gone = stamps.filter((_, index) => isGone(outcomes[index])).map(({ place }) => place.place);
  if (gone.length > 0) {
    await reopen(needs, gone);
    turn.reopened = true;
  }
  if (turn.stampedPlaces.size < majority(beaconsOf(turn.places).length)) return;
  const { generation } = turn;
  await needs.ledger.slabs.stamped(turn.tenant, turn.slab, generation);
  turn.stamped = generation === turn.generation;
}

function isGone(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'fault' && outcome.fault.kind === 'not-found';
}

/** A turn is over when its generation stands in most beacons; false when that has to be tried again. */
export async function closeTurn(needs: Needs, turn: Turn): Promise<boolean> {
  if (turn.stamped || beaconsOf(turn.places).length === 0) return true;
  const stamps = stampsOf(turn, needs.clock.now());
  if (stamps.length > 0) {
    const operations = stamps.map(({ operation }) => operation);
    const outcomes = await portOf(needs.targets, turn.tenant).apply(operations, 'live');
    await stamped(needs, turn, { stamps, outcomes });
  }
  return turn.stamped;
}
