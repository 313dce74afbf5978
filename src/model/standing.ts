/**
 * A folder that was there before us is written with a word in front of its id: whatever becomes of the place, the folder itself
 * is its owner's. Behind the word stands nothing where the id is not known, which that of a mailbox's own folder is not while it is empty.
 */
const STANDING = 'standing:';

/** How a place names a folder that is not ours; an empty `id`: not known yet. */
export function standingFolder(id: string): string {
  return `${STANDING}${id}`;
}

export function isStanding(folder: string): boolean {
  return folder.startsWith(STANDING);
}

/** The folder's id, whoever made it; empty where it is not known. */
export function folderId(folder: string): string {
  return isStanding(folder) ? folder.slice(STANDING.length) : folder;
}

/** One folder, as the ledger names it and as it was found: the id of a mailbox's own may have been found out only now. */
export function isSameFolder(known: string | null, found: string): boolean {
  if (known === found) return true;
  if (known === null || !isStanding(known) || !isStanding(found)) return false;
  return folderId(known) === '' || folderId(found) === '';
}
