import { Refusal, type Call } from '../http/call.ts';
import type { Switches } from '../options.ts';
import type { Folder, Item } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import type { Mailboxes } from './mailboxes.ts';
import type { Watch } from './watch.ts';

export interface MailRooms {
  readonly mailboxes: Mailboxes;
  readonly switches: Switches;
  readonly watch: Watch;
}

/** The mailbox, folder and item that a path names; refuses what is not there. */
export function locate(
  call: Call,
  rooms: MailRooms,
): { mailbox: Mailbox; folder: Folder | undefined; item: () => Item; seen: () => Item } {
  const mailbox = rooms.mailboxes.demand(call.path[1] ?? '');
  const inFolder = call.path[2]?.toLowerCase() === 'contactfolders';
  const folder = inFolder ? demandFolder(mailbox, call.path[3] ?? '') : undefined;
  const id = call.path[inFolder ? 5 : 3] ?? '';
  // What is only read may be read from a replica that is behind.
  const seen = (): Item => {
    const at = rooms.mailboxes.behind(mailbox);
    return demandItem(at === null ? mailbox.item(id, folder) : mailbox.itemAt(id, folder, at));
  };
  return { mailbox, folder, item: () => demandItem(mailbox.item(id, folder)), seen };
}

export function demandFolder(mailbox: Mailbox, id: string): Folder {
  const folder = mailbox.folder(id);
  if (folder !== undefined) return folder;
  throw new Refusal(404, 'ErrorItemNotFound', 'The specified folder could not be found in the store.');
}

function demandItem(item: ReturnType<Mailbox['item']>): Item {
  if (item === 'malformed') throw new Refusal(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');
  if (item === undefined)
    throw new Refusal(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
  return item;
}

export function nextLink(call: Call, skip: number): string {
  const options = [...call.query].filter(([name]) => name !== '$skip');
  const query = options.map(([name, text]) => `${name}=${encodeURIComponent(text)}&`).join('');
  return `${call.origin}/v1.0/${call.path.map(encodeURIComponent).join('/')}?${query}$skip=${skip}`;
}
