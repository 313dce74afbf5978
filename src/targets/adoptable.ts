import type { Candidate, FoundItem, Operation, Outcome, Urgency } from '../engine/ports.ts';
import { listShelf, readShelf, type ForeignContact, type Shelf } from '../graph/adoptable.ts';
import { listFolders, readFolderPage, type ContactFolder } from '../graph/folders.ts';
import type { Packer } from '../graph/packer.ts';

type Calls = Pick<Packer, 'call'>;

interface Search extends Extract<Operation, { kind: 'list-adoptable' }> {
  readonly priority: Urgency;
}

/**
 * What may be adopted in a mailbox: contacts that bear the other tool's mark, in whatever folder, and everything in the
 * named folder. What bears a mark of ours is no candidate; of it, the adopted originals of this route are told apart.
 */
export async function listAdoptable(
  { packer, deployment }: { packer: Calls; deployment: string },
  search: Search,
): Promise<Outcome> {
  const { mailbox, rule, priority, fields } = search;
  const { foreignMark: extension } = rule;
  // Folders that bear a deployment's mark hold what it made: nothing there was before us.
  const folders = (await allFolders(packer, { mailbox, priority })).filter(({ owner }) => owner === null);
  const shelves: Shelf[] = [];
  if (extension !== null) {
    shelves.push({ mailbox, priority, folder: null, extension, fields });
    for (const { folder } of folders) shelves.push({ mailbox, priority, folder, extension, fields });
  }
  for (const { folder, name } of folders) {
    const isNamed = name.toLowerCase() === rule.folder?.toLowerCase();
    if (isNamed) shelves.push({ mailbox, priority, folder, extension: null, fields });
  }
  const contacts = new Map<string, ForeignContact>();
  for (const found of await Promise.all(shelves.map((shelf) => allOf(packer, shelf)))) {
    for (const one of found) {
      // One that stands in the named folder and bears the foreign mark is seen twice: the mark says more.
      if (one.values !== null || !contacts.has(one.item)) contacts.set(one.item, one);
    }
  }
  return { kind: 'candidates', ...told([...contacts.values()], { deployment, route: search.route }) };
}

function told(
  contacts: readonly ForeignContact[],
  { deployment, route }: { deployment: string; route: string },
): { candidates: Candidate[]; adopted: FoundItem[] } {
  const candidates: Candidate[] = [];
  const adopted: FoundItem[] = [];
  for (const { item, card, mark, values } of contacts) {
    if (mark === undefined)
      candidates.push({
        item,
        keys: values ?? [],
        addresses: (card.emailAddresses ?? []).map(({ address }) => address),
      });
    else if (
      mark.linked &&
      mark.route === route &&
      mark.deployment.toLowerCase() === deployment.toLowerCase()
    )
      adopted.push({ item, card, identity: mark.sourceId, origin: 'linked' });
  }
  return { candidates, adopted };
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

async function allFolders(
  packer: Calls,
  place: { mailbox: string; priority: Urgency },
): Promise<ContactFolder[]> {
  const folders: ContactFolder[] = [];
  for (let link: string | undefined, first = true; first || link !== undefined; first = false) {
    const page = readFolderPage(await packer.call(listFolders(place, link)));
    folders.push(...page.folders);
    link = page.next;
  }
  return folders;
}
