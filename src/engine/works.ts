import type { PlaceRecord, SlabView } from './ledger-port.ts';
import type { Work } from './pairs.ts';

/**
 * Every pair of the view's people and these places, with whether the place is to show the person: the place stays, the
 * person is shown, and nobody is a contact in their own mailbox. People whose removal is held are left as they are.
 */
export function worksIn(view: SlabView, places: readonly PlaceRecord[]): Work[] {
  const links = new Map(view.links.map((link) => [`${link.person}|${link.place}`, link]));
  const byRoute = Map.groupBy(
    view.cards.filter((card) => card.state !== 'held'),
    (card) => card.route,
  );
  // Mailbox by mailbox: a batch full of one mailbox's calls stands in nobody else's way.
  return places.flatMap((place) =>
    (byRoute.get(place.route) ?? []).map((card) => ({
      place,
      card,
      link: links.get(`${card.person}|${place.place}`) ?? null,
      wanted: place.state === 'active' && card.state === 'shown' && card.identity !== place.owner,
      waitUntil: null,
    })),
  );
}
