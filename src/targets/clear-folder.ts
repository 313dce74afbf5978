import type { Outcome } from '../engine/ports.ts';
import { listMarks, readContactPage, type FolderRef } from '../graph/contacts.ts';
import { firstChildFolder, readFolderPage, removeFolder } from '../graph/folders.ts';
import { belongsTo } from '../graph/marks.ts';
import type { Packer } from '../graph/packer.ts';
import type { Clock } from '../kit/clock.ts';

export interface ClearOptions {
  readonly packer: Pick<Packer, 'call'>;
  readonly deployment: string;
  readonly removal: 'permanent' | 'deletedItems';
  readonly clock: Clock;
}

/** `mayGo`: it was made by us; `empty`: once nothing of ours stands in it. */
type Place = FolderRef & { readonly route: string; readonly mayGo: boolean | 'empty' };

/** A look that took longer than this proves nothing any more: its owner has had time to put something there. */
const LOOK_GOOD_MS = 60_000;
/** A folder that changes under two looks in a row is emptied contact by contact. */
const LOOKS = 2;

interface Look {
  readonly ours: number;
  /** Without our mark, or an original that was adopted: what must not go with the folder. */
  readonly staying: number;
  /** Its pages fit together: nothing came or went that could have hidden an item between two of them. */
  readonly isSound: boolean;
}

/**
 * Removes the folder in one call when a look right before finds nothing foreign in it: every item bears our mark for the
 * route, none is an original that was adopted, and no folder is below it. Graph offers no conditional delete of a folder, so what its owner adds between the look
 * and the removal goes with it: moments in a folder of one page, seconds in one of ten.
 */
export async function clearFolder(options: ClearOptions, place: Place): Promise<Outcome> {
  const { packer, clock, removal } = options;
  let ours = 0;
  for (let attempt = 0; attempt < LOOKS; attempt += 1) {
    const startedAt = clock.now();
    // One after the other: of two failures only one would be told, and a wait that the mailbox asked for might be lost.
    const below =
      place.mayGo !== false ? readFolderPage(await packer.call(firstChildFolder(place))).folders : [];
    const look = await lookAround(options, place);
    ours = look.ours;
    if (place.mayGo === false || (place.mayGo === 'empty' && ours > 0)) break;
    if (look.staying > 0 || below.length > 0) break;
    if (!look.isSound || clock.now() - startedAt > LOOK_GOOD_MS) continue;
    await packer.call(removeFolder(place, removal));
    return { kind: 'done' };
  }
  return { kind: 'kept', ours };
}

/** How many items of ours stand in a folder of which everything else is its owner's. */
export async function countOurs(options: ClearOptions, place: Omit<Place, 'mayGo'>): Promise<number> {
  return (await lookAround(options, { ...place, mayGo: false })).ours;
}

/**
 * Pages are asked for by number, and each begins with the last item of the one before. Had something come or gone ahead
 * of that place, another item would be there, and one between two pages might have been seen in neither.
 */
async function lookAround({ packer, deployment }: ClearOptions, place: Place): Promise<Look> {
  let [ours, staying, last, isSound] = [0, 0, '', true];
  for (let skip = 0, more = true; more;) {
    const { items, next } = readContactPage(await packer.call(listMarks(place, skip)), []);
    const isShared = last !== '' && items[0]?.item === last;
    if (last !== '' && !isShared) isSound = false;
    for (const { mark } of isShared ? items.slice(1) : items) {
      const isOurs = belongsTo(mark, { deployment, route: place.route });
      if (isOurs) ours += 1;
      if (!isOurs || mark.linked === true) staying += 1;
    }
    last = items.at(-1)?.item ?? last;
    more = next !== undefined;
    // A page that holds nothing but the item of before leads nowhere.
    if (more && items.length <= 1) return { ours, staying, isSound: false };
    skip += Math.max(0, items.length - 1);
  }
  return { ours, staying, isSound };
}
