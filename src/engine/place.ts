import { applyAll, at, REST_MS } from './at-places.ts';
import type { PlaceChange, PlaceRecord } from './ledger-port.ts';
import { adoptedIn } from './adoption.ts';
import { releaseAdopted } from './release.ts';
import { PICTURE } from './compare.ts';
import { clearFolder, noteNameTaken } from './folder-setbacks.ts';
import { forgetCleared } from './leave.ts';
import { sighted } from './look.ts';
import { misplaceCopies } from './moves.ts';
import { portOf, type Needs } from './needs.ts';
import { foldersBeside, hasGivenUp, standsAsAsked } from '../model/standing.ts';
import { sharingRoute } from './contact-keys.ts';
import { seen } from './seen.ts';
import { firstsIn, marksIn, secondsIn, standing } from './shared-rebuild.ts';
import { noteTroubles, reopen } from './trouble.ts';
import { unstampOf } from './unstamp.ts';
import { distrust, quietFrom, quietOnes, raise, type Turn } from './turn.ts';

/**
 * Opens places that have no folder yet: looks for the folder by its mark, makes it where there is none. A folder that
 * was there before us holds items that the ledger may not know: its place is untrusted until they are read. One whose
 * generation is ahead of the ledger's makes the whole slab `distrusted`: the turn must end, what it knows is void.
 */
export async function openPlaces(
  needs: Needs,
  turn: Turn,
  places: readonly PlaceRecord[],
): Promise<'opened' | 'distrusted'> {
  if (places.length === 0) return 'opened';
  const now = needs.clock.now();
  const looked = await applyAll({ needs, turn }, places, (place) => ({
    kind: 'find-folder',
    mailbox: place.owner,
    route: place.routeId,
    known: place.folder,
  }));
  const missing: PlaceRecord[] = [];
  const gone: PlaceRecord[] = [];
  const changes: PlaceChange[] = [];
  for (const { place, outcome } of looked) {
    if (outcome.kind !== 'folder') continue;
    if (outcome.folder !== null && (place.state === 'leaving' || isAsAsked(needs, place, outcome.folder))) {
      // What is given up is over when the folder is gone.
      const isOver = !hasGivenUp(outcome.folder);
      const isMoved = isToBeMoved(needs, place);
      if (outcome.name === place.routeFolder) await clearFolder(needs, turn, place);
      changes.push({
        ...seen(place),
        folder: outcome.folder,
        name: outcome.name === place.routeFolder && isOver ? outcome.name : null,
        trusted: isMoved,
        filled: false,
        cursor: 0,
        // Nobody here knows who wrote into it last, and when.
        attempted: isMoved ? place.attempted : now,
      });
    } else if (now < quietFrom(turn, place, null)) {
      // While an earlier create may still be applied late, another would make a second folder.
      needs.resting.set(place.place, now + REST_MS);
    } else if (place.state === 'leaving') gone.push(place);
    else missing.push(place);
  }
  // Originals that were adopted may stand anywhere in the mailbox: our mark is taken off them first.
  await forgetCleared(needs, await releaseAdopted(needs, turn, gone), 'gone');
  await storeOpened(needs, changes);
  const newest = Math.max(
    0,
    ...looked.map(({ outcome }) => (outcome.kind === 'folder' ? outcome.generation : 0)),
  );
  if (newest <= turn.generation) {
    await makeFolders(needs, turn, missing);
    return 'opened';
  }
  await distrust(needs, turn, newest);
  turn.reopened = true;
  return 'distrusted';
}

async function makeFolders(needs: Needs, turn: Turn, missing: readonly PlaceRecord[]): Promise<void> {
  if (missing.length === 0) return;
  const now = needs.clock.now();
  const begun = await needs.ledger.places.update(
    missing.map((place) => ({ ...seen(place), attempted: now })),
  );
  const places = missing.filter(({ place }) => begun.has(place));
  const { stamped } = turn;
  await raise(needs, turn);
  // Stamping for this alone would cost a request: the stamps go with the contacts, in the next turn.
  turn.stamped = stamped;
  const made = await applyAll({ needs, turn }, places, (place) => ({
    kind: 'make-folder',
    mailbox: place.owner,
    route: place.routeId,
    name: place.routeFolder,
    generation: turn.generation,
  }));
  const changes: PlaceChange[] = [];
  const empty: PlaceRecord[] = [];
  for (const { place, outcome } of made) {
    if (outcome.kind === 'folder' && outcome.folder !== null) {
      // Beside a new folder there is another one, which is read first.
      if (!foldersBeside(outcome.folder)) empty.push(place);
      await clearFolder(needs, turn, place);
      changes.push({
        ...seen(place),
        folder: outcome.folder,
        name: outcome.name,
        trusted: isToBeMoved(needs, place),
        filled: false,
        cursor: 0,
        attempted: null,
      });
    } else if (outcome.kind === 'fault') {
      const isUnknown = outcome.fault.kind === 'unknown-outcome';
      changes.push({ ...seen(place), attempted: isUnknown ? needs.clock.now() : null });
      if (!isUnknown) await noteNameTaken(needs, turn, { place, outcome });
    }
  }
  await storeOpened(needs, changes);
  // A new folder is empty: whatever the ledger still believes of an earlier one is void. Originals stand elsewhere, though, and a
  // ledger that was lost or restored does not know which: the marks are read before anything is made.
  for (const place of empty) if (place.distrusted === null) await needs.ledger.links.rebuild(place, []);
}

