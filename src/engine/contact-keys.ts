import type { Card } from '../model/card.ts';
import type { Edit, Key, Stranger } from './book-port.ts';
import type { PlaceRecord } from './ledger-port.ts';
import type { ActiveRoute, Needs } from './needs.ts';
import type { SharedItem } from './shared-port.ts';

/** As much of an item as tells when it was edited, and what it is met by. */
type Found = Pick<SharedItem, 'item' | 'card' | 'shown' | 'modified' | 'tags'>;

/** The route of a place whose contacts are shared, with how; null for any other. */
export type SharingRoute = ActiveRoute & { readonly shares: NonNullable<ActiveRoute['shares']> };

export function sharingRoute({ routes }: Pick<Needs, 'routes'>, place: PlaceRecord): SharingRoute | null {
  const route = routes.find(({ key }) => key === place.route);
  return route && isSharing(route) ? route : null;
}

function isSharing(route: ActiveRoute): route is SharingRoute {
  return route.shares !== null;
}

/** When the content that stands there was made: what we wrote there shows an edit of before. */
export function editedAt(
  { fingerprint }: Pick<Needs, 'fingerprint'>,
  { card, shown, modified }: Pick<SharedItem, 'card' | 'shown' | 'modified'>,
): number {
  return shown !== null && shown.fingerprint === fingerprint(card) ? shown.editedAt : modified;
}

/**
 * What a contact is met by: the tag of another tool, each of its addresses, and its name only where it has no address.
 */
export function keysOf(
  { digest }: Pick<Needs, 'digest'>,
  { card, tags = [] }: { readonly card: Card; readonly tags?: readonly string[] },
): Key[] {
  const key = (kind: Key['kind'], text: string): Key => ({ kind, digest: digest(kind, text) });
  const addresses = [
    ...new Set((card.emailAddresses ?? []).map(({ address }) => address.trim().toLowerCase())),
  ].filter((address) => address !== '');
  const name = card.displayName?.trim().replaceAll(/\s+/g, ' ').toLowerCase() ?? '';
  return [
    ...tags.map((tag) => key('tag', tag)),
    ...addresses.map((address) => key('address', address)),
    ...(addresses.length === 0 && name !== '' ? [key('name', name)] : []),
  ];
}

/** What stands in an item, as an edit of a contact of the book. */
export function editOf(
  needs: Pick<Needs, 'digest' | 'fingerprint'>,
  { identity, place }: Pick<Edit, 'identity' | 'place'>,
  found: Found,
): Edit {
  return { identity, place, item: found.item, editedAt: editedAt(needs, found), keys: keysOf(needs, found) };
}

/** A contact that nobody has met yet. Its new name follows from where it stands: a crash in between cannot make two of it. */
export function strangerOf(
  needs: Pick<Needs, 'digest' | 'fingerprint'>,
  owner: string,
  found: Found,
): Stranger {
  const { item, card } = found;
  return {
    item,
    fresh: needs.digest('sync id', owner, item),
    editedAt: editedAt(needs, found),
    fingerprint: needs.fingerprint(card),
    keys: keysOf(needs, found),
  };
}
