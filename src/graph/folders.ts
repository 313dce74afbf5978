import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { IMMUTABLE_IDS, type FolderRef } from './contacts.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { list, text } from '../kit/json.ts';
import {
  FOLDER_PROPERTY,
  folderValue,
  GENERATION_PROPERTY,
  propertyOf,
  type ItemMark,
  type Owner,
} from './marks.ts';
import { pathOf } from './page-link.ts';

export interface MailboxRef {
  /** Object id of the mailbox's owner. */
  readonly mailbox: string;
  readonly priority?: Priority | undefined;
}

export interface ContactFolder {
  readonly folder: string;
  readonly name: string;
  /** `<deployment>/<route>`, or null for a folder that is not ours. */
  readonly owner: string | null;
  /** Grows with every rebuild: a ledger that is behind it was restored from a backup. 0 when unmarked. */
  readonly generation: number;
}

const MARKS_EXPANDED = `singleValueExtendedProperties($filter=id eq ${quoted(FOLDER_PROPERTY)} or id eq ${quoted(GENERATION_PROPERTY)})`;
const FOLDER_PAGE = 100;

/**
 * Folders that Exchange makes below Contacts for itself. They are hidden, and a listing of v1.0 was seen to leave them out
 * (github.com/microsoftgraph/microsoft-graph-docs/issues/6273); that it always does is documented nowhere.
 */
const EXCHANGES_OWN: ReadonlySet<string> = new Set([
  'companies',
  'gal contacts',
  'organizational contacts',
  'peoplecentricconversation buddies',
  'recipient cache',
  // Quick contacts and the list of chat contacts: github.com/ecederstrand/exchangelib.
  '{06967759-274d-40b2-a3eb-d7f9e73727d7}',
  '{a9e2bc46-b3a0-4243-b315-60d991004455}',
]);

export function isExchangesOwn({ name }: Pick<ContactFolder, 'name'>): boolean {
  return EXCHANGES_OWN.has(name.toLowerCase());
}

/** A page of the folders below the default Contacts folder; `link` is the `next` of the page before. */
export function listFolders(place: MailboxRef, link?: string): GraphCall {
  return folderCall(place, 'GET', link ?? `${foldersUrl(place)}?$top=${FOLDER_PAGE}&${selection()}`);
}

export function createFolder(
  place: MailboxRef,
  owner: Owner,
  named: { name: string; generation: number },
): GraphCall {
  const body = { displayName: named.name, ...ownedBody(owner, named.generation) };
  return { ...folderCall(place, 'POST', foldersUrl(place)), body };
}

export function renameFolder(place: FolderRef, name: string): GraphCall {
  return { ...folderCall(place, 'PATCH', folderUrl(place)), body: { displayName: name } };
}

/** Takes a folder that was there before us for the owner's. */
export function markFolder(place: FolderRef, owner: Owner, generation: number): GraphCall {
  const body = ownedBody({ ...owner, linked: true }, generation);
  return { ...folderCall(place, 'PATCH', folderUrl(place)), body };
}

/** The parts of a folder's body that mark it. */
function ownedBody(mark: Omit<ItemMark, 'sourceId'>, generation: number): object {
  const singleValueExtendedProperties = [
    { id: FOLDER_PROPERTY, value: folderValue(mark) },
    { id: GENERATION_PROPERTY, value: String(generation) },
  ];
  return { singleValueExtendedProperties };
}

/** The folder with its mark and generation. */
export function getFolder(place: FolderRef): GraphCall {
  return folderCall(place, 'GET', `${folderUrl(place)}?${selection()}`);
}

export function writeGeneration(place: FolderRef, generation: number): GraphCall {
  const singleValueExtendedProperties = [{ id: GENERATION_PROPERTY, value: String(generation) }];
  return { ...folderCall(place, 'PATCH', folderUrl(place)), body: { singleValueExtendedProperties } };
}

/** Is there a folder below this one? */
export function firstChildFolder(place: FolderRef): GraphCall {
  return folderCall(place, 'GET', `${folderUrl(place)}/childFolders?$top=1&$select=id`);
}

/** Removes the folder and everything in it: only after it was seen to hold nothing foreign. As `removeContact`. */
export function removeFolder(place: FolderRef, removal: 'permanent' | 'deletedItems'): GraphCall {
  if (removal === 'deletedItems') return folderCall(place, 'DELETE', folderUrl(place));
  return { ...folderCall(place, 'POST', `${folderUrl(place)}/permanentDelete`), body: {} };
}

/** Throws `unknown-outcome` for an answer to a write that names no folder, `unavailable` for such an answer to a read. */
export function readFolder(answer: GraphAnswer, method: GraphCall['method']): ContactFolder {
  return folderOf(answer.body, answer.status, method);
}

/** Throws `unavailable` for a page without its list: a failed read is never an empty list. */
export function readFolderPage(answer: GraphAnswer): { folders: ContactFolder[]; next: string | undefined } {
  const folders = list(answer.body, 'value');
  if (folders === undefined) throw unreadable(answer.status, 'GET');
  return {
    folders: folders.map((body) => folderOf(body, answer.status, 'GET')),
    next: pathOf(text(answer.body, '@odata.nextLink')),
  };
}

function folderOf(body: unknown, status: number, method: string): ContactFolder {
  const folder = text(body, 'id');
  if (folder === null) throw unreadable(status, method);
  const generation = Number(propertyOf(body, GENERATION_PROPERTY) ?? 0);
  return {
    folder,
    name: text(body, 'displayName') ?? '',
    owner: propertyOf(body, FOLDER_PROPERTY),
    generation: Number.isSafeInteger(generation) ? generation : 0,
  };
}

function folderCall({ mailbox, priority }: MailboxRef, method: GraphCall['method'], url: string): GraphCall {
  return { method, url, mailbox, headers: IMMUTABLE_IDS, ...(priority === undefined ? {} : { priority }) };
}

function foldersUrl({ mailbox }: MailboxRef): string {
  return at`/users/${mailbox}/contactFolders`;
}

function folderUrl({ mailbox, folder }: FolderRef): string {
  return at`/users/${mailbox}/contactFolders/${folder}`;
}

function selection(): string {
  return at`$select=${'id,displayName'}&$expand=${MARKS_EXPANDED}`;
}
