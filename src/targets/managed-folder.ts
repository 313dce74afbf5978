import type { FoundItem, Mark, Operation, Outcome, Target, Urgency } from '../engine/ports.ts';
import { listChanges, readChanges } from '../graph/contact-changes.ts';
import type { GraphCall } from '../graph/call.ts';
import {
  createContact,
  findContacts,
  getContact,
  firstContact,
  listContacts,
  patchContact,
  readContact,
  readContactPage,
  removeContact,
  unstampContact,
  type ContactItem,
  type ItemRef,
} from '../graph/contacts.ts';
import {
  createFolder,
  firstChildFolder,
  getFolder,
  listFolders,
  readFolder,
  readFolderPage,
  removeFolder,
  renameFolder,
  writeGeneration,
  type ContactFolder,
} from '../graph/folders.ts';
import { putContactPhoto } from '../graph/photos.ts';
import { folderValue, type ItemMark, type MarksPolicy } from '../graph/marks.ts';
import type { Packer } from '../graph/packer.ts';
import { fieldsOf, type CardField } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { listAdoptable } from './adoptable.ts';

export interface ManagedFolderOptions {
  readonly packer: Packer;
  readonly deployment: string;
  readonly marks: MarksPolicy;
  /** Whether this cloud has a delta query over contacts. */
  readonly contactDelta: boolean;
  readonly removal: 'permanent' | 'deletedItems';
}

/** A target that counts the contacts it created, changed and removed. */
export type ManagedFolders = Target & { writes(): number };

/** Managed contact folders in the mailboxes of one tenant. All calls of one `apply` share batches. */
export function createManagedFolders(options: ManagedFolderOptions): ManagedFolders {
  let writes = 0;
  return {
    writes: () => writes,
    spare: async () => {
      const { calls, extensions, askAt } = options.packer.spare();
      return { operations: options.marks === 'both' ? extensions : calls, askAt };
    },
    apply: async (operations, urgency) => {
      const outcomes = await Promise.all(operations.map((operation) => attempt(options, operation, urgency)));
      operations.forEach(({ kind }, index) => {
        const isWrite = kind === 'create' || kind === 'patch' || kind === 'remove' || kind === 'unstamp';
        if (isWrite && outcomes[index]?.kind !== 'fault') writes += 1;
      });
      return outcomes;
    },
  };
}

async function attempt(
  options: ManagedFolderOptions,
  operation: Operation,
  urgency: Urgency,
): Promise<Outcome> {
  try {
    return await carryOut(options, operation, urgency);
  } catch (error) {
    if (error instanceof Fault) return { kind: 'fault', fault: error };
    throw error;
  }
}

async function carryOut(
  options: ManagedFolderOptions,
  operation: Operation,
  priority: Urgency,
): Promise<Outcome> {
  const { packer, deployment, marks, removal } = options;
  const place = { ...operation, priority };
  switch (place.kind) {
    case 'find-folder':
      return findFolder(options, place.mailbox, { route: place.route, priority });
    case 'make-folder': {
      const owner = { deployment, route: place.route };
      return folderOutcome(
        readFolder(await packer.call(createFolder(place, owner, place)), 'POST'),
        place.generation,
      );
    }
    case 'rename-folder':
      return folderOutcome(readFolder(await packer.call(renameFolder(place, place.name)), 'PATCH'));
    case 'read-generation':
      return folderOutcome(readFolder(await packer.call(getFolder(place)), 'GET'));
    case 'write-generation':
      return done(packer, writeGeneration(place, place.generation));
    case 'remove-empty-folder':
      return removeIfEmpty(options, place);
    case 'list':
      return { kind: 'items', items: await listOurs(options, place) };
    case 'list-changes':
      return changesOf(options, place);
    case 'list-adoptable':
      return listAdoptable(options, place);
    case 'find': {
      const mark = { deployment, route: place.mark.route, sourceId: place.mark.identity };
      const found = findContacts(place, mark, place.fields);
      return { kind: 'items', items: await listOurs(options, { ...place, route: place.mark.route }, found) };
    }
    case 'read':
      return { kind: 'items', items: await readOurs(options, place) };
    case 'create': {
      const mark = { deployment, route: place.mark.route, sourceId: place.mark.identity };
      return written(
        readContact(await packer.call(createContact(place, place.card, { mark, marks })), {
          method: 'POST',
          fields: fieldsOf(place.card),
        }),
      );
    }
    case 'patch':
      return written(
        readContact(await packer.call(patchContact(place, place.card, markOf(place.adopt, deployment))), {
          method: 'PATCH',
          fields: fieldsOf(place.card),
        }),
      );
    case 'picture':
      return done(packer, putContactPhoto(place, place.jpeg));
    case 'remove':
      return done(packer, removeContact(place, removal));
    case 'unstamp':
      return done(packer, unstampContact(place));
  }
}

