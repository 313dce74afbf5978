import { reading } from './at-places.ts';
import { isMisplaced } from '../model/standing.ts';
import { editedAt, keysOf, sharingRoute } from './contact-keys.ts';
import type { Sighted } from './drift.ts';
import type { PlaceRecord } from './ledger-port.ts';
import { sighted } from './look.ts';
import type { Needs } from './needs.ts';
import type { Operation, Outcome } from './ports.ts';

/** Reads a place's marks: in one that shares its contacts, with when each was edited. */
export function marksIn(needs: Pick<Needs, 'routes'>, place: PlaceRecord): Operation {
  return { ...reading(needs, place), kind: sharingRoute(needs, place) ? 'survey' : 'list' };
}

/** What of ours stands there by such a reading; null: it failed. */
export function standing(
  needs: Needs,
  { folder }: Pick<PlaceRecord, 'folder'>,
  outcome: Outcome,
): Sighted[] | null {
  if (outcome.kind === 'items') return outcome.items.map((one) => sighted(needs, one));
  if (outcome.kind !== 'surveyed') return null;
  return outcome.items.flatMap((one): Sighted[] => {
    const { item, card, mark, shown } = one;
    if (mark === null || mark === 'foreign') return [];
    const fingerprint = needs.fingerprint(card);
    const isCopy = shown?.fingerprint === fingerprint;
    const shared = {
      editedAt: editedAt(needs, one),
      isCopy,
      keys: keysOf(needs, one),
      isMisplaced: mark.origin === 'created' && isMisplaced(folder, one.folder),
    };
    return [{ item, ...mark, fingerprint, shared }];
  });
}

/**
 * Second items with one mark, which are to go. Where people keep their own, only what reads the same is a second one of ours: an
 * owner may have copied a contact to make another of it.
 */
export function secondsIn(found: readonly Sighted[]): Sighted[] {
  const first = firstsIn(found);
  return found.filter((one) => {
    const kept = first.get(one.identity);
    if (kept === one) return false;
    return one.shared === undefined || (one.origin === 'created' && one.fingerprint === kept?.fingerprint);
  });
}

export function firstsIn(found: readonly Sighted[]): ReadonlyMap<string, Sighted> {
  return new Map(found.toReversed().map((one) => [one.identity, one]));
}
