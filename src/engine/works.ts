import type { PlaceRecord, SlabView } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { Work } from './work.ts';
import { isLeftAlone, isWanted } from './wanted.ts';

/** Every pair of the view's people and these places, with whether the place is to show the person. */
export function worksIn(
  needs: Pick<Needs, 'routes'>,
  view: SlabView,
  places: readonly PlaceRecord[],
): Work[] {
  const links = new Map(view.links.map((link) => [`${link.person}|${link.place}`, link]));
  const byRoute = Map.groupBy(
    view.cards.filter((card) => !isLeftAlone(card)),
    (card) => card.route,
  );
  // Mailbox by mailbox: a batch full of one mailbox's calls stands in nobody else's way.
  return places.flatMap((place) =>
    (byRoute.get(place.route) ?? []).map((card) => {
      const link = links.get(`${card.person}|${place.place}`) ?? null;
      return { place, card, link, wanted: isWanted(needs, place, { card, link }), waitUntil: null };
    }),
  );
}

/** Nothing is left to do for this pair. */
export function isRight({ card, link, wanted }: Work): boolean {
  if (!wanted) return link === null;
  if (link?.state === 'declined') return true;
  return link?.state === 'known' && link.revision === card.revision && link.photo === card.photo;
}