/** What is believed from the first is to be moved: its copies are marked before anybody takes the place for open. */
async function storeOpened(needs: Needs, changes: readonly PlaceChange[]): Promise<void> {
  await misplaceCopies(
    needs,
    changes.filter(({ trusted }) => trusted === true),
  );
  await needs.ledger.places.update(changes);
}

/**
 * A place in a mailbox's own folder is never without one: it is opened anew, and believed, because it is to stand in another folder,
 * or in one more (`renamePlaces`).
 */
function isToBeMoved(needs: Pick<Needs, 'routes'>, place: PlaceRecord): boolean {
  const stands = sharingRoute(needs, place)?.shares.stands;
  return place.trusted && (stands === 'default' || stands === 'beside');
}

/** Whether these are the folders that the place's route asks for: one of the two may still have to be made, or be given up. */
function isAsAsked(needs: Pick<Needs, 'routes'>, place: PlaceRecord, folder: string): boolean {
  return standsAsAsked(folder, sharingRoute(needs, place)?.shares.stands ?? null);
}

/**
 * Reads the marks of places that cannot be believed, and rebuilds their links from what stands there. Not before all has
 * arrived that was ever sent: what is applied after the reading would be created a second time.
 */
export async function rebuildPlaces(
  needs: Needs,
  turn: Turn,
  untrusted: readonly PlaceRecord[],
): Promise<void> {
  const places = await quietOnes(needs, turn, untrusted);
  const listed = await applyAll({ needs, turn }, places, (place) => marksIn(needs, place));
  for (const { place, outcome } of listed) {
    if (outcome.kind === 'fault' && outcome.fault.kind === 'not-found') {
      await needs.ledger.places.update([{ ...seen(place), folder: null }]);
    }
    const marked = standing(needs, place, outcome);
    if (!marked) continue;
    const adopted = await adoptedIn(needs, turn.tenant, place);
    if (!adopted) continue;
    const found = [...marked, ...adopted.map((one) => sighted(needs, one))];
    const copies = secondsIn(found);
    if (copies.length > 0) await raise(needs, turn);
    const removed = await portOf(needs.targets, turn.tenant).apply(
      copies.map(({ item, identity, origin }) =>
        origin === 'linked'
          ? unstampOf(needs, place, { item, identity, gone: false })
          : { kind: 'remove', ...at(place), item, identity },
      ),
      'live',
    );
    await noteTroubles(
      needs,
      turn.tenant,
      removed.map((outcome) => ({ place, outcome })),
    );
    // Believed only when no second item of ours is left; else the next turn reads again.
    if (removed.some((one) => one.kind === 'fault' && one.fault.kind !== 'not-found')) continue;
    const isPictured = needs.routes.some(({ key, photo }) => key === place.route && photo !== null);
    const picture = isPictured ? PICTURE.unseen : null;
    await needs.ledger.links.rebuild(place, [...firstsIn(found).values()], picture);
  }
}

/**
 * A renamed `folder` renames by id and refills nothing. Where the place is to stand in another folder, or in one more, it is opened
 * anew, and what the ledger knows of it is believed: its copies are moved.
 */
export async function renamePlaces(needs: Needs, turn: Turn, all: readonly PlaceRecord[]): Promise<void> {
  const places = all.filter((place) => isAsAsked(needs, place, place.folder ?? ''));
  await needs.ledger.places.update(
    all
      .filter((place) => !places.includes(place))
      .map((place) => ({ ...seen(place), folder: null, filled: false, cursor: 0 })),
  );
  const renamed = await applyAll({ needs, turn }, places, (place) => ({
    kind: 'rename-folder',
    ...at(place),
    name: place.routeFolder,
  }));
  const changes: PlaceChange[] = [];
  const gone: number[] = [];
  for (const { place, outcome } of renamed) {
    if (outcome.kind === 'folder') {
      await clearFolder(needs, turn, place);
      const isMoved = foldersBeside(place.folder) !== null && outcome.folder !== null;
      changes.push({
        ...seen(place),
        name: place.routeFolder,
        ...(isMoved ? { folder: outcome.folder } : {}),
      });
    }
    await noteNameTaken(needs, turn, { place, outcome });
    if (outcome.kind === 'fault' && outcome.fault.kind === 'not-found') gone.push(place.place);
  }
  await needs.ledger.places.update(changes);
  await reopen(needs, gone);
}
