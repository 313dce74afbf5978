import type { Outcome, Urgency } from '../engine/ports.ts';
import {
  isExchangesOwn,
  listFolders,
  readFolderPage,
  type ContactFolder,
  type MailboxRef,
} from '../graph/folders.ts';
import { belongsTo, readFolderValue } from '../graph/marks.ts';
import type { Packer } from '../graph/packer.ts';
import { standingFolder } from '../model/standing.ts';

type Calls = Pick<Packer, 'call'>;

interface Caller {
  readonly packer: Calls;
  readonly deployment: string;
}

interface Place {
  readonly mailbox: string;
  readonly route: string;
  readonly priority: Urgency;
}

/** The folder that bears the route's mark; the listing ends where it is found. */
export async function findFolder(
  { packer, deployment }: Caller,
  { mailbox, route, priority }: Place,
): Promise<Outcome> {
  for await (const page of pagesOf(packer, { mailbox, priority })) {
    const ours = page.find(
      ({ owner }) => owner !== null && belongsTo(readFolderValue(owner), { deployment, route }),
    );
    if (ours) return folderOutcome(ours);
  }
  return { kind: 'folder', folder: null, generation: 0, name: '' };
}

/** Every folder below Contacts, told apart by its mark. */
export async function foldersOf(
  { packer, deployment }: Caller,
  place: Pick<Place, 'mailbox' | 'priority'>,
): Promise<Outcome> {
  const folders = (await allFolders(packer, place)).filter((folder) => !isExchangesOwn(folder));
  return {
    kind: 'folders',
    folders: folders.map(({ folder, name, owner }) => {
      const mark = owner === null ? undefined : readFolderValue(owner);
      const isOurs = mark?.deployment.toLowerCase() === deployment.toLowerCase();
      const madeBy = owner === null ? 'somebody' : isOurs ? 'us' : 'another';
      return { folder, name, madeBy, route: isOurs ? (mark?.route ?? null) : null };
    }),
  };
}

export async function allFolders(
  packer: Calls,
  { mailbox, priority }: Pick<Place, 'mailbox' | 'priority'>,
): Promise<ContactFolder[]> {
  const folders: ContactFolder[] = [];
  for await (const page of pagesOf(packer, { mailbox, priority })) folders.push(...page);
  return folders;
}

export function folderOutcome(
  { folder, name, generation, owner }: ContactFolder,
  known = generation,
): Extract<Outcome, { kind: 'folder' }> {
  const wasThere = owner !== null && readFolderValue(owner)?.linked === true;
  return { kind: 'folder', folder: wasThere ? standingFolder(folder) : folder, name, generation: known };
}

async function* pagesOf(packer: Calls, place: MailboxRef): AsyncGenerator<readonly ContactFolder[]> {
  for (let link: string | undefined, first = true; first || link !== undefined; first = false) {
    const page = readFolderPage(await packer.call(listFolders(place, link)));
    yield page.folders;
    link = page.next;
  }
}
