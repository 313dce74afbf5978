import type { CardRecord, LinkRecord } from './ledger-port.ts';

/** One identity in one place: what should be there, what we believe is there, and how far to believe it. */
export interface Comparison {
  readonly card: CardRecord;
  readonly link: LinkRecord | null;
  /** The place shows this identity: the route says so, the place stays, and nobody is a contact in their own mailbox. */
  readonly wanted: boolean;
  readonly now: number;
  readonly lateness: Lateness;
}

export type Plan =
  | { readonly kind: 'nothing' }
  /** The item already holds this revision's content: only the ledger learns it. */
  | { readonly kind: 'confirm' }
  /** Look the item up by its mark; nothing else is safe. */
  | { readonly kind: 'find' }
  | { readonly kind: 'create' }
  | { readonly kind: 'patch'; readonly item: string }
  /** The fields are right, the picture is not. */
  | { readonly kind: 'picture'; readonly item: string }
  /** Whether there is a picture is not known, and there is to be none. */
  | { readonly kind: 'look-at-picture'; readonly item: string }
  | { readonly kind: 'remove'; readonly item: string }
  /** It goes, to be made anew in the folder that copies stand in. */
  | { readonly kind: 'move'; readonly item: string }
  /** There is no item and none is wanted: only the ledger has to forget. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'wait'; readonly until: number };

/** Of a picture in an item: there may be one, whichever; there is one, but not the card's. No digest is that short. */
export const PICTURE = { unseen: '', some: '00' } as const;

const nothing: Plan = { kind: 'nothing' };
const find: Plan = { kind: 'find' };

/** How long after it was sent a write without an answer may be applied, and who may have sent it. */
export interface Lateness {
  readonly gatewayTimeoutMs: number;
  /** Since when this process alone writes to the slab (ms since 1970): what another planned before may have left as late as then. */
  readonly since: number;
}

/** Until when a write of unknown outcome may still be applied by the service; 0 when there is none. */
export function lateUntil(
  sent: { readonly attempted: number | null } | null,
  { gatewayTimeoutMs, since }: Lateness,
): number {
  return sent?.attempted == null ? 0 : Math.max(sent.attempted, since) + gatewayTimeoutMs;
}

/** What to do about one identity in one place. Pure: the same facts give the same plan. */
export function plan(facts: Comparison): Plan {
  const { card, link, wanted } = facts;
  if (!link) return wanted ? { kind: 'create' } : nothing;
  switch (link.state) {
    case 'creating':
      return find;
    case 'removing':
      // What was sent before may have taken the mark off an original: it is nobody's to write into any more.
      return wanted || link.item === null || link.origin === 'linked' ? find : letGo(link, link.item);
    case 'patching':
      if (link.item === null) return find;
      return wanted ? { kind: 'patch', item: link.item } : letGo(link, link.item);
    case 'settling':
      return settling(facts, link);
    case 'released':
      return released(facts, link);
    case 'refused':
      if (!wanted) return link.item === null ? { kind: 'forget' } : letGo(link, link.item);
      if (link.revision === card.revision) return nothing;
      return link.item === null ? { kind: 'create' } : { kind: 'patch', item: link.item };
    case 'declined':
      return wanted ? nothing : { kind: 'forget' };
    case 'misplaced':
      if (link.item === null) return find;
      return wanted ? { kind: 'move', item: link.item } : letGo(link, link.item);
    case 'known':
      return known(facts, link);
  }
}

function known({ card, wanted }: Comparison, link: LinkRecord): Plan {
  if (link.item === null) return find;
  if (!wanted) return letGo(link, link.item);
  const losesPicture = link.photo !== null && card.photo === null;
  // Outlook takes no picture away from a contact: it is made anew without one, unless it was not we who made it.
  if (losesPicture && link.origin === 'created')
    return { kind: link.photo === PICTURE.unseen ? 'look-at-picture' : 'remove', item: link.item };
  if (link.revision === card.revision) {
    if (link.photo === card.photo) return nothing;
    return losesPicture ? { kind: 'confirm' } : { kind: 'picture', item: link.item };
  }
  // A -> B -> A: the item may hold the wanted content under an older revision's number.
  return link.fingerprint === card.fingerprint ? { kind: 'confirm' } : { kind: 'patch', item: link.item };
}

/** Right as far as we know, but an earlier write without an answer may still change it: one more look when it no longer can. */
function settling({ card, wanted, now, lateness }: Comparison, link: LinkRecord): Plan {
  const until = lateUntil(link, lateness);
  if (now >= until || link.item === null) return find;
  if (!wanted) return letGo(link, link.item);
  return link.revision === card.revision ? { kind: 'wait', until } : { kind: 'patch', item: link.item };
}

/**
 * An original that was matched may have been written never, and one that a restored ledger remembers may have been let go of
 * since: nothing is written into it, not even that it bears no mark, before a look has seen our mark there.
 */
function letGo({ origin, fingerprint }: LinkRecord, item: string): Plan {
  return origin === 'linked' && fingerprint === null ? find : { kind: 'remove', item };
}

/** What is written or read now may be undone by what was sent before: nothing is, as long as that can arrive. */
function released({ now, lateness }: Comparison, link: LinkRecord): Plan {
  const until = lateUntil(link, lateness);
  return now < until ? { kind: 'wait', until } : find;
}
