import type { CardField } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import type { PlaceRecord } from './ledger-port.ts';
import { ownedBy, portOf, type Needs } from './needs.ts';
import type { Operation, Outcome } from './ports.ts';
import { noteTroubles } from './trouble.ts';
import type { Turn } from './turn.ts';

/** A place whose folder could not be handled, or whose mailbox not looked through, lets others go first for this long. */
export const REST_MS = 5_000;

type At = { readonly mailbox: string; readonly folder: string; readonly route: string };

/** The same operation in each of these places, with what became of it. Places that met a failure rest for a while. */
export async function applyAll(
  { needs, turn }: { needs: Needs; turn: Turn },
  places: readonly PlaceRecord[],
  operation: (place: PlaceRecord) => Operation,
): Promise<{ place: PlaceRecord; outcome: Outcome }[]> {
  if (places.length === 0) return [];
  const outcomes = await portOf(needs.targets, turn.tenant).apply(places.map(operation), 'bulk');
  const results = places.map((place, index) => ({
    place,
    outcome: outcomes[index] ?? { kind: 'fault' as const, fault: new Fault('unknown-outcome', 'no outcome') },
  }));
  await noteTroubles(needs, turn.tenant, results);
  const until = needs.clock.now() + REST_MS;
  for (const { place, outcome } of results)
    if (outcome.kind === 'fault') needs.resting.set(place.place, until);
  return results;
}

/** Where an operation in this place is carried out. */
export function at(place: PlaceRecord): At {
  return { mailbox: place.owner, folder: place.folder ?? '', route: place.routeId };
}

/** The same, with the fields that its route owns: nothing else of a contact is read. */
export function reading(
  needs: Pick<Needs, 'routes'>,
  place: PlaceRecord,
): At & { readonly fields: readonly CardField[] } {
  return { ...at(place), fields: ownedBy(needs, place.route) };
}
