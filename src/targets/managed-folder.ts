import type { Clock } from '../kit/clock.ts';
import type { FoundItem, Mark, Operation, Outcome, Target, Urgency } from '../engine/ports.ts';
import { listChanges, readChanges } from '../graph/contact-changes.ts';
import type { GraphCall } from '../graph/call.ts';
import {
  createContact,
  findContacts,
  getContact,
  listContacts,
  patchContact,
  readContact,
  readContactPage,
  removeContact,
  unstampContact,
  type ContactItem,
  type ItemRef,
} from '../graph/contacts.ts';
import { getContactPhotoTag, putContactPhoto, readPhotoTag } from '../graph/photos.ts';
import { belongsTo, type ItemMark, type MarksPolicy, type Owner } from '../graph/marks.ts';
import type { Packer } from '../graph/packer.ts';
import { fieldsOf, type CardField } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { listAdoptable, listAdopted } from './adoptable.ts';
import type { Sharing } from '../model/route.ts';
import { folderId, foldersBeside, inOrder } from '../model/standing.ts';
import { changesBeside } from './beside-folder.ts';
import { isAboutFolders, onFolders, type Folders } from './folder-operations.ts';
import { lookAtContact, surveyFolder, unstampShared } from './shared-contacts.ts';

export interface ManagedFolderOptions {
  readonly packer: Packer;
  readonly deployment: string;
  readonly marks: MarksPolicy;
  /** Whether this cloud has a delta query over contacts. */
  readonly contactDelta: boolean;
  readonly removal: 'permanent' | 'deletedItems';
  readonly clock: Clock;
  /** Routes that stand in a folder of the mailbox's own, or in one that may have been there before. */
  readonly stands: ReadonlyMap<string, Sharing['stands']>;
  /** May this operation be sent now? */
  readonly admits: (operation: Operation) => boolean;
}

type Options = ManagedFolderOptions & Pick<Folders, 'own'>;

/** A target that counts the contacts it created, changed and removed. */
export type ManagedFolders = Target & { writes(): number };

/** Managed contact folders in the mailboxes of one tenant. All calls of one `apply` share batches. */
export function createManagedFolders(options: ManagedFolderOptions): ManagedFolders {
  let writes = 0;
  const folders = { ...options, own: new Map<string, string>() };
  return {
    writes: () => writes,
    spare: async () => {
      const { calls, idle, extensions, askAt } = options.packer.spare();
      const operations = options.marks === 'both' ? extensions : calls;
      return { operations, idle: Math.min(idle, operations), askAt };
    },
    apply: async (operations, urgency) => {
      const outcomes = await Promise.all(operations.map((operation) => attempt(folders, operation, urgency)));
      operations.forEach(({ kind }, index) => {
        const isWrite = kind === 'create' || kind === 'patch' || kind === 'remove' || kind === 'unstamp';
        if (isWrite && outcomes[index]?.kind !== 'fault') writes += 1;
      });
      return outcomes;
    },
  };
}

async function attempt(options: Options, operation: Operation, urgency: Urgency): Promise<Outcome> {
  try {
    return await carryOut(options, operation, urgency);
  } catch (error) {
    if (error instanceof Fault) return { kind: 'fault', fault: error };
    throw error;
  }
}

async function carryOut(options: Options, operation: Operation, priority: Urgency): Promise<Outcome> {
  const { deployment, marks, removal } = options;
  const packer = gated(options, operation);
  if (isAboutFolders(operation)) return onFolders({ ...options, packer }, operation, priority);
  const place = inGraph({ ...operation, priority });
  switch (place.kind) {
    case 'survey':
      return surveyFolder({ packer, deployment }, place);
    case 'look-at':
      return lookAtContact({ packer, deployment }, place);
    case 'list':
      return { kind: 'items', items: await listOurs({ packer, deployment }, place) };
    case 'list-changes': {
      const asked = { packer, contactDelta: options.contactDelta };
      const beside = foldersBeside(place.folder);
      return beside
        ? changesBeside(packer, beside, { place, changesIn: (one) => changesIn(asked, one) })
        : changesIn(asked, place);
    }
    case 'list-adoptable':
      return listAdoptable(packer, place);
    case 'list-adopted':
      return listAdopted({ packer, deployment }, place);
    case 'find': {
      const mark = { deployment, route: place.mark.route, sourceId: place.mark.identity };
      const beside = foldersBeside(place.folder);
      const folders = beside ? inOrder(beside) : [place.folder];
      const items: FoundItem[] = [];
      // One after the other: of two failures only one would be told, and a wait that the mailbox asked for might be lost.
      for (const folder of folders) {
        const at = { ...place, folder };
        items.push(...(await listOurs({ packer, deployment }, at, findContacts(at, mark, place.fields))));
      }
      return { kind: 'items', items };
    }
    case 'read':
      return { kind: 'items', items: await readOurs({ packer, deployment }, place) };
    case 'create': {
      const mark = { deployment, route: place.mark.route, sourceId: place.mark.identity };
      return written(
        readContact(await packer.call(createContact(place, place.card, { ...place, mark, marks })), {
          method: 'POST',
          fields: fieldsOf(place.card),
        }),
      );
    }
    case 'patch':
      return written(
        readContact(
          await packer.call(
            patchContact(place, place.card, { ...place, adopt: markOf(place.adopt, deployment) }),
          ),
          { method: 'PATCH', fields: fieldsOf(place.card) },
        ),
      );
    case 'picture':
      return done(packer, putContactPhoto(place, place.jpeg));
    case 'look-at-picture':
      return { kind: 'showing', picture: await showsPicture(packer, place) };
    case 'remove':
      return done(packer, removeContact(place, removal));
    case 'unstamp':
      return place.stamped
        ? unstampShared({ packer, deployment }, place)
        : done(packer, unstampContact(place, { gone: place.gone }));
  }
}

