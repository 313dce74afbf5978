/**
 * A folder that was there before us, as the ledger names it: never renamed, never removed, and what people put there are
 * contacts to be shared. Graph knows it by the id after the colon; a mailbox's own folder may have none that could be found out.
 */
const STANDING = 'standing:';

export function standingFolder(id: string): string {
  return `${STANDING}${id}`;
}

export function isStanding(folder: string): boolean {
  return folder.startsWith(STANDING);
}

/** The id by which Graph knows a place's folder; empty: the mailbox's own, by its path alone. */
export function folderId(folder: string): string {
  return isStanding(folder) ? folder.slice(STANDING.length) : folder;
}
