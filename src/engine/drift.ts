import type { Fingerprint } from '../model/card.ts';
import { isAccepted, type Drift, type Healing } from './audit-book.ts';
import type { Key } from './book-port.ts';
import type { LinkRecord, Pair } from './ledger-port.ts';
import type { LinkOrigin } from './ports.ts';
import { isLeftAlone } from './wanted.ts';

/** An item of ours, as it stands in the mailbox. */
export interface Sighted {
  readonly item: string;
  readonly identity: string;
  readonly origin: LinkOrigin;
  readonly fingerprint: Fingerprint;
  /** Of a contact that is shared. */
  readonly shared?: SharedSighting;
}

export interface SharedSighting {
  /** When the content that stands there was made. */
  readonly editedAt: number;
  /** It was made elsewhere. */
  readonly isCopy: boolean;
  /** What it is met by. */
  readonly keys: readonly Key[];
  /** It stands in another folder of the place than copies are made in. */
  readonly isMisplaced: boolean;
}

/** What was seen of one place. */
export interface Observation {
  /** Items of ours that were looked at; others may be there, and as they should be, unless it is `complete`. */
  readonly ours: readonly Sighted[];
  /** Items that were seen to be right. */
  readonly right: ReadonlySet<string>;
  /** Items that are not in the folder any more, or do not bear our mark. */
  readonly gone: ReadonlySet<string>;
  /** Everything in the folder was seen. */
  readonly complete: boolean;
}

export interface Verdict {
  readonly drift: Drift;
  /** Links as they are now known to be: not right, or accepted as they are. */
  readonly links: readonly LinkRecord[];
  readonly healings: readonly Healing[];
  /** An item of ours that no link explains. */
  readonly isStrange: boolean;
}

/**
 * Holds what was seen of a place against its links. Only what the ledger believes to be right can drift: whatever is
 * under way is somebody else's business. Where the guard holds a removal, the contact is kept as its person is; one that is not
 * there any more is not made again. Pure.
 */
export function judge(
  pairs: readonly Pair[],
  seen: Observation,
  known: ReadonlyMap<number, Healing>,
): Verdict {
  const sightings = Map.groupBy(seen.ours, (one) => one.identity);
  const links: LinkRecord[] = [];
  const healings: Healing[] = [];
  const count = { missing: 0, changed: 0, extra: 0 };
  for (const { card, link } of pairs) {
    const items = sightings.get(card.identity) ?? [];
    sightings.delete(card.identity);
    if (link?.state !== 'known' || link.item === null) continue;
    const { item } = link;
    const own = items.find((one) => one.item === item);
    const copies = items.filter((one) => one.item !== item);
    const isHeld = card.state === 'held' && !isLeftAlone(card);
    const isUnderWay = !(card.state === 'shown' || isHeld) || link.revision === 0;
    const isMissing = isAbsent(seen, link, own !== undefined);
    if (isUnderWay) {
      // Its copies are nobody's business but ours, and a removal that comes later must not leave them behind.
    } else if (isMissing && !isHeld) {
      count.missing += 1;
      // Looked for by its mark before another is made: what is gone from here may be back by then.
      links.push({ ...link, item: null, revision: 0 });
    } else if (own && own.fingerprint !== link.fingerprint) {
      const healing = next(known.get(card.person), { person: card.person, revision: card.revision });
      healings.push(healing);
      if (!isAccepted(healing)) count.changed += 1;
      links.push({
        ...link,
        fingerprint: own.fingerprint,
        revision: isAccepted(healing) ? link.revision : 0,
      });
    }
    if (copies.length > 0) {
      count.extra += copies.length;
      links.push(lookAgain(links.at(-1)?.person === link.person ? links.pop() : link, link));
    }
  }
  return { drift: { ...count, folder: false }, links, healings, isStrange: sightings.size > 0 };
}

/** The items that the ledger believes to be there and this look did not show. */
export function absentFrom(pairs: readonly Pair[], seen: Observation): string[] {
  const there = new Set(seen.ours.map(({ item }) => item));
  return pairs.flatMap(({ link }) => {
    if (link?.state !== 'known' || link.item === null) return [];
    return isAbsent(seen, link, there.has(link.item)) ? link.item : [];
  });
}

function isAbsent(seen: Observation, link: LinkRecord, isThere: boolean): boolean {
  if (link.item === null) return false;
  return (
    seen.gone.has(link.item) || (seen.complete && isManaged(link) && !isThere && !seen.right.has(link.item))
  );
}

/** Everything with its mark is looked up: the linked item stays, the others go. */
function lookAgain(marked: LinkRecord | undefined, link: LinkRecord): LinkRecord {
  return { ...(marked ?? link), state: 'settling', attempted: 0 };
}

/** An adopted item stands in a folder of the owner's choice: that it is not here says nothing. */
function isManaged(link: LinkRecord): boolean {
  return link.origin === 'created';
}

/** A new revision of the card starts anew: it may not come back. */
function next(before: Healing | undefined, { person, revision }: Omit<Healing, 'times'>): Healing {
  return { person, revision, times: before?.revision === revision ? before.times + 1 : 1 };
}
