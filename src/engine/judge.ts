import type { Card } from '../model/card.ts';
import { isWithin, type Route } from '../model/route.ts';
import type { CardRecord } from './ledger-port.ts';
import type { MailboxRecord } from './mailbox-port.ts';
import type { Needs } from './needs.ts';
import type { Sighting } from './ports.ts';
import type { Room } from './room.ts';

/** An object that was looked at: what was seen of it, and which tracked groups it is in. */
export interface Seen {
  readonly sighting: Exclude<Sighting, { kind: 'unread' }>;
  readonly memberOf: ReadonlySet<string>;
}

/** What somebody is to a route as a person to be shown. */
export type AsShown =
  /** `isNew`: the ledger does not know this card yet. */
  | { readonly kind: 'shown'; readonly card: Card; readonly isNew: boolean }
  /** Known so far, and to be shown no longer; `card` null where nobody was found. */
  | { readonly kind: 'leaves'; readonly card: Card | null }
  | { readonly kind: 'none' };

/**
 * By what was read a moment ago, and what the ledger remembers of it (`record`). Whoever is kept out is not shown, whatever the
 * source says. Pure.
 */
export function judgeShown(
  { fingerprint }: Pick<Needs, 'fingerprint'>,
  route: Route,
  {
    sighting,
    memberOf,
    record,
    isKeptOut,
  }: Seen & { readonly record: CardRecord | undefined; readonly isKeptOut: boolean },
): AsShown {
  const person = sighting.kind === 'present' ? sighting.person : null;
  if (person !== null && !isKeptOut && isWithin(route.shows, person, memberOf)) {
    const card = route.shape(person, memberOf);
    if (card !== null) {
      const isNew = record?.state !== 'shown' || record.fingerprint !== fingerprint(card);
      return { kind: 'shown', card, isNew };
    }
  }
  if (record === undefined || record.state === 'gone') return { kind: 'none' };
  return { kind: 'leaves', card: person === null ? null : route.shape(person, memberOf) };
}

/** What somebody is to a route as the owner of a mailbox. `full`: they would receive, and there is no room for one more. */
export type AsOwner = 'stays' | 'joins' | 'leaves' | 'full' | 'none';

/** `mailbox`: with a place in the route that is not leaving. `room` is missing where the route has room for all. Pure. */
export function judgeOwner(
  route: Route,
  {
    sighting,
    memberOf,
    owner,
    mailbox,
    room,
  }: Seen & {
    readonly owner: string;
    readonly mailbox: MailboxRecord | undefined;
    readonly room: Room | undefined;
  },
): AsOwner {
  const eligible = sighting.kind === 'present' && isWithin(route.receives, sighting.person, memberOf);
  if (mailbox) return eligible && !room?.beyond.has(owner) ? 'stays' : 'leaves';
  if (!eligible) return 'none';
  return room?.left === 0 ? 'full' : 'joins';
}

/** Gone or out of scope, for sure: an object that merely cannot be found is believed to be gone only at the last look. */
export function isSure({
  sighting,
  isLastLook,
}: Pick<Seen, 'sighting'> & { readonly isLastLook: boolean }): boolean {
  return sighting.kind === 'present' || sighting.proven || isLastLook;
}
