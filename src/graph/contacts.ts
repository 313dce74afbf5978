import type { Card, CardField } from '../model/card.ts';
import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { cardOf, contactBody } from './contact-fields.ts';
import { field, list, text } from '../kit/json.ts';
import {
  MARK_PROPERTY,
  markBody,
  markValue,
  readMark,
  unmarkBody,
  type ItemMark,
  type MarksPolicy,
} from './marks.ts';
import { pathOf } from './page-link.ts';
import { SHOWN_PROPERTY, shownValue, type ShownEdit } from './shown-edit.ts';
import { CONTACT_PAGE_LARGEST } from './throttle.ts';

/** A folder of a mailbox. Ids are opaque and case-sensitive. */
export interface FolderRef {
  readonly mailbox: string;
  readonly folder: string;
  readonly priority?: Priority | undefined;
}

export interface ItemRef extends Omit<FolderRef, 'folder'> {
  /** Null: in whatever folder of the mailbox it is (learn.microsoft.com/graph/api/contact-update). */
  readonly folder: string | null;
  readonly item: string;
}

/** A contact as it stands in the mailbox. In memory only. */
export interface ContactItem {
  readonly item: string;
  readonly card: Card;
  /** `undefined`: not ours. */
  readonly mark: ItemMark | undefined;
}

/**
 * Without it an id changes when the item moves: learn.microsoft.com/graph/outlook-immutable-id. It counts per request,
 * so every call that reads or writes contacts carries it.
 */
export const IMMUTABLE_IDS = { Prefer: 'IdType="ImmutableId"' } as const;

const MARK_EXPANDED = `singleValueExtendedProperties($filter=id eq ${quoted(MARK_PROPERTY)})`;

/** `shown`: which edit of a shared contact it shows. */
export function createContact(
  place: FolderRef,
  card: Card,
  marked: { mark: ItemMark; marks: MarksPolicy; shown?: ShownEdit | undefined; notes?: string | undefined },
): GraphCall {
  const { mark, marks, shown } = marked;
  const body = { ...contactBody(card), ...notesBody(marked), ...withShown(markBody(mark, marks), shown) };
  const extended = marked.marks === 'both' ? { extensions: true as const } : {};
  return { ...contactCall(place, 'POST', contactsUrl(place)), ...extended, body };
}

/**
 * Only the fields of the card are written; null and `[]` clear. The display name is to be among them: Exchange may make
 * up one of its own when another part of the name changes (learn.microsoft.com/graph/api/resources/contact).
 */
export function patchContact(
  item: ItemRef,
  card: Card,
  {
    adopt,
    shown,
    version,
    ...rest
  }: {
    readonly adopt?: ItemMark | undefined;
    readonly shown?: ShownEdit | undefined;
    readonly notes?: string | undefined;
    readonly version?: string | undefined;
  } = {},
): GraphCall {
  // Of an adopted item the property alone is written: it is what is found, and an extension would cost a call of its own.
  const mark = adopt ? markBody({ ...adopt, linked: true }, 'extendedProperty') : {};
  const call = contactCall(item, 'PATCH', itemUrl(item));
  const body = { ...contactBody(card), ...notesBody(rest), ...withShown(mark, shown) };
  return { ...call, headers: headersFor(version), body };
}

/** Takes the mark off; everything else stays as it is, but `notes` where they are given. */
export function unstampContact(
  item: ItemRef,
  {
    gone,
    version,
    ...rest
  }: { readonly gone: boolean; readonly notes?: string | undefined; readonly version?: string | undefined },
): GraphCall {
  const body = { ...unmarkBody({ gone }), ...notesBody(rest) };
  return { ...contactCall(item, 'PATCH', itemUrl(item)), headers: headersFor(version), body };
}

/** `version`: should somebody have written since, the write is refused. */
function headersFor(version: string | undefined): Readonly<Record<string, string>> {
  return version === undefined ? IMMUTABLE_IDS : { ...IMMUTABLE_IDS, 'If-Match': version };
}

/** Beside the card: what its owner writes about a contact is no part of what is shared. */
function notesBody({ notes }: { readonly notes?: string | undefined }): object {
  return notes === undefined ? {} : { personalNotes: notes === '' ? null : notes };
}

function withShown(mark: object, shown: ShownEdit | undefined): object {
  if (shown === undefined) return mark;
  const properties = list(mark, 'singleValueExtendedProperties') ?? [];
  const property = { id: SHOWN_PROPERTY, value: shownValue(shown) };
  return { ...mark, singleValueExtendedProperties: [...properties, property] };
}

