import { created, noContent, ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { count, only, select } from '../http/odata.ts';
import type { Route } from '../http/router.ts';
import { demandShape, propertiesOf } from '../http/schema.ts';
import { mergeProperties, type ContactBody } from './content.ts';
import { foldersBy } from './filter.ts';
import type { Folder } from './item.ts';
import { demandFolder, nextLink, type MailRooms } from './locate.ts';
import type { Mailbox } from './mailbox.ts';
import { parseExpand, renderFolder } from './render.ts';
import { forContacts } from './roles.ts';

/** Folders on a page unless asked otherwise (learn.microsoft.com/graph/api/resources/contactfolder). */
const PAGE_DEFAULT = 10;
const PAGE_MAX = 1_000;
const folderProperties = propertiesOf('contactFolder');

export function folderRoutes(rooms: MailRooms): Route[] {
  const one = 'users/{id}/contactFolders/{folder}';
  return [
    { operation: 'GET users/{id}/contactFolders', handle: (call: Call) => list(call, rooms) },
    { operation: 'POST users/{id}/contactFolders', handle: (call: Call) => create(call, rooms) },
    { operation: `GET ${one}`, handle: (call: Call) => read(call, rooms) },
    { operation: `PATCH ${one}`, handle: (call: Call) => change(call, rooms) },
    { operation: `DELETE ${one}`, handle: (call: Call) => remove(call, rooms, false) },
    { operation: `POST ${one}/permanentDelete`, handle: (call: Call) => remove(call, rooms, true) },
    { operation: `GET ${one}/childFolders`, handle: (call: Call) => list(call, rooms) },
    { operation: `POST ${one}/childFolders`, handle: (call: Call) => create(call, rooms) },
  ].map(forContacts);
}

/**
 * The folder that a path names; where it names none, what lies at the top: the text says below Contacts, some saw it
 * beside (learn.microsoft.com/graph/api/user-post-contactfolders).
 */
function place(call: Call, rooms: MailRooms): { mailbox: Mailbox; parent: Folder } {
  const mailbox = rooms.mailboxes.demand(call.path[1] ?? '');
  const id = call.path[3];
  if (id !== undefined) return { mailbox, parent: demandFolder(mailbox, id) };
  return { mailbox, parent: rooms.switches.newFolderParent === 'beside' ? mailbox.root : mailbox.contacts };
}

function list(call: Call, rooms: MailRooms): Answer {
  only(call.query, ['$select', '$expand', '$filter', '$top', '$skip'], 'ErrorInvalidRequest');
  const { mailbox, parent } = place(call, rooms);
  const top = count(call.query, '$top', { min: 1, max: PAGE_MAX, otherwise: PAGE_DEFAULT });
  const skip = count(call.query, '$skip', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const expansion = parseExpand(call.query.get('$expand'));
  const names = select(call.query, folderProperties, 'RequestBroker--ParseUri');
  // Folders that the owner made in Outlook lie below Contacts wherever a client's own come to lie.
  const parents = call.path[3] === undefined ? [mailbox.contacts, mailbox.root] : [parent];
  const children = [...mailbox.folders.values()].filter(
    ({ parent: above }) => above && parents.includes(above),
  );
  const found = foldersBy(children, call.query.get('$filter'));
  const value = found.slice(skip, skip + top).map((folder) => chosen(renderFolder(folder, expansion), names));
  const body = { '@odata.context': context(call, mailbox), value };
  return ok(found.length <= skip + top ? body : { ...body, '@odata.nextLink': nextLink(call, skip + top) });
}

/** `id`, what was selected, and what was expanded. */
function chosen(
  folder: Record<string, unknown>,
  names: readonly string[] | undefined,
): Record<string, unknown> {
  if (names === undefined) return folder;
  const kept = new Set(['id', 'singleValueExtendedProperties', ...names]);
  return Object.fromEntries(Object.entries(folder).filter(([name]) => kept.has(name)));
}

function context(call: Call, mailbox: Mailbox): string {
  return `${call.origin}/v1.0/$metadata#users('${mailbox.userId}')/contactFolders`;
}

function answer(call: Call, mailbox: Mailbox, folder: Record<string, unknown>): Record<string, unknown> {
  return { '@odata.context': `${context(call, mailbox)}/$entity`, ...folder };
}

function create(call: Call, rooms: MailRooms): Answer {
  const { mailbox, parent } = place(call, rooms);
  demandShape('contactFolderCreateRequest', call.body, 'RequestBodyRead');
  const body = call.body as ContactBody & { displayName: string };
  demandFreeName(rooms, { mailbox, parent, name: body.displayName });
  const folder = mailbox.createFolder(body.displayName, parent, mergeProperties([], body));
  return created(answer(call, mailbox, renderFolder(folder)));
}

/** Whether names must be unique, and how a second one is refused, is not documented (learn.microsoft.com/graph/api/resources/contactfolder). */
function demandFreeName(
  rooms: MailRooms,
  wanted: { mailbox: Mailbox; parent: Folder | undefined; name: string; own?: Folder },
): void {
  if (rooms.switches.folderConflict === 'allowed') return;
  for (const folder of wanted.mailbox.folders.values()) {
    const same = folder.parent === wanted.parent && folder.name.toLowerCase() === wanted.name.toLowerCase();
    if (!same || folder === wanted.own) continue;
    throw new Refusal(409, rooms.switches.folderConflict, 'A folder with the specified name already exists.');
  }
}

function read(call: Call, rooms: MailRooms): Answer {
  only(call.query, ['$select', '$expand'], 'ErrorInvalidRequest');
  const { mailbox, parent: folder } = place(call, rooms);
  const names = select(call.query, folderProperties, 'RequestBroker--ParseUri');
  const shown = chosen(renderFolder(folder, parseExpand(call.query.get('$expand'))), names);
  return ok(answer(call, mailbox, shown));
}

function change(call: Call, rooms: MailRooms): Answer {
  const { mailbox, parent: folder } = place(call, rooms);
  demandShape('contactFolderUpdateRequest', call.body, 'RequestBodyRead');
  const body = call.body as ContactBody & { displayName?: string };
  if (body.displayName !== undefined) {
    demandFreeName(rooms, { mailbox, parent: folder.parent, name: body.displayName, own: folder });
    folder.name = body.displayName;
  }
  folder.properties = mergeProperties(folder.properties, body);
  return ok(answer(call, mailbox, renderFolder(folder)));
}

function remove(call: Call, rooms: MailRooms, permanently: boolean): Answer {
  const { mailbox, parent: folder } = place(call, rooms);
  if (folder === mailbox.contacts)
    throw new Refusal(400, 'ErrorDeleteDistinguishedFolder', 'This folder cannot be deleted.');
  rooms.watch.removing(mailbox, folder);
  mailbox.removeFolder(folder, permanently);
  return permanently ? { status: rooms.switches.permanentDeleteStatus } : noContent;
}
