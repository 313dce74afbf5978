import type { Operation, Outcome, Urgency } from '../engine/ports.ts';
import { countContacts, readCount } from '../graph/contacts.ts';
import { createFolder, getFolder, readFolder, renameFolder, writeGeneration } from '../graph/folders.ts';
import type { Packer } from '../graph/packer.ts';
import { folderId, foldersBeside, isStanding } from '../model/standing.ts';
import { clearBeside, renameBeside, withBeside } from './beside-folder.ts';
import { clearFolder } from './clear-folder.ts';
import { findFolder, folderOutcome, foldersOf } from './folders.ts';
import type { ManagedFolderOptions } from './managed-folder.ts';
import { ownFolder, takeFolder } from './standing-folders.ts';

const KINDS = [
  'find-folder',
  'list-folders',
  'make-folder',
  'rename-folder',
  'read-generation',
  'write-generation',
  'clear-folder',
  'count',
] as const;

/** What is asked of folders, not of what stands in them. */
export type FolderOperation = Extract<Operation, { kind: (typeof KINDS)[number] }>;

export function isAboutFolders(operation: Operation): operation is FolderOperation {
  return KINDS.some((kind) => kind === operation.kind);
}

export interface Folders extends Omit<ManagedFolderOptions, 'packer'> {
  readonly packer: Pick<Packer, 'call'>;
  /** Ids of own folders that were found out. */
  readonly own: Map<string, string>;
}

export async function onFolders(
  options: Folders,
  operation: FolderOperation,
  priority: Urgency,
): Promise<Outcome> {
  const { packer, deployment } = options;
  const place = { ...operation, priority };
  switch (place.kind) {
    case 'find-folder':
      return foundFolder(options, place);
    case 'list-folders':
      return foldersOf({ packer, deployment }, place);
    case 'make-folder':
      return makeFolder(options, place);
    case 'count':
    case 'rename-folder':
    case 'read-generation':
    case 'write-generation':
    case 'clear-folder':
      return inFolder(options, place);
  }
}

type InFolder = Exclude<FolderOperation, { kind: 'find-folder' | 'list-folders' | 'make-folder' }> & {
  readonly priority: Urgency;
};

/** A folder that was there before us is neither renamed nor removed; in a mailbox's own no generation is kept. */
async function inFolder(options: Folders, { folder, ...operation }: InFolder): Promise<Outcome> {
  const { packer, stands } = options;
  const beside = foldersBeside(folder);
  if (beside && operation.kind === 'rename-folder') return renameBeside(options, beside, operation);
  if (beside && operation.kind === 'clear-folder') return clearBeside(options, beside, operation);
  const isOwn = isStanding(folder) && stands.get(operation.route) !== 'named';
  const place = { ...operation, folder: folderId(folder) };
  switch (place.kind) {
    case 'count':
      return { kind: 'counted', items: readCount(await packer.call(countContacts(place))) };
    case 'rename-folder':
      return isStanding(folder)
        ? { kind: 'folder', folder, name: place.name, generation: 0 }
        : folderOutcome(readFolder(await packer.call(renameFolder(place, place.name)), 'PATCH'));
    case 'read-generation':
      return isOwn
        ? { kind: 'folder', folder, name: '', generation: 0 }
        : folderOutcome(readFolder(await packer.call(getFolder(place)), 'GET'));
    case 'write-generation':
      if (!isOwn) await packer.call(writeGeneration(place, place.generation));
      return { kind: 'done' };
    case 'clear-folder':
      return clearFolder(options, { ...place, mayGo: !isStanding(folder) });
  }
}

async function foundFolder(
  { packer, deployment, stands, own }: Folders,
  place: Extract<FolderOperation, { kind: 'find-folder' }> & { readonly priority: Urgency },
): Promise<Outcome> {
  const how = stands.get(place.route);
  if (how !== 'default' && how !== 'beside') return findFolder({ packer, deployment }, place);
  const alone = await ownFolder(packer, place, own);
  // One that is given up is not looked for each time: the ledger says that it is there, or knows nothing.
  if (how === 'default' && place.known !== null && foldersBeside(place.known) === null) return alone;
  const found = await findFolder({ packer, deployment }, place);
  return found.kind === 'folder' && found.folder !== null
    ? withBeside(alone, { managed: found.folder, name: found.name, isGivenUp: how === 'default' })
    : alone;
}

async function makeFolder(
  { packer, deployment, stands, own }: Folders,
  place: Extract<FolderOperation, { kind: 'make-folder' }> & { readonly priority: Urgency },
): Promise<Outcome> {
  const taken =
    stands.get(place.route) === 'named' ? await takeFolder(packer, { ...place, deployment }) : null;
  if (taken) return taken;
  const owner = { deployment, route: place.route };
  const alone = stands.get(place.route) === 'beside' ? await ownFolder(packer, place, own) : null;
  const made = folderOutcome(
    readFolder(await packer.call(createFolder(place, owner, place)), 'POST'),
    place.generation,
  );
  if (alone === null || made.folder === null) return made;
  return withBeside(alone, { managed: made.folder, name: made.name, isGivenUp: false });
}
