import { hasGivenUp, isMisplaced } from '../model/standing.ts';
import type { Edit, Stranger } from './book-port.ts';
import { editOf, strangerOf, type SharingRoute } from './contact-keys.ts';
import type { LinkRecord, Pair, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import type { SharedItem } from './shared-port.ts';

/** What was seen of a place that shares its contacts. */
export interface SharedSight {
  /** Contacts that were looked at; others stand there, and as they should be, unless it is `complete`. */
  readonly items: readonly SharedItem[];
  /** Contacts that were seen to read as their link says. */
  readonly right: ReadonlySet<string>;
  /** Items that are not in the folder any more. */
  readonly gone: ReadonlySet<string>;
  readonly complete: boolean;
  /** Something reads otherwise than the delta query told: one of the two answers is behind, and nobody can say which. */
  readonly isBehind: boolean;
}

/** A contact of ours that its owner has taken out of the folder, or to themselves. */
export interface Loss {
  readonly pair: Pair & { readonly link: LinkRecord };
  readonly why: 'gone' | 'private' | 'foreign';
}

export interface SharedVerdict {
  readonly edits: readonly Edit[];
  readonly strangers: readonly Stranger[];
  readonly losses: readonly Loss[];
  /** Links as they are now known to be: edits that came too late are written over. */
  readonly links: readonly LinkRecord[];
  /** An item with our mark that no link explains. */
  readonly isStrange: boolean;
}

/**
 * Holds what was seen against the links. Other than in a place that is ours alone, nothing is drift: what differs is an edit of
 * its owner's, what is new is to be met, what is gone was deleted. What is under way is left to the look before its next write. Pure.
 */
export function judgeShared(
  needs: Pick<Needs, 'fingerprint' | 'digest'>,
  {
    place,
    route,
    pairs,
    seen,
  }: {
    readonly place: PlaceRecord;
    readonly route: SharingRoute;
    readonly pairs: readonly Pair[];
    readonly seen: SharedSight;
  },
): SharedVerdict {
  const { isPrivate } = route.shares;
  const found = new Map(seen.items.map((one) => [one.item, one]));
  const linked = new Set(pairs.flatMap(({ link }) => link?.item ?? []));
  const edits: Edit[] = [];
  const losses: Loss[] = [];
  const links: LinkRecord[] = [];
  for (const { card, link } of pairs) {
    if (link?.item == null || link.state === 'removing' || link.state === 'released') continue;
    const { item } = link;
    // We may have removed it ourselves.
    if (link.state === 'misplaced' && link.attempted !== null) continue;
    const there = found.get(item);
    const pair = { card, link };
    if (!there) {
      const isGone = seen.gone.has(item) || (seen.complete && !seen.right.has(item));
      if (isGone) losses.push({ pair, why: 'gone' });
    } else if (there.mark === 'foreign') losses.push({ pair, why: 'foreign' });
    else if (isPrivate(there.intimacy)) losses.push({ pair, why: 'private' });
    else if (link.state === 'known') {
      const print = needs.fingerprint(there.card);
      // What is still in a folder that is given up, however it came there.
      const isLeft = hasGivenUp(place.folder) && isMisplaced(place.folder, there.folder);
      if (isLeft && link.origin === 'created' && print === link.fingerprint)
        links.push({ ...link, state: 'misplaced' });
      if (print === link.fingerprint || link.fingerprint === null) continue;
      // Ours after all: a write that was applied late.
      if (there.shown?.fingerprint === print) links.push({ ...link, fingerprint: print, revision: 0 });
      else if (route.shares.updates)
        edits.push(editOf(needs, { identity: card.identity, place: place.place }, there));
    }
  }
  const known = new Set(pairs.map(({ card }) => card.identity));
  // What was sent without an answer may be this one: it is looked for by its mark.
  const awaited = new Set(
    pairs.flatMap(({ card, link }) =>
      link !== null && link.item === null && link.state !== 'declined' ? card.identity : [],
    ),
  );
  const unlinked = seen.items.filter((one) => !linked.has(one.item) && !isPrivate(one.intimacy));
  // Its owner may have copied a contact, mark and all: a contact of its own, unless nobody can tell the two apart.
  const strangers = unlinked.filter(
    ({ mark }) =>
      mark === null || (mark !== 'foreign' && known.has(mark.identity) && !awaited.has(mark.identity)),
  );
  return {
    edits,
    losses,
    links,
    strangers: strangers.map((one) => strangerOf(needs, place.owner, one)),
    isStrange: unlinked.some(({ mark }) => mark !== null && mark !== 'foreign' && !known.has(mark.identity)),
  };
}
