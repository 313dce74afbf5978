import { Fault } from '../model/fault.ts';
import { reading } from './at-places.ts';
import type { FolderChanges } from './folder-changes.ts';
import type { LinkRecord, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { faultOf, lookup, pairsOf, type Looker } from './look.ts';
import type { Look, Subject } from './observe.ts';
import type { Outcome } from './ports.ts';
import type { SharedItem } from './shared-port.ts';
import type { SharedSight } from './shared-verdict.ts';

/**
 * A delta entry is a hint: what reads as its link says is right, our own writes among it; everything else is looked at, with its
 * mark and the time of its last change. Null: something left that no link names, so only a look at everything can tell.
 */
export async function lookAtSharedChanges(
  looker: Looker,
  { place, order }: Subject,
  { prints, link: token }: FolderChanges,
): Promise<Look | null> {
  const pairs = prints.size === 0 && order.token !== null ? [] : await pairsOf(looker.needs, place.place);
  const linked = new Map(pairs.map(({ link }) => [link?.item ?? null, link]));
  const hasDoubts = order.token !== null && (await looker.needs.ledger.book.hasDoubts(place.place));
  const gone = new Set<string>();
  const right = new Set<string>();
  const suspects: string[] = [];
  for (const [item, print] of prints) {
    const link = linked.get(item);
    // It may be one of several that nobody could tell apart.
    if (print === null && !link && hasDoubts) return null;
    if (print === null) gone.add(item);
    else if (isRight(link, print)) right.add(item);
    else suspects.push(item);
  }
  const outcomes = await lookup(
    looker,
    suspects.map((item) => ({ place, item })),
    ({ item }) => ({ ...reading(looker.needs, place), kind: 'look-at', item }),
  );
  const items: SharedItem[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'surveyed') return { kind: 'fault', fault: faultOf(outcome) };
    items.push(...outcome.items);
    if (outcome.items.length > 0) continue;
    // Gone since, or not known to the replica that answered: the same round, asked again, tells which.
    if (isAskedAgain(looker.needs, place)) return { kind: 'fault', fault: behind(place) };
    gone.add(suspects[index] ?? '');
  }
  // What went in between is in no item.
  const told = new Map(items.flatMap(({ item }) => [[item, prints.get(item) ?? null] as const]));
  const isBehind = readsOtherwise(looker.needs, told, items);
  const seen: SharedSight = { items, right, gone, complete: order.token === null, isBehind };
  return { kind: 'shared', seen, pairs, token };
}

/** A replica that is behind catches up. What cannot be told after that is no reason to learn nothing else of the place. */
const ASKED_AGAIN = 10;

/** Whether a place of which something cannot be told is to be asked again. */
export function isAskedAgain({ unsure }: Pick<Needs, 'unsure'>, { place }: PlaceRecord): boolean {
  const asked = (unsure.get(place) ?? 0) + 1;
  if (asked > ASKED_AGAIN) return false;
  unsure.set(place, asked);
  return true;
}

function behind({ owner }: PlaceRecord): Fault {
  return new Fault('unavailable', 'a contact that has changed is not there', { object: owner });
}

/** The delta query does not tell of Outlook's lock: an original that reads as before may be private by now. */
function isRight(link: LinkRecord | null | undefined, print: string): boolean {
  return link?.state === 'known' && link.fingerprint === print && link.origin === 'created';
}

/**
 * What was told of, and reads otherwise a moment later, may be read from a replica that does not know it yet. The round that told of
 * it tells no more once its token is stored, so an edit that is not believed now is lost.
 */
function readsOtherwise(
  { fingerprint }: Pick<Needs, 'fingerprint'>,
  told: Round['told'],
  items: readonly SharedItem[],
): boolean {
  const prints = new Map(items.map(({ item, card }) => [item, fingerprint(card)]));
  return [...told].some(([item, print]) => (prints.get(item) ?? null) !== print);
}

/** What the delta query has told of a place in this turn, and where it goes on. */
export interface Round {
  readonly token: string | null;
  readonly told: FolderChanges['prints'];
}

/** Everything that stands in these folders. */
export async function surveyAll(
  looker: Looker,
  subjects: readonly Subject[],
  roundOf: (subject: Subject) => Round,
): Promise<Map<number, Look>> {
  const outcomes = await lookup(looker, subjects, ({ place }) => ({
    ...reading(looker.needs, place),
    kind: 'survey',
  }));
  const looks = new Map<number, Look>();
  for (const [index, subject] of subjects.entries()) {
    const { place } = subject;
    const items = itemsIn(outcomes[index]);
    if (items === null) {
      const fault = faultOf(outcomes[index]);
      looks.set(place.place, fault.kind === 'not-found' ? { kind: 'folder-gone' } : { kind: 'fault', fault });
      continue;
    }
    const { token, told } = roundOf(subject);
    const isBehind = readsOtherwise(looker.needs, told, items);
    const seen: SharedSight = { items, right: new Set(), gone: new Set(), complete: true, isBehind };
    const pairs = await pairsOf(looker.needs, place.place);
    looks.set(place.place, { kind: 'shared', seen, pairs, token });
  }
  return looks;
}

function itemsIn(outcome: Outcome | undefined): readonly SharedItem[] | null {
  return outcome?.kind === 'surveyed' ? outcome.items : null;
}
