import { adopts, adoptedIn } from './adoption.ts';
import { REST_MS } from './at-places.ts';
import type { PlaceRecord } from './ledger-port.ts';
import { lookup } from './look.ts';
import type { Needs } from './needs.ts';
import { settlePairs } from './pairs.ts';
import type { FoundItem } from './ports.ts';
import { seen } from './seen.ts';
import { mayBeApplied } from './settle.ts';
import { quietOnes, raise, type Turn } from './turn.ts';
import { unstampOf } from './unstamp.ts';
import type { Work } from './work.ts';

/** One batch. */
const RELEASED_AT_ONCE = 20;

/** Un-stamps what is adopted in places that leave, a portion at a time. Returns the places that have none. */
export async function releaseAdopted(
  needs: Needs,
  turn: Turn,
  places: readonly PlaceRecord[],
): Promise<PlaceRecord[]> {
  const free: PlaceRecord[] = [];
  const works: Work[] = [];
  for (const place of places) {
    if (!place.trusted && !(await releaseForgotten(needs, turn, place))) continue;
    const pairs = await needs.ledger.links.adopted(place.place, RELEASED_AT_ONCE);
    if (pairs.length === 0) free.push(place);
    for (const { card, link } of pairs) {
      // What bears our mark there has just been searched for: whatever a ledger remembers beside it is looked at first.
      const known = link && { ...link, fingerprint: place.trusted ? link.fingerprint : null };
      works.push({ place, card, link: known, wanted: false, waitUntil: null });
    }
  }
  await settlePairs(needs, turn, { works, urgency: 'bulk' });
  const now = needs.clock.now();
  for (const { place, waitUntil } of works)
    if (waitUntil !== null) needs.resting.set(place.place, now + REST_MS);
  return free;
}

/**
 * A ledger that is not believed may have forgotten originals that bear our mark, and with the folder goes the last that
 * tells of them: they are searched for first, and let go of without links. False: not all of it is done; the place rests.
 */
async function releaseForgotten(needs: Needs, turn: Turn, place: PlaceRecord): Promise<boolean> {
  if (!adopts(needs, place)) return true;
  // A mark that was sent before may be applied after the search.
  const [quiet] = await quietOnes(needs, turn, [place]);
  if (!quiet) return false;
  const found = await adoptedIn(needs, turn.tenant, place);
  const isFree = found !== null && (await unstamp(needs, turn, { place, found }));
  if (!isFree) needs.resting.set(place.place, needs.clock.now() + REST_MS);
  return isFree;
}

/** Takes our mark off all of these. False where that is not known of each: whoever searches again finds it, if it is still there. */
async function unstamp(
  needs: Needs,
  turn: Turn,
  { place, found }: { place: PlaceRecord; found: readonly FoundItem[] },
): Promise<boolean> {
  if (found.length === 0) return true;
  const { places } = needs.ledger;
  // No link remembers it: the place does, also where it is wanted again before the answer.
  const begun = await places.update([{ ...seen(place), attempted: needs.clock.now() }]);
  if (!begun.has(place.place)) return false;
  await raise(needs, turn);
  const outcomes = await lookup(
    { needs, tenant: turn.tenant },
    found.map(({ item, identity }) => ({ place, item, identity })),
    ({ item, identity }) => unstampOf(needs, place, { item, identity, gone: false }),
  );
  const isUnknown = outcomes.some((outcome) => outcome.kind === 'fault' && mayBeApplied(outcome.fault));
  await places.update([{ ...seen(place), attempted: isUnknown ? needs.clock.now() : place.attempted }]);
  return outcomes.every(
    (outcome) => outcome.kind === 'done' || (outcome.kind === 'fault' && outcome.fault.kind === 'not-found'),
  );
}