/** Every 404 means that there is none: whether the item itself is there is for others to find out. */
async function showsPicture(packer: Pick<Packer, 'call'>, item: ItemRef): Promise<boolean> {
  try {
    return readPhotoTag(await packer.call(getContactPhotoTag(item))) !== null;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return false;
    throw error;
  }
}

async function done(packer: Pick<Packer, 'call'>, call: GraphCall): Promise<Outcome> {
  await packer.call(call);
  return { kind: 'done' };
}

/** Asked of both folders, where a place stands in two. */
const OF_BOTH: ReadonlySet<Operation['kind']> = new Set(['survey', 'look-at', 'list-changes', 'find']);

/** As Graph knows the folder. Of two, copies are made in one; what stands there already may stand in either. */
function inGraph<Place extends Operation>(place: Place): Place {
  if (!('folder' in place) || place.folder === null) return place;
  const beside = foldersBeside(place.folder);
  if (!beside) return { ...place, folder: folderId(place.folder) };
  if (OF_BOTH.has(place.kind)) return place;
  const isNew = place.kind === 'create' && !beside.isGivenUp;
  return { ...place, folder: isNew ? beside.managed : 'item' in place ? '' : beside.own };
}

/** Calls ask once more when their batch leaves: what is stopped meanwhile is not sent. */
function gated({ packer, admits }: ManagedFolderOptions, operation: Operation): Pick<Packer, 'call'> {
  const mayLeave = (): boolean => admits(operation);
  return { call: (call) => packer.call({ ...call, mayLeave }) };
}

type Caller = { readonly packer: Pick<Packer, 'call'>; readonly deployment: string };

type At = { readonly mailbox: string; readonly folder: string; readonly priority: Urgency };

/** Every item with this deployment's mark for the route, over all pages. */
async function listOurs(
  { packer, deployment }: Caller,
  place: At & { readonly route: string; readonly fields: readonly CardField[] },
  start = listContacts(place, { fields: place.fields }),
): Promise<FoundItem[]> {
  const items: FoundItem[] = [];
  for (let call: typeof start | undefined = start; call !== undefined;) {
    const page = readContactPage(await packer.call(call), place.fields);
    items.push(...page.items.flatMap((item) => ourItem(item, { deployment, route: place.route })));
    call =
      page.next === undefined ? undefined : listContacts(place, { fields: place.fields, link: page.next });
  }
  return items;
}

/** The item as it is now, or nothing when it is gone or bears no mark of this deployment for the route. */
async function readOurs(
  { packer, deployment }: Caller,
  place: ItemRef & { readonly route: string; readonly fields: readonly CardField[] },
): Promise<FoundItem[]> {
  try {
    const { fields } = place;
    const item = readContact(await packer.call(getContact(place, fields)), { method: 'GET', fields });
    return ourItem(item, { deployment, route: place.route });
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return [];
    throw error;
  }
}

function ourItem({ item, card, mark }: ContactItem, owner: Owner): FoundItem[] {
  if (!belongsTo(mark, owner)) return [];
  return [{ item, card, identity: mark.sourceId, origin: mark.linked ? 'linked' : 'created' }];
}

async function changesIn(
  { packer, contactDelta }: { packer: Pick<Packer, 'call'>; contactDelta: boolean },
  place: At & { readonly link: string | null; readonly fields: readonly CardField[] },
): Promise<Extract<Outcome, { kind: 'changes' }>> {
  // Of a folder whose id is not known there is none for certain.
  if (!contactDelta || place.folder === '')
    throw new Fault('resync', 'there is no delta query over these contacts');
  const page = readChanges(await packer.call(listChanges(place, place)), place.fields);
  return { kind: 'changes', ...page };
}

function markOf(mark: Mark | null, deployment: string): ItemMark | undefined {
  return mark === null ? undefined : { deployment, route: mark.route, sourceId: mark.identity };
}

function written({ item, card }: ContactItem): Outcome {
  return { kind: 'written', item, card };
}
