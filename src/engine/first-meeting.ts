import { REST_MS } from './at-places.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { Looker } from './look.ts';
import { seen } from './seen.ts';
import { concludeShared } from './shared-audit.ts';
import { surveyAll } from './shared-observe.ts';

/**
 * Before anything is made in a place that shares its contacts, whatever stands there is met: else the same contact would stand
 * there twice.
 */
export async function meetInPlaces(looker: Looker, places: readonly PlaceRecord[]): Promise<void> {
  const { needs } = looker;
  const order = { mode: 'full', token: null } as const;
  const looks = await surveyAll(
    looker,
    places.map((place) => ({ place, order: { ...order, place: place.place } })),
    () => ({ token: null, told: new Map() }),
  );
  for (const place of places) {
    const look = looks.get(place.place);
    if (look?.kind !== 'shared') {
      needs.resting.set(place.place, needs.clock.now() + REST_MS);
      continue;
    }
    const { links, isStrange } = await concludeShared(looker, place, look);
    await needs.ledger.links.save({ put: links });
    await needs.ledger.places.update([
      { ...seen(place), adopted: true, ...(isStrange ? { trusted: false } : {}) },
    ]);
  }
}
