import type { Candidate, FoundItem, Operation, Outcome, Urgency } from '../engine/ports.ts';
import { listShelf, readShelf, type ForeignContact, type Shelf } from '../graph/adoptable.ts';
import { belongsTo } from '../graph/marks.ts';
import type { Packer } from '../graph/packer.ts';
import { Fault } from '../model/fault.ts';
import { allFolders } from './folders.ts';

type Calls = Pick<Packer, 'call'>;

interface Search extends Extract<Operation, { kind: 'list-adoptable' }> {
  readonly priority: Urgency;
}

interface Place extends Extract<Operation, { kind: 'list-adopted' }> {
  readonly priority: Urgency;
}

/**
 * What may be adopted in a mailbox: contacts that bear the other tool's mark, in whatever folder, and everything in the
 * named folder. What bears a mark of ours is no candidate.
 */
export async function listAdoptable(packer: Calls, search: Search): Promise<Outcome> {
  const { mailbox, rule, priority, fields } = search;
  const { foreignMark: extension } = rule;
  const folders = await foldersOfOwner(packer, search);
  const shelves: Shelf[] = [];
  if (extension !== null) {
    shelves.push({ mailbox, priority, folder: null, extension, fields });
    for (const { folder } of folders) shelves.push({ mailbox, priority, folder, extension, fields });
  }
  for (const { folder, name } of folders) {
    const isNamed = name.toLowerCase() === rule.folder?.toLowerCase();
    if (isNamed) shelves.push({ mailbox, priority, folder, extension: null, fields });
  }
  const contacts = await contactsOn(packer, shelves);
  const candidates = contacts.flatMap(({ item, card, mark, values }): Candidate[] =>
    mark !== undefined
      ? []
      : [
          {
            item,
            keys: values ?? [],
            addresses: (card.emailAddresses ?? []).map(({ address }) => address),
          },
        ],
  );
  return { kind: 'candidates', candidates };
}

/** Originals of the route, wherever their owner has moved them since they were adopted: every contact of the mailbox is read. */
export async function listAdopted(
  { packer, deployment }: { packer: Calls; deployment: string },
  place: Place,
): Promise<Outcome> {
  const { mailbox, priority, route, fields } = place;
  const folders = await foldersOfOwner(packer, place);
  const shelves = [null, ...folders.map(({ folder }) => folder)].map((folder): Shelf => ({
    mailbox,
    priority,
    folder,
    extension: null,
    fields,
  }));
  const contacts = await contactsOn(packer, shelves);
  const items = contacts.flatMap(({ item, card, mark }): FoundItem[] =>
    mark?.linked === true && belongsTo(mark, { deployment, route })
      ? [{ item, card, identity: mark.sourceId, origin: 'linked' }]
      : [],
  );
  return { kind: 'items', items };
}

/** Folders that bear a deployment's mark hold what it made: nothing there was before us. */
async function foldersOfOwner(packer: Calls, place: Pick<Place, 'mailbox' | 'priority'>) {
  return (await allFolders(packer, place)).filter(({ owner }) => owner === null);
}

/** Each contact once: one that stands in the named folder and bears the foreign mark is seen twice, and the mark says more. */
async function contactsOn(packer: Calls, shelves: readonly Shelf[]): Promise<ForeignContact[]> {
  const contacts = new Map<string, ForeignContact>();
  const looks = await Promise.allSettled(shelves.map((shelf) => allOf(packer, shelf)));
  const [failure] = looks
    .flatMap((look) => (look.status === 'rejected' ? look : []))
    .toSorted((a, b) => retryAtOf(b.reason) - retryAtOf(a.reason));
  // Of several only one is told: the one that the mailbox asks to wait with, until latest.
  if (failure) throw failure.reason;
  for (const look of looks) {
    for (const one of look.status === 'fulfilled' ? look.value : []) {
      if (one.values !== null || !contacts.has(one.item)) contacts.set(one.item, one);
    }
  }
  return [...contacts.values()];
}

function retryAtOf(error: unknown): number {
  return error instanceof Fault ? (error.retryAt ?? 0) : 0;
}

async function allOf(packer: Calls, shelf: Shelf): Promise<ForeignContact[]> {
  const items: ForeignContact[] = [];
  for (let link: string | undefined, first = true; first || link !== undefined; first = false) {
    const page = readShelf(await packer.call(listShelf(shelf, link)), shelf);
    items.push(...page.items);
    link = page.next;
  }
  return items;
}