async function changesOf(
  { packer, contactDelta }: ManagedFolderOptions,
  place: Extract<Operation, { kind: 'list-changes' }> & At,
): Promise<Outcome> {
  if (!contactDelta) throw new Fault('resync', 'there is no delta query over contacts in this cloud');
  return {
    kind: 'changes',
    ...readChanges(await packer.call(listChanges(place, place)), place.fields),
  };
}

async function done(packer: Packer, call: GraphCall): Promise<Outcome> {
  await packer.call(call);
  return { kind: 'done' };
}

type At = { readonly mailbox: string; readonly folder: string; readonly priority: Urgency };

async function findFolder(
  { packer, deployment }: ManagedFolderOptions,
  mailbox: string,
  { route, priority }: { route: string; priority: Urgency },
): Promise<Outcome> {
  const owner = folderValue({ deployment, route }).toLowerCase();
  for (let link: string | undefined, first = true; first || link !== undefined; first = false) {
    const page = readFolderPage(await packer.call(listFolders({ mailbox, priority }, link)));
    const ours = page.folders.find((folder) => folder.owner?.toLowerCase() === owner);
    if (ours) return folderOutcome(ours);
    link = page.next;
  }
  return { kind: 'folder', folder: null, generation: 0, name: '' };
}

/** Every item with this deployment's mark for the route, over all pages. */
async function listOurs(
  { packer, deployment }: ManagedFolderOptions,
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
  { packer, deployment }: ManagedFolderOptions,
  place: ItemRef & { readonly route: string; readonly fields: readonly CardField[] },
): Promise<FoundItem[]> {
  try {
    const item = readContact(await packer.call(getContact(place, place.fields)), {
      method: 'GET',
      fields: place.fields,
    });
    return ourItem(item, { deployment, route: place.route });
  } catch (error) {
    if (error instanceof Fault && error.kind === 'not-found') return [];
    throw error;
  }
}

function ourItem(
  { item, card, mark }: ContactItem,
  { deployment, route }: { deployment: string; route: string },
): FoundItem[] {
  const isOurs = mark?.deployment.toLowerCase() === deployment.toLowerCase() && mark.route === route;
  if (!isOurs) return [];
  return [{ item, card, identity: mark.sourceId, origin: mark.linked ? 'linked' : 'created' }];
}

/** What a user put there stays, and its folder with it. */
async function removeIfEmpty({ packer }: ManagedFolderOptions, place: At): Promise<Outcome> {
  const { items } = readContactPage(await packer.call(firstContact(place)), []);
  const { folders } = readFolderPage(await packer.call(firstChildFolder(place)));
  if (items.length === 0 && folders.length === 0) await packer.call(removeFolder(place));
  return { kind: 'done' };
}

function markOf(mark: Mark | null, deployment: string): ItemMark | undefined {
  return mark === null ? undefined : { deployment, route: mark.route, sourceId: mark.identity };
}

function written({ item, card }: ContactItem): Outcome {
  return { kind: 'written', item, card };
}

function folderOutcome({ folder, name, generation }: ContactFolder, known = generation): Outcome {
  return { kind: 'folder', folder, name, generation: known };
}
