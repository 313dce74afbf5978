import type { CardRecord, LinkRecord, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';

/** Whether this place shows this identity: the card says so, the place stays, and it is not its owner, unless the route says so. */
export function isWanted(
  { routes }: Pick<Needs, 'routes'>,
  place: PlaceRecord,
  { card, link }: { readonly card: CardRecord; readonly link: LinkRecord | null },
): boolean {
  if (place.state !== 'active' || card.state !== 'shown') return false;
  if (card.identity !== place.owner) return true;
  // A job that rests is not there to be asked: what stands there stays.
  return routes.find(({ key }) => key === place.route)?.ownContact ?? link !== null;
}
