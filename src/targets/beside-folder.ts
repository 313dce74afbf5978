import type { ItemChange, Operation, Outcome, Urgency } from '../engine/ports.ts';
import { readFolder, renameFolder } from '../graph/folders.ts';
import { getShared, readShared } from '../graph/shared-contacts.ts';
import type { Packer } from '../graph/packer.ts';
import type { CardField } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { besideFolder, folderId, standingFolder, type Beside } from '../model/standing.ts';
import { clearFolder, countOurs, type ClearOptions } from './clear-folder.ts';
import { OWN, type OwnFolder } from './standing-folders.ts';

type Folder = Extract<Outcome, { kind: 'folder' }>;

interface Place {
  readonly mailbox: string;
  readonly route: string;
  readonly priority: Urgency;
}

/** A mailbox's own folder with the one that we have made beside it. No generation is kept in the two. */
export function withBeside(
  own: OwnFolder,
  { name, ...second }: Omit<Beside, 'own'> & { readonly name: string },
): Folder {
  const folder = besideFolder({ own: folderId(own.folder), ...second });
  return { ...own, folder, name: second.isGivenUp ? OWN : name };
}

/** The name of the folder that we have made. One that is given up goes instead, once nothing that is shared stands in it. */
export async function renameBeside(
  options: ClearOptions,
  beside: Beside,
  { name, ...place }: Place & { readonly name: string },
): Promise<Outcome> {
  const generation = 0;
  const { own, managed } = beside;
  if (beside.isGivenUp) {
    const cleared = await clearManaged(options, { ...place, folder: managed, mayGo: 'empty' });
    const isOver = cleared.kind !== 'kept' || cleared.ours === 0;
    return { kind: 'folder', folder: isOver ? standingFolder(own) : besideFolder(beside), name, generation };
  }
  const call = renameFolder({ ...place, folder: managed }, name);
  const renamed = readFolder(await options.packer.call(call), 'PATCH');
  return { kind: 'folder', folder: besideFolder(beside), name: renamed.name, generation };
}

/**
 * The folder that we have made goes whole where it may, and only once nothing of ours stands in the mailbox's own: what is left
 * there goes contact by contact, and with it whatever stands in the other.
 */
export async function clearBeside(
  options: ClearOptions,
  { own, managed }: Beside,
  place: Place,
): Promise<Outcome> {
  const inOwn = await countOurs(options, { ...place, folder: own });
  if (inOwn > 0) return { kind: 'kept', ours: inOwn };
  const cleared = await clearManaged(options, { ...place, folder: managed, mayGo: true });
  return cleared.kind === 'kept' ? cleared : { kind: 'kept', ours: 0 };
}

/** Where its owner has removed it, nothing is left to do. */
async function clearManaged(
  options: ClearOptions,
  place: Place & { readonly folder: string; readonly mayGo: true | 'empty' },
): Promise<Outcome> {
  try {
    return await clearFolder(options, place);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return { kind: 'done' };
    throw error;
  }
}

/** How far both folders were read: a delta link of each, and which of them is being read; null: none of its. */
interface Round {
  readonly reading: 'own' | 'managed' | null;
  readonly own: string | null;
  readonly managed: string | null;
}

const FIRST: Round = { reading: null, own: null, managed: null };
const WORD = 'beside:';

function linkOf(round: Round): string {
  return WORD + JSON.stringify([round.reading, round.own, round.managed]);
}

/** Throws `resync` for a link that one folder alone has given. */
function roundOf(link: string | null): Round {
  if (link === null) return FIRST;
  if (!link.startsWith(WORD)) throw new Fault('resync', 'the changes of one folder are not those of two');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- linkOf wrote it.
  const [reading, own, managed] = JSON.parse(link.slice(WORD.length)) as [
    Round['reading'],
    string | null,
    string | null,
  ];
  return { reading, own, managed };
}

type Changes = Extract<Outcome, { kind: 'changes' }>;
type ListChanges = Extract<Operation, { kind: 'list-changes' }> & { readonly priority: Urgency };

/**
 * What changed in two folders, a page of one after the other. Who has dragged a contact from one into the other has removed nothing:
 * the folder that it has come to tells of it.
 */
export async function changesBeside(
  packer: Pick<Packer, 'call'>,
  beside: Beside,
  {
    place: { link, ...place },
    changesIn,
  }: { readonly place: ListChanges; readonly changesIn: (place: ListChanges) => Promise<Changes> },
): Promise<Changes> {
  const round = roundOf(link);
  const reading = round.reading ?? 'own';
  const page = await changesIn({ ...place, folder: beside[reading], link: round[reading] });
  const other = beside[reading === 'own' ? 'managed' : 'own'];
  const changes: ItemChange[] = [];
  // One after the other: of two failures only one would be told, and a wait that the mailbox asked for might be lost.
  for (const change of page.changes) {
    const isDragged = change.card === null && (await parentOf(packer, { ...place, ...change })) === other;
    if (!isDragged) changes.push(change);
  }
  const next = reading === 'own' && page.last ? 'managed' : reading;
  const last = reading === 'managed' && page.last;
  const read = { ...round, [reading]: page.link, reading: last ? null : next };
  return { ...page, changes, link: linkOf(read), last };
}

/** In which folder it stands by now; null: in none. */
async function parentOf(
  packer: Pick<Packer, 'call'>,
  { mailbox, priority, item }: Place & { readonly item: string; readonly fields: readonly CardField[] },
): Promise<string | null> {
  try {
    const call = getShared({ mailbox, priority, folder: null, item }, []);
    return readShared(await packer.call(call), []).folder;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return null;
    throw error;
  }
}
