import type { Sharing } from './route.ts';

/**
 * A folder that was there before us is written with a word in front of its id: whatever becomes of the place, the folder itself
 * is its owner's. Behind the word stands nothing where the id is not known, which that of a mailbox's own folder is not while it is empty.
 */
const STANDING = 'standing:';

/**
 * A place may stand in two folders: the mailbox's own, and one that we have made beside it. Between the two ids stands where copies
 * are made: in the second (`>`), or in the own one, since the second is given up (`<`). An id has neither of the two in it.
 */
const BESIDE = /^([^<>]*)([<>])([^<>]+)$/;

/** The two folders of a place, by their ids; an empty `own`: not known yet. */
export interface Beside {
  readonly own: string;
  readonly managed: string;
  /** Copies are made in the mailbox's own folder, and those that stand in the other one are moved there. */
  readonly isGivenUp: boolean;
}

/** How a place names a folder that is not ours; an empty `id`: not known yet. */
export function standingFolder(id: string): string {
  return `${STANDING}${id}`;
}

/** How a place names two folders. */
export function besideFolder({ own, managed, isGivenUp }: Beside): string {
  return standingFolder(`${own}${isGivenUp ? '<' : '>'}${managed}`);
}

/** The two folders of a place that has two; null for any other. */
export function foldersBeside(folder: string | null): Beside | null {
  const [, own, sign, managed] = (folder !== null && BESIDE.exec(withoutWord(folder))) || [];
  if (own === undefined || managed === undefined) return null;
  return { own, managed, isGivenUp: sign === '<' };
}

/** Whether copies are moved out of the second folder of a place, which goes when it is empty. */
export function hasGivenUp(folder: string | null): boolean {
  return foldersBeside(folder)?.isGivenUp === true;
}

/** The ids of both: where copies are made comes first. Of two items of one contact the one that is found there is the later one. */
export function inOrder({ own, managed, isGivenUp }: Beside): readonly [string, string] {
  return isGivenUp ? [own, managed] : [managed, own];
}

export function isStanding(folder: string): boolean {
  return folder.startsWith(STANDING);
}

/** The folder's id, whoever made it, of two that of the mailbox's own; empty where it is not known. */
export function folderId(folder: string): string {
  return foldersBeside(folder)?.own ?? withoutWord(folder);
}

function withoutWord(folder: string): string {
  return isStanding(folder) ? folder.slice(STANDING.length) : folder;
}

/**
 * One folder, as the ledger names it and as it was found: the id of a mailbox's own may have been found out only now. That a second
 * one is there as well, or where copies are made, is no matter of where the place stands.
 */
export function isSameFolder(known: string | null, found: string): boolean {
  if (known === found) return true;
  if (known === null || !isStanding(known) || !isStanding(found)) return false;
  const second = foldersBeside(known);
  if (second !== null && second.managed !== foldersBeside(found)?.managed) return false;
  return folderId(known) === folderId(found) || folderId(known) === '' || folderId(found) === '';
}

/** The name of a place's folder (`isSameFolder`), with the id of the mailbox's own where it was found out. */
export function learntFolder(known: string, found: string): string {
  const own = folderId(found);
  if (!isStanding(known) || own === '') return known;
  const second = foldersBeside(known);
  return second ? besideFolder({ ...second, own }) : standingFolder(own);
}

/** Whether a place stands in the folders that its route asks for; null: the route shares nothing. */
export function standsAsAsked(folder: string, stands: Sharing['stands'] | null): boolean {
  const second = foldersBeside(folder);
  if (stands === 'beside') return second?.isGivenUp === false;
  return stands !== 'default' || second?.isGivenUp !== false;
}

/** Whether a copy stands in another folder of the place than copies are made in; null: nobody says where it stands. */
export function isMisplaced(place: string | null, folder: string | null): boolean {
  const second = foldersBeside(place);
  if (second === null || folder === null) return false;
  return second.isGivenUp === (folder === second.managed);
}
