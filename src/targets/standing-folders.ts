import type { Outcome, Urgency } from '../engine/ports.ts';
import { markFolder, readFolder } from '../graph/folders.ts';
import type { Packer } from '../graph/packer.ts';
import { getWellKnown, listParents, readParents, readWellKnown } from '../graph/shared-contacts.ts';
import { Fault } from '../model/fault.ts';
import { standingFolder } from '../model/standing.ts';
import { allFolders, folderOutcome } from './folders.ts';

type Calls = Pick<Packer, 'call'>;

interface Place {
  readonly mailbox: string;
  readonly route: string;
  readonly priority: Urgency;
}

export type OwnFolder = Extract<Outcome, { kind: 'folder' }> & { readonly folder: string };

/** The mailbox's own folder Contacts, for the ledger. Everybody has one; whether its id can be found out is another matter. */
export async function ownFolder(packer: Calls, place: Place, known: Map<string, string>): Promise<OwnFolder> {
  const { mailbox } = place;
  const id =
    known.get(mailbox) ?? (await wellKnownId(packer, place)) ?? (await parentId(packer, place)) ?? '';
  if (id !== '') known.set(mailbox, id);
  return { kind: 'folder', folder: standingFolder(id), name: OWN, generation: 0 };
}

/** What its route calls it; nobody can rename it. */
export const OWN = 'Contacts';

async function wellKnownId(packer: Calls, place: Place): Promise<string | null> {
  try {
    return readWellKnown(await packer.call(getWellKnown(place)));
  } catch (error) {
    if (error instanceof Fault && (error.kind === 'not-found' || error.kind === 'invalid')) return null;
    throw error;
  }
}

/**
 * Where the contacts stand of which no folder is said (learn.microsoft.com/graph/api/user-list-contacts); some have seen those of
 * all folders there. Null: none stands there.
 */
async function parentId(packer: Calls, place: Place): Promise<string | null> {
  const parents = readParents(await packer.call(listParents(place)));
  if (parents.length === 0) return null;
  const others = new Set((await allFolders(packer, place)).map(({ folder }) => folder));
  return parents.find((parent) => !others.has(parent)) ?? null;
}

/** Takes the folder of this name for the route, where there is one that nobody else has marked; null where there is none. */
export async function takeFolder(
  packer: Calls,
  {
    deployment,
    name,
    generation,
    ...place
  }: Place & { deployment: string; name: string; generation: number },
): Promise<Outcome | null> {
  const folders = await allFolders(packer, place);
  const named = folders.find(
    (folder) => folder.owner === null && folder.name.toLowerCase() === name.toLowerCase(),
  );
  if (!named) return null;
  const marked = markFolder(
    { ...place, folder: named.folder },
    { deployment, route: place.route },
    generation,
  );
  const taken = readFolder(await packer.call(marked), 'PATCH');
  return { ...folderOutcome(taken, generation), folder: standingFolder(named.folder) };
}
