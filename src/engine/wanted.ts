import type { CardRecord, LinkRecord, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';

/**
 * People whose removal is held, and who could not be read since, or never were: what stands there stays as it is. Those who
 * can be read get their updates like anybody else.
 */
export function isLeftAlone({ state, fingerprint }: CardRecord): boolean {
  return state === 'held' && fingerprint === '';
}

/** Whether this place shows this identity: the card says so, the place stays, and it is not its owner, unless the route says so. */
export function isWanted(
  { routes }: Pick<Needs, 'routes'>,
  place: PlaceRecord,
  { card, link }: { readonly card: CardRecord; readonly link: LinkRecord | null },
): boolean {
  if (place.state !== 'active') return false;
  // Their removal is held: nothing is taken away, and nothing is put where nothing was.
  if (card.state === 'held') return link !== null;
  if (card.state !== 'shown') return false;
  if (card.identity !== place.owner) return true;
  // A job that rests is not there to be asked: what stands there stays.
  return routes.find(({ key }) => key === place.route)?.ownContact ?? link !== null;
}
