import { adoptInPlaces, awaitsAdoption, releaseAdopted } from './adoption.ts';
import { beaconsOf } from './generation.ts';
import type { Pair, PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import { forgetForsaken } from './parking.ts';
import { settlePairs, type Work } from './pairs.ts';
import { clearPlaces, isCleared } from './leave.ts';
import { openPlaces, rebuildPlaces, renamePlaces } from './place.ts';
import { isReachable, isStopped, type Turn } from './turn.ts';
import { isWanted } from './wanted.ts';

/**
 * One turn is one batch of 20 for each of as many mailboxes as the target has room for: what is sent at once is over after
 * the time of one batch, however much it is; then live changes have their go. A mailbox takes four calls at a time, as many
 * as Graph runs of one batch: a second batch for it would only wait, so more people a turn would make it longer, not faster.
 */
const PEOPLE_A_TURN = 20;
/** Looking for a folder, and making it. */
const STEPS_TO_OPEN = 2;
/** Reading a folder back takes as many calls as it has pages, and holds what it read. */
const REBUILDS_A_TURN = 10;
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
  const { operations, askAt } = await portOf(needs.targets, turn.tenant).spare();
  if (operations < PEOPLE_A_TURN) return askAt;
  const due = duePlaces(needs, turn);
  const whole = due.filter(isCleared).slice(0, CLEARED_A_TURN);
  const cleared = await clearPlaces(needs, turn, await releaseAdopted(needs, turn, whole));
  const chosen = due.filter((place) => !isCleared(place));
  const open = chosen.filter((place) => place.folder !== null && place.trusted);
  const unopened = chosen.filter((place) => place.folder === null);
  const toOpen = [...unopened.slice(0, Math.floor(operations / STEPS_TO_OPEN)), ...cleared];
  if ((await openPlaces(needs, turn, toOpen)) === 'distrusted') return resume(needs, turn);
  await rebuildPlaces(
    needs,
    turn,
    chosen.filter((place) => place.folder !== null && !place.trusted).slice(0, REBUILDS_A_TURN),
  );
  await renamePlaces(
    needs,
    turn,
    open.filter((place) => place.state === 'active' && place.name !== place.routeFolder).slice(0, operations),
  );
  const toFill = open.filter((place) => place.filled === (place.state === 'leaving'));
  await adoptInPlaces(
    needs,
    turn,
    toFill.filter((place) => awaitsAdoption(needs, place)).slice(0, REBUILDS_A_TURN),
  );
  await fillPlaces(needs, turn, {
    places: toFill.filter((place) => !awaitsAdoption(needs, place)),
    operations,
  });
  await forgetForsaken(needs, turn.tenant, due);
  return resume(needs, turn);
}

/**
 * Places that can be worked on now. The least filled first: each mailbox's calls spread over the whole fill, and none meets
 * its own limit before the end.
 */
function duePlaces(needs: Needs, turn: Turn): PlaceRecord[] {
  const now = needs.clock.now();
  return turn.places
    .filter(
      (place) =>
        isOurs(needs, place) &&
        isUnfinished(place) &&
        isReachable(place, now) &&
        restUntil(needs, place) <= now,
    )
    .toSorted((a, b) => a.cursor - b.cursor);
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

async function fillPlaces(
  needs: Needs,
  turn: Turn,
  { places, operations }: { places: readonly PlaceRecord[]; operations: number },
): Promise<void> {
  const beacons = new Set(beaconsOf(turn.places).map(({ place }) => place));
  const passes: Pass[] = [];
  let room = operations;
  for (const place of places) {
    if (room < PEOPLE_A_TURN) break;
    const limit = beacons.has(place.place) ? PEOPLE_A_TURN - 1 : PEOPLE_A_TURN;
    const pairs = await nextPairs(needs, place, limit);
    const works = pairs.map(({ card, link }): Work => {
      const wanted = isWanted(needs, place, { card, link });
      return { place, card, link, wanted, waitUntil: null };
    });
    passes.push({ place, works, last: pairs.length < limit });
    room -= works.length;
  }
  seatStamps(passes, beacons);
  await settlePairs(needs, turn, { works: passes.flatMap((pass) => pass.works), urgency: 'bulk' });
  await concludePasses(needs, turn, passes);
}

/**
 * A turn's stamps travel with its writes. Whose mailbox is filled in this turn left a seat for its own; the seats of the
 * others are taken from the first place. So each batch holds whole mailboxes: one that is split over two batches would wait
 * for the first of them, and the turn with it.
 */
function seatStamps(passes: Pass[], beacons: ReadonlySet<number>): void {
  const elsewhere = beacons.size - passes.filter(({ place }) => beacons.has(place.place)).length;
  const index = passes.findIndex(
    ({ place, works }) => !beacons.has(place.place) && works.length === PEOPLE_A_TURN,
  );
  const pass = passes[index];
  if (!pass || elsewhere === 0) return;
  passes[index] = { ...pass, works: pass.works.slice(0, -elsewhere), last: false };
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
