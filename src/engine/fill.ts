import { hasGivenUp } from '../model/standing.ts';
import { adoptInPlaces, awaitsAdoption } from './adoption.ts';
import { releaseAdopted } from './release.ts';
import { isLeftToBook } from './contact-setbacks.ts';
import { folderRest } from './folder-setbacks.ts';
import { beaconsOf } from './generation.ts';
import type { Pair, PlaceChange, PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import { forgetForsaken } from './parking.ts';
import { settlePairs } from './pairs.ts';
import type { Work } from './work.ts';
import { clearPlaces, isCleared } from './leave.ts';
import { openPlaces, rebuildPlaces, renamePlaces } from './place.ts';
import { seen } from './seen.ts';
import { workInStrands, type Portion, type StrandWork } from './strands.ts';
import { isOurs, type Turn } from './turn.ts';
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
/**
 * Folders that leave whole are a few reads each, page after page, one call at a time: with fewer side by side batches would
 * leave half empty. Where the target is idle, because there are few slabs or few are left, a turn takes more.
 */
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
  const { operations, idle, askAt } = await portOf(needs.targets, turn.tenant).spare();
  if (operations < PEOPLE_A_TURN) return askAt;
  const due = duePlaces(needs, turn);
  const whole = due.filter(isCleared).slice(0, Math.max(CLEARED_A_TURN, idle));
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
    open.filter((place) => isToBeRenamed(turn, place, needs.clock.now())).slice(0, operations),
  );
  const toFill = open.filter((place) => place.filled === (place.state === 'leaving'));
  await adoptInPlaces(
    needs,
    turn,
    toFill.filter((place) => awaitsAdoption(needs, place)).slice(0, REBUILDS_A_TURN),
  );
  const places = toFill.filter((place) => !awaitsAdoption(needs, place));
  if (places.length > 0) await fillInStrands(needs, turn, { places, operations });
  await forgetForsaken(needs, turn.tenant, due);
  return resume(needs, turn);
}

/**
 * Places that can be worked on now. The least filled first: each mailbox's calls spread over the whole fill, and none meets
 * its own limit before the end.
 */
function duePlaces(needs: Needs, turn: Turn): PlaceRecord[] {
  const now = needs.clock.now();
  return turn.places.filter((place) => (dueAt(needs, turn, place) ?? Infinity) <= now).toSorted(byProgress);
}

function byProgress(a: PlaceRecord, b: PlaceRecord): number {
  return a.cursor - b.cursor;
}

/** When the fill can go on there (milliseconds since 1970); null where it has nothing to do, or not before somebody else acts. */
function dueAt(needs: Needs, turn: Turn, place: PlaceRecord): number | null {
  if (!isOurs(needs, place) || !isUnfinished(place) || place.mailboxState !== 'ready') return null;
  const isFolderAll = place.folder === null || !isUnfinished({ ...place, name: place.routeFolder });
  const folderAt = isFolderAll ? folderRest(turn, place) : 0;
  return Math.max(place.notBefore, restUntil(needs, place), folderAt);
}

function isToBeRenamed(turn: Turn, place: PlaceRecord, now: number): boolean {
  const isNamed = place.state !== 'active' || place.name === place.routeFolder;
  // A folder that is given up goes when it is empty.
  if (isNamed || (hasGivenUp(place.folder) && !place.filled)) return false;
  return folderRest(turn, place) <= now;
}

/** Open, believed and looked through, under the right name if it can have it: contacts are all that is missing, or too many. */
function isPlain(needs: Needs, turn: Turn, place: PlaceRecord): boolean {
  const { folder, trusted, state } = place;
  if (folder === null || !trusted || isCleared(place)) return false;
  if (state === 'leaving') return true;
  return !isToBeRenamed(turn, place, needs.clock.now()) && !awaitsAdoption(needs, place);
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
  /** The last person that was chosen, or passed by since the ledger's book brings them back. */
  readonly cursor: number;
  readonly last: boolean;
}

