import { adoptInPlaces, awaitsAdoption, releaseAdopted } from './adoption.ts';
import { BEACONS } from './generation.ts';
import type { Pair, PlaceRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { forgetForsaken } from './parking.ts';
import { settlePairs, type Work } from './pairs.ts';
import { clearPlaces, isCleared } from './leave.ts';
import { openPlaces, rebuildPlaces, renamePlaces } from './place.ts';
import { isReachable, isStopped, type Turn } from './turn.ts';
import { isWanted } from './wanted.ts';

/** One turn is one batch of 20 for each of about 10 mailboxes: under a second, then live changes have their go. */
const PLACES_A_TURN = 10;
const PEOPLE_A_TURN = 20;
/** Folders that leave whole are a few reads each, page after page: with fewer at a time batches would leave half empty. */
const CLEARED_A_TURN = 40;
/** A place that something was left over in lets others go first for this long. */
const REST_MS = 5_000;

/** What a turn left to do: nothing (null), or when to go on (milliseconds since 1970). */
export type Resume = number | null;

/**
 * One turn of the slab's fill: places are opened, rebuilt, renamed, filled, emptied, a portion each. Where it stands is
 * in the ledger, so whoever takes the next turn goes on from there.
 */
export async function fillTurn(needs: Needs, turn: Turn): Promise<Resume> {
  const now = needs.clock.now();
  const unfinished = turn.places.filter(
    (place) =>
      isOurs(needs, place) &&
      isUnfinished(place) &&
      isReachable(place, now) &&
      restUntil(needs, place) <= now,
  );
  const whole = unfinished.filter(isCleared).slice(0, CLEARED_A_TURN);
  const cleared = await clearPlaces(needs, turn, await releaseAdopted(needs, turn, whole));
  const chosen = unfinished.filter((place) => !isCleared(place)).slice(0, PLACES_A_TURN);
  const open = chosen.filter((place) => place.folder !== null && place.trusted);
  const unopened = [...chosen.filter((place) => place.folder === null), ...cleared];
  if ((await openPlaces(needs, turn, unopened)) === 'distrusted') return resume(needs, turn);
  await rebuildPlaces(
    needs,
    turn,
    chosen.filter((place) => place.folder !== null && !place.trusted),
  );
  await renamePlaces(
    needs,
    turn,
    open.filter((place) => place.state === 'active' && place.name !== place.routeFolder),
  );
  const toFill = open.filter((place) => place.filled === (place.state === 'leaving'));
  await adoptInPlaces(
    needs,
    turn,
    toFill.filter((place) => awaitsAdoption(needs, place)),
  );
  await fillPlaces(
    needs,
    turn,
    toFill.filter((place) => !awaitsAdoption(needs, place)),
  );
  await forgetForsaken(needs, turn.tenant, [...whole, ...chosen]);
  return resume(needs, turn);
}

/** A job that rests (`--job`) or is stopped is not worked on; one that is withdrawn is only emptied. */
function isOurs(needs: Needs, place: PlaceRecord): boolean {
  if (isStopped(needs, place)) return false;
  return place.state === 'leaving' || needs.routes.some((route) => route.key === place.route);
}

function isUnfinished(place: PlaceRecord): boolean {
  const { filled, trusted, state, folder, name, routeFolder } = place;
  return !filled || !trusted || state === 'leaving' || folder === null || name !== routeFolder;
}

function restUntil(needs: Needs, place: PlaceRecord): number {
  return needs.resting.get(place.place) ?? 0;
}

interface Pass {
  readonly place: PlaceRecord;
  readonly works: readonly Work[];
  readonly last: boolean;
}

async function fillPlaces(needs: Needs, turn: Turn, places: readonly PlaceRecord[]): Promise<void> {
  const passes: Pass[] = [];
  for (const [index, place] of places.entries()) {
    // The turn's stamps take their seats in a batch: the first place leaves them free.
    const limit = index === 0 ? PEOPLE_A_TURN - BEACONS : PEOPLE_A_TURN;
    const pairs = await nextPairs(needs, place, limit);
    const works = pairs.map(({ card, link }): Work => {
      const wanted = isWanted(needs, place, { card, link });
      return { place, card, link, wanted, waitUntil: null };
    });
    passes.push({ place, works, last: pairs.length < limit });
  }
  await settlePairs(needs, turn, { works: passes.flatMap((pass) => pass.works), urgency: 'bulk' });
  await concludePasses(needs, turn, passes);
}

function nextPairs(needs: Needs, place: PlaceRecord, limit: number): Promise<Pair[]> {
  const { links } = needs.ledger;
  if (place.state === 'leaving') return links.ofPlace(place.place, place.cursor, limit);
  return links.pending(place.place, place.cursor, limit);
}

/** Moves the cursors on; a pass that left something over starts again from the beginning, after a rest. */
async function concludePasses(needs: Needs, turn: Turn, passes: readonly Pass[]): Promise<void> {
  const now = needs.clock.now();
  const changes = passes.map(({ place, works, last }) => {
    const dirty = place.dirty || works.some((work) => work.waitUntil !== null);
    if (!last) return { place: place.place, cursor: works.at(-1)?.card.person ?? place.cursor, dirty };
    if (dirty) needs.resting.set(place.place, Math.max(restUntil(needs, place), now + REST_MS));
    // A name that is taken is not freed by a fill.
    else if (restUntil(needs, place) <= now) needs.resting.delete(place.place);
    // A place that is leaving and emptied as far as the ledger knows is looked at as a whole once more.
    return { place: place.place, cursor: 0, dirty: false, filled: dirty === (place.state === 'leaving') };
  });
  // A folder that was found missing during the turn is marked for reopening: those marks stand.
  if (turn.reopened) return;
  if (changes.length > 0) await needs.ledger.places.update(changes);
  const works = passes.filter(({ place }, index) => place.troubledSince !== null && changes[index]?.filled);
  for (const { place } of works) await needs.ledger.mailboxes.recovered(turn.tenant, place.owner);
}

async function resume(needs: Needs, turn: Turn): Promise<Resume> {
  const places = await needs.ledger.places.ofSlab(turn.tenant, turn.slab);
  const times = places
    .filter((place) => isOurs(needs, place) && isUnfinished(place) && place.mailboxState === 'ready')
    .map((place) => Math.max(place.notBefore, restUntil(needs, place)));
  return times.length === 0 ? null : Math.min(...times);
}
