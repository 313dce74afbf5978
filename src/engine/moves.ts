import { hasGivenUp, isMisplaced } from '../model/standing.ts';
import { isMoreThanTags } from '../model/sync-tag.ts';
import type { Edit, HandedOver, NewestEdit } from './book-port.ts';
import { editOf } from './contact-keys.ts';
import type { LinkRecord } from './ledger-port.ts';
import { pairsOf } from './look.ts';
import type { Needs } from './needs.ts';
import type { Reading, Step } from './pair-outcome.ts';
import type { Peeked } from './peek.ts';
import type { SharedItem } from './shared-port.ts';
import type { Turn } from './turn.ts';

/**
 * A copy stands in another folder of its place than copies are made in. No contact can be moved: it goes, and is made anew. So what
 * stands there is looked at first.
 *
 *   it is gone, and its removal was sent ──> made anew
 *   it stands where it should, since its owner has dragged it there ──> stays
 *   its owner has put something of their own into it, which would be lost ──> stays where it is
 *   it is the newest edit itself ──> another copy that shows the same becomes it; until there is one, it stays
 *   reads otherwise than anybody knows ──> an edit, as before any write
 *   nothing of it is lost ──> goes
 */
export type MovePeek =
  | { readonly kind: 'gone' }
  | { readonly kind: 'stays' }
  | { readonly kind: 'goes'; readonly found: SharedItem; readonly print: string }
  | { readonly kind: 'newest'; readonly found: SharedItem; readonly print: string }
  | { readonly kind: 'edited'; readonly edit: Edit; readonly found: SharedItem; readonly print: string }
  | { readonly kind: 'stale'; readonly edit: Edit }
  | { readonly kind: 'elsewhere' };

/** What waits for a contact to be read, or to be written elsewhere. */
const LATER_MS = 15_000;

/** What a look at such a copy says. Pure. */
export function judgeMove(
  needs: Pick<Needs, 'fingerprint' | 'digest'>,
  { place, card, link, newest, route }: Peeked,
  found: SharedItem | undefined,
): MovePeek {
  if (!found) return { kind: link.attempted === null ? 'elsewhere' : 'gone' };
  const { mark, shown } = found;
  const isOurs = mark !== null && mark !== 'foreign' && mark.identity === card.identity;
  if (!isOurs || route.shares.isPrivate(found.intimacy)) return { kind: 'elsewhere' };
  const isInPlace = found.folder !== null && !isMisplaced(place.folder, found.folder);
  if (isInPlace || mark.origin !== 'created' || hasOwn(found)) return { kind: 'stays' };
  const print = needs.fingerprint(found.card);
  const edit = editOf(needs, { identity: card.identity, place: place.place }, found);
  if (isNewest(newest, edit))
    return print === card.fingerprint ? { kind: 'newest', found, print } : { kind: 'stale', edit };
  if (print === link.fingerprint || print === card.fingerprint || shown?.fingerprint === print)
    return { kind: 'goes', found, print };
  // What travels nowhere stands here alone.
  return route.shares.updates ? { kind: 'edited', edit, found, print } : { kind: 'stays' };
}

function isNewest(newest: NewestEdit | undefined, { place, item }: Edit): boolean {
  return newest?.place === place && newest.item === item;
}

/** Notes and categories are its owner's; a new copy would have none. What is a tag in a copy is there by us. */
function hasOwn({ notes, intimacy }: SharedItem): boolean {
  return notes === null || isMoreThanTags(notes) || intimacy.categories.length > 0;
}

/**
 * Lets other copies be the newest edit in place of those that are to go: what became of that, by step. Whoever may be in the mailbox
 * in another item, of which nobody can say whose it is, would not be made anew: as good as alone.
 */
export async function handOver(
  needs: Pick<Needs, 'ledger'>,
  looked: readonly {
    readonly step: Step;
    readonly source: string;
    readonly peek: { readonly kind: string };
  }[],
): Promise<ReadonlyMap<Step, HandedOver>> {
  const { book } = needs.ledger;
  const handed = new Map<Step, HandedOver>();
  const leaving = looked.filter(({ peek: { kind } }) => kind === 'newest' || kind === 'goes');
  for (const [source, ofSource] of Map.groupBy(leaving, (one) => one.source)) {
    const doubts = await book.doubtful(
      source,
      ofSource.map(({ step: { work } }) => ({ place: work.place.place, identity: work.card.identity })),
    );
    const doubted = new Set(doubts.map(({ place, identity }) => `${place}|${identity}`));
    for (const { step, peek } of ofSource) {
      const { card, place, link } = step.work;
      const { identity, fingerprint } = card;
      if (link?.item == null) continue;
      if (doubted.has(`${place.place}|${identity}`)) handed.set(step, 'alone');
      else if (peek.kind === 'newest')
        handed.set(
          step,
          await book.handOver(source, { identity, place: place.place, item: link.item, fingerprint }),
        );
    }
  }
  return handed;
}

/** What comes of a look: the copy goes, stays, or waits. */
export function readMove(
  { work }: Step,
  peek: MovePeek,
  { handed, isNewestNow, now }: { handed: HandedOver | undefined; isNewestNow: boolean; now: number },
): Reading {
  const { link } = work;
  const rests: Reading = { link, copies: [], again: false, waitUntil: null };
  const later: Reading = { ...rests, waitUntil: now + LATER_MS };
  if (peek.kind === 'gone') return { ...rests, link: null, again: true };
  if (peek.kind === 'elsewhere') return rests;
  if (peek.kind === 'stays' || handed === 'alone')
    return { ...rests, link: link && stayed(link), again: true };
  if (peek.kind === 'stale' || (peek.kind === 'edited' && isNewestNow)) return later;
  if (peek.kind === 'newest' && handed !== 'handed') return later;
  const { found, print } = peek;
  work.peeked = { version: found.version, notes: found.notes, print, isStamp: false };
  return { ...rests, again: true };
}

/** Every copy of these places is to stand in another folder: which of them do not yet, a look before each tells. */
export async function misplaceCopies(
  needs: Pick<Needs, 'ledger'>,
  places: readonly { readonly place: number }[],
): Promise<void> {
  for (const { place } of places) {
    const put = (await pairsOf(needs, place)).flatMap(({ link }): LinkRecord[] =>
      link !== null && link.item !== null && link.origin === 'created' && STANDING.has(link.state)
        ? [{ ...link, state: 'misplaced', attempted: null }]
        : [],
    );
    await needs.ledger.links.save({ put });
  }
}

const STANDING: ReadonlySet<LinkRecord['state']> = new Set(['known', 'settling', 'patching', 'refused']);

/** A folder that is given up may be empty by now: the fill that follows looks, where none is under way. */
export async function goOnEmptying(
  needs: Pick<Needs, 'ledger'>,
  turn: Pick<Turn, 'reopened'>,
  steps: readonly Step[],
): Promise<void> {
  const places = steps.flatMap(({ plan, work: { place, link } }) => {
    const isGone = plan.kind === 'move' && link?.state !== 'misplaced';
    return isGone && place.filled && hasGivenUp(place.folder) ? place.place : [];
  });
  if (places.length === 0) return;
  await needs.ledger.places.restart([...new Set(places)], 'people');
  turn.reopened = true;
}

function stayed(link: LinkRecord): LinkRecord {
  return { ...link, state: 'known', attempted: null };
}