/** `permanent` leaves nothing in Deleted Items; `deletedItems` moves the contact there. */
export function removeContact(item: ItemRef, removal: 'permanent' | 'deletedItems'): GraphCall {
  if (removal === 'deletedItems') return contactCall(item, 'DELETE', itemUrl(item));
  return { ...contactCall(item, 'POST', `${itemUrl(item)}/permanentDelete`), body: {} };
}

export function getContact(item: ItemRef, fields: readonly CardField[]): GraphCall {
  return contactCall(item, 'GET', `${itemUrl(item)}?${selection(fields)}`);
}

/** Every item of the folder that bears this very mark: more than one when a create was applied twice. */
export function findContacts(place: FolderRef, mark: ItemMark, fields: readonly CardField[]): GraphCall {
  const property = `ep/id eq ${quoted(MARK_PROPERTY)} and ep/value eq ${quoted(markValue(mark))}`;
  const filter = at`$filter=${`singleValueExtendedProperties/any(ep: ${property})`}`;
  return contactCall(place, 'GET', `${contactsUrl(place)}?${filter}&${selection(fields)}`);
}

/** A page of the folder, our items and others; `link` is the `next` of the page before. */
export function listContacts(
  place: FolderRef,
  page: { fields: readonly CardField[]; top?: number; link?: string },
): GraphCall {
  const top = at`$top=${String(Math.min(page.top ?? CONTACT_PAGE_LARGEST, CONTACT_PAGE_LARGEST))}`;
  return contactCall(place, 'GET', page.link ?? `${contactsUrl(place)}?${top}&${selection(page.fields)}`);
}

/** A page of the folder from the item number `skip` on, as large as the service allows: ids and marks, nothing else. */
export function listMarks(place: FolderRef, skip: number): GraphCall {
  const range = `$top=${CONTACT_PAGE_LARGEST}${skip > 0 ? `&$skip=${skip}` : ''}`;
  return contactCall(place, 'GET', `${contactsUrl(place)}?${range}&${selection([])}`);
}

/** How many contacts the folder holds, with the id of one of them (learn.microsoft.com/graph/query-parameters#count). */
export function countContacts(place: FolderRef): GraphCall {
  return contactCall(place, 'GET', `${contactsUrl(place)}?$count=true&$top=1&$select=id`);
}

/** Throws `unavailable` for an answer without its count: nothing is known, which is not nought. */
export function readCount({ body, status }: GraphAnswer): number {
  const count = field(body, '@odata.count');
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) throw unreadable(status, 'GET');
  return count;
}

/**
 * Of the contact no more than these fields is read. Throws `unknown-outcome` for an answer to a write that names no item,
 * `unavailable` for such an answer to a read.
 */
export function readContact(
  { body, status }: GraphAnswer,
  { method, fields }: { method: GraphCall['method']; fields: readonly CardField[] },
): ContactItem {
  const item = text(body, 'id');
  if (item === null) throw unreadable(status, method);
  return { item, card: cardOf(body, fields), mark: readMark(body) };
}

/** Throws `unavailable` for a page without its list: a failed read is never an empty list. */
export function readContactPage(
  { body, status, headers }: GraphAnswer,
  fields: readonly CardField[],
): { items: ContactItem[]; next: string | undefined } {
  const items = list(body, 'value');
  if (items === undefined) throw unreadable(status, 'GET');
  return {
    items: items.map((item) => readContact({ body: item, status, headers }, { method: 'GET', fields })),
    next: pathOf(text(body, '@odata.nextLink')),
  };
}

export function contactCall(
  { mailbox, priority }: Omit<FolderRef, 'folder'>,
  method: GraphCall['method'],
  url: string,
): GraphCall {
  return { method, url, mailbox, headers: IMMUTABLE_IDS, ...(priority === undefined ? {} : { priority }) };
}

/** Without an id it is the mailbox's own folder. */
export function contactsUrl({ mailbox, folder }: FolderRef): string {
  if (folder === '') return at`/users/${mailbox}/contacts`;
  return at`/users/${mailbox}/contactFolders/${folder}/contacts`;
}

/** The path of one item. */
export function itemUrl({ mailbox, folder, item }: ItemRef): string {
  return contactsUrl({ mailbox, folder: folder ?? '' }) + at`/${item}`;
}

function selection(fields: readonly CardField[]): string {
  return at`$select=${['id', ...fields].join(',')}&$expand=${MARK_EXPANDED}`;
}
