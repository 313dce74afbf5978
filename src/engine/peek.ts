import type { Edit, NewestEdit } from './book-port.ts';
import { editOf, sharingRoute, type SharingRoute } from './contact-keys.ts';
import type { CardRecord, LinkRecord, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { SharedItem } from './shared-port.ts';

/**
 * Before a contact that mailboxes share is written over, it is looked at: an edit that nobody has seen yet must not be lost.
 *
 *   reads as its link says, or as we sent it ──> written over, unless somebody writes in between (`version`)
 *   reads as its card says already ──> nothing is written but the mark, where it lacks it
 *   it is the newest edit itself ──> never written over: the card is read anew from it
 *   reads otherwise ──> an edit: the newest, or one that has lost and is written over after all
 *   is not there, or private by now ──> the place is looked at: what became of it is for that look to say
 */
export type Peek =
  | { readonly kind: 'right'; readonly link: LinkRecord }
  /** `isStamp`: its mark alone is missing, or nothing else may be written. */
  | {
      readonly kind: 'write';
      readonly link: LinkRecord;
      readonly found: SharedItem;
      readonly isStamp: boolean;
    }
  | { readonly kind: 'edited'; readonly edit: Edit; readonly found: SharedItem; readonly print: string }
  | { readonly kind: 'stale'; readonly edit: Edit }
  | { readonly kind: 'elsewhere' };

export interface Peeked {
  readonly place: PlaceRecord;
  readonly card: CardRecord;
  readonly link: LinkRecord;
  readonly newest: NewestEdit | undefined;
  readonly route: SharingRoute;
}

/** What a look at the item says. Pure. */
export function judgePeek(
  needs: Pick<Needs, 'fingerprint' | 'digest'>,
  { place, card, link, newest, route }: Peeked,
  found: SharedItem | undefined,
): Peek {
  const isOurs =
    found?.mark === null || (found?.mark !== 'foreign' && found?.mark.identity === card.identity);
  if (!found || !isOurs || route.shares.isPrivate(found.intimacy)) return { kind: 'elsewhere' };
  const print = needs.fingerprint(found.card);
  const seen = { ...link, fingerprint: print, origin: found.mark?.origin ?? link.origin };
  if (print === card.fingerprint || !route.shares.updates) {
    if (found.mark !== null && found.shown !== null) return { kind: 'right', link: seen };
    return { kind: 'write', link: seen, found, isStamp: true };
  }
  const asEdit = (): Edit => editOf(needs, { identity: card.identity, place: place.place }, found);
  // Its time is to be known: an edit that is heard of later may be older all the same.
  if (newest?.place === place.place && newest.item === found.item) return { kind: 'stale', edit: asEdit() };
  const isKnown = print === link.fingerprint || found.shown?.fingerprint === print;
  if (isKnown) return { kind: 'write', link: seen, found, isStamp: false };
  return { kind: 'edited', edit: asEdit(), found, print };
}

/** The newest edits of contacts that are to be written into places that share them, for `newestFor`. */
export async function newestOf(
  needs: Pick<Needs, 'ledger' | 'routes'>,
  works: readonly { readonly place: PlaceRecord; readonly card: CardRecord }[],
): Promise<ReadonlyMap<string, NewestEdit>> {
  const wanted = new Map<string, Set<string>>();
  for (const { place, card } of works) {
    const route = sharingRoute(needs, place);
    if (route)
      wanted.set(route.sourceTenant, (wanted.get(route.sourceTenant) ?? new Set()).add(card.identity));
  }
  const newest = new Map<string, NewestEdit>();
  for (const [source, identities] of wanted)
    for (const one of await needs.ledger.book.newest(source, [...identities]))
      newest.set(nameOf(source, one), one);
  return newest;
}

/** The one of this contact. */
export function newestFor(
  newest: ReadonlyMap<string, NewestEdit>,
  { sourceTenant }: SharingRoute,
  card: Pick<CardRecord, 'identity'>,
): NewestEdit | undefined {
  return newest.get(nameOf(sourceTenant, card));
}

function nameOf(source: string, { identity }: { readonly identity: string }): string {
  return `${source}|${identity}`;
}