function fillInStrands(needs: Needs, turn: Turn, first: Portion): Promise<void> {
  const work: StrandWork = {
    least: PEOPLE_A_TURN,
    dueAt: (place) => dueAt(needs, turn, place),
    isPlain: (place) => isPlain(needs, turn, place),
    choose: async ({ places, operations }) => {
      const stamps = !turn.stamping;
      const sorted = places.toSorted(byProgress);
      const passes = await passesOf(needs, turn, { places: sorted, operations, stamps });
      return {
        places: passes.map(({ place }) => place.place),
        run: async () => {
          turn.stamping = true;
          const works = passes.flatMap((pass) => pass.works);
          await settlePairs(needs, turn, { works, urgency: 'bulk', stamps });
          if (stamps) turn.stamping = false;
          await concludePasses(needs, turn, passes);
        },
      };
    },
  };
  return workInStrands({ needs, turn }, work, first);
}

/** `stamps`: the turn's stamps are to go along, and find seats. */
async function passesOf(
  needs: Needs,
  turn: Turn,
  { places, operations, stamps }: Portion & { stamps: boolean },
): Promise<Pass[]> {
  const beacons = new Set(stamps ? beaconsOf(turn.places).map(({ place }) => place) : []);
  const passes: Pass[] = [];
  let room = operations;
  const now = needs.clock.now();
  for (const place of places) {
    if (room < PEOPLE_A_TURN) break;
    const limit = beacons.has(place.place) ? PEOPLE_A_TURN - 1 : PEOPLE_A_TURN;
    const pairs = await nextPairs(needs, place, limit);
    const works = pairs.map(({ card, link }): Work => {
      const wanted = isWanted(needs, place, { card, link });
      return { place, card, link, wanted, waitUntil: null };
    });
    const open = works.filter((work) => !isLeftToBook(turn, work, now));
    passes.push({
      place,
      works: open,
      last: pairs.length < limit,
      cursor: pairs.at(-1)?.card.person ?? place.cursor,
    });
    room -= open.length;
  }
  seatStamps(passes, beacons);
  return passes;
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
  const works = pass.works.slice(0, -elsewhere);
  const cursor = works.at(-1)?.card.person ?? pass.place.cursor;
  passes[index] = { ...pass, works, cursor, last: false };
}

function nextPairs(needs: Needs, place: PlaceRecord, limit: number): Promise<Pair[]> {
  const { links } = needs.ledger;
  if (place.state === 'leaving') return links.ofPlace(place.place, place.cursor, limit);
  return links.pending(place.place, place.cursor, limit);
}

/** Moves the cursors on; a pass that left something over starts again from the beginning, after a rest. */
async function concludePasses(needs: Needs, turn: Turn, passes: readonly Pass[]): Promise<void> {
  const now = needs.clock.now();
  const changes = passes.map(({ place, works, cursor, last }): PlaceChange => {
    const waits = works.flatMap(({ waitUntil }) => waitUntil ?? []);
    const dirty = place.dirty || waits.length > 0;
    if (!last) return { ...seen(place), cursor, dirty };
    // What an earlier portion left over names no time any more.
    const goesOnAt = Math.max(now + REST_MS, place.dirty ? 0 : Math.min(...waits));
    if (dirty) needs.resting.set(place.place, Math.max(restUntil(needs, place), goesOnAt));
    else if (restUntil(needs, place) <= now) needs.resting.delete(place.place);
    // A place that is leaving and emptied as far as the ledger knows is looked at as a whole once more.
    const filled = dirty === (place.state === 'leaving');
    // Nothing is to be moved out of it any more: where it is empty, it goes.
    const isGivenUp = filled && hasGivenUp(place.folder);
    return { ...seen(place), cursor: 0, dirty: false, filled, ...(isGivenUp ? { name: null } : {}) };
  });
  const updated = await needs.ledger.places.update(changes);
  const works = passes.filter(
    ({ place }, index) =>
      place.troubledSince !== null && updated.has(place.place) && changes[index]?.filled === true,
  );
  for (const { place } of works) await needs.ledger.mailboxes.recovered(turn.tenant, place.owner);
}

async function resume(needs: Needs, turn: Turn): Promise<Resume> {
  const places = await needs.ledger.places.ofSlab(turn.tenant, turn.slab);
  const now = needs.clock.now();
  const times = places.flatMap((place) => {
    const at = dueAt(needs, turn, place);
    // What waits for its owner to give a name free is not waited for: the ledger has it tried again.
    return at === null || (at > now && at === folderRest(turn, place)) ? [] : at;
  });
  return times.length === 0 ? null : Math.min(...times);
}
