import { applyAll, at } from './at-places.ts';
import type { PlaceChange, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { seen } from './seen.ts';
import { raise, type Turn } from './turn.ts';

/**
 * How a place leaves:
 *
 *   look ──> all ours: the folder goes in one call ──> searched for by its mark ──> not found: forgotten
 *    ^  └──> something foreign is in it: contact by contact (`filled` says so) ──┐
 *    └───────────────────────────────────────────────────────────────────────────┘
 *   look ──> nothing of ours is left: the folder stays to its owner, and the place is forgotten
 *
 * So no place is forgotten before a look at the mailbox itself has found nothing of ours. Where it stands is in the ledger:
 * whoever takes the next turn goes on from there. Returns the places whose folder is gone, to be searched for by their mark.
 */
export async function clearPlaces(
  needs: Needs,
  turn: Turn,
  places: readonly PlaceRecord[],
): Promise<PlaceRecord[]> {
  if (places.length === 0) return [];
  const now = needs.clock.now();
  // Should the mailbox be wanted again while a removal is under way, its place is read anew, when all has arrived.
  const begun = await needs.ledger.places.update(
    places.map((place) => ({ ...seen(place), trusted: false, attempted: now })),
  );
  // One that is wanted again by now stays.
  const leaving = places.filter(({ place }) => begun.has(place));
  if (leaving.length === 0) return [];
  await raise(needs, turn);
  const looked = await applyAll({ needs, turn }, leaving, (place) => ({
    kind: 'clear-folder',
    ...at(place),
  }));
  const changes: PlaceChange[] = [];
  const emptied: PlaceRecord[] = [];
  const cleared: PlaceRecord[] = [];
  for (const { place, outcome } of looked) {
    const same = { ...seen(place), trusted: place.trusted, attempted: place.attempted };
    if (outcome.kind === 'done' || (outcome.kind === 'fault' && outcome.fault.kind === 'not-found')) {
      needs.resting.delete(place.place);
      const gone = { folder: null, name: null, attempted: null };
      changes.push({ ...same, ...gone });
      cleared.push({ ...place, ...gone });
    } else if (outcome.kind === 'kept' && outcome.ours === 0) {
      changes.push(same);
      emptied.push(place);
    } else if (outcome.kind === 'kept') {
      const [known] = await needs.ledger.links.ofPlace(place.place, 0, 1);
      // Items of ours that no link knows are found by reading the marks.
      changes.push({ ...same, trusted: place.trusted && known !== undefined, filled: true, cursor: 0 });
    } else if (outcome.kind !== 'fault' || outcome.fault.kind !== 'unknown-outcome') changes.push(same);
  }
  const updated = await needs.ledger.places.update(changes);
  await forgetCleared(needs, emptied, 'kept');
  return cleared.filter(({ place }) => updated.has(place));
}

/** Is this one looked at as a whole next, not contact by contact? */
export function isCleared(place: PlaceRecord): boolean {
  return place.state === 'leaving' && !place.filled && place.folder !== null;
}

/** What a look has found free of us. `kept`: the folder stays, since its owner has put something there. */
export async function forgetCleared(
  needs: Needs,
  places: readonly PlaceRecord[],
  folder: 'gone' | 'kept',
): Promise<void> {
  if (places.length === 0) return;
  const { ledger } = needs;
  for (const [route, ofRoute] of Map.groupBy(places, (place) => place.routeId)) {
    // Also what was on its way when a revert was paused.
    const isRevert = needs.halts.of(route) !== null;
    const tally = folder === 'kept' ? (['free', 'kept'] as const) : (['free'] as const);
    await ledger.places.forget(
      ofRoute.map(({ place }) => place),
      isRevert ? tally.map((what) => revertCounter(route, what)) : [],
    );
  }
}

/** The ledger's counters of a revert: mailboxes seen to be `free` of us, and among them those whose folder was `kept`. */
export function revertCounter(route: string, what: 'free' | 'kept'): string {
  return `reverted ${what}|${route}`;
}
