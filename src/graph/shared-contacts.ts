import { folderId, foldersBeside } from '../model/standing.ts';
import { foreignSyncIds } from '../model/sync-tag.ts';
import type { Card, CardField } from '../model/card.ts';
import { at, quoted, type GraphCall } from './call.ts';
import { cardOf } from './contact-fields.ts';
import { contactCall, contactsUrl, itemUrl, type FolderRef, type ItemRef } from './contacts.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { field, list, text, texts } from '../kit/json.ts';
import { isUnmarked, MARK_PROPERTY, propertyOf, readMark, type ItemMark } from './marks.ts';
import { pathOf } from './page-link.ts';
import { readShown, SHOWN_PROPERTY, type ShownEdit } from './shown-edit.ts';
import { CONTACT_PAGE_LARGEST } from './throttle.ts';

/** A contact of anybody's in a folder that is shared, with all that has to be known of it. In memory only. */
export interface SharedContact {
  readonly item: string;
  readonly card: Card;
  /** `foreign`: it bears a mark that is none, or another's. */
  readonly mark: ItemMark | 'foreign' | null;
  readonly shown: ShownEdit | null;
  /** When it was last written to, by whomever (milliseconds since 1970). */
  readonly modified: number;
  /** Of the folder in which it stands; null where the answer does not say. */
  readonly folder: string | null;
  readonly sensitivity: number;
  readonly categories: readonly string[];
  /** SyncIds that another tool has left in the notes. */
  readonly tags: readonly string[];
  /** Its owner's; null where the answer does not say. */
  readonly notes: string | null;
  /** Entity tag. */
  readonly version: string | null;
}

/** Outlook's lock (MS-OXCMSG 2.2.1.13); Graph has no field for it. */
const SENSITIVITY = 'Integer 0x36';

/** A page of a folder; `link` is the `next` of the page before. */
export function listShared(place: FolderRef, fields: readonly CardField[], link?: string): GraphCall {
  const top = at`$top=${String(CONTACT_PAGE_LARGEST)}`;
  return contactCall(place, 'GET', link ?? `${contactsUrl(place)}?${top}&${selection(fields)}`);
}

export function getShared(item: ItemRef, fields: readonly CardField[]): GraphCall {
  return contactCall(item, 'GET', `${itemUrl(item)}?${selection(fields)}`);
}

/** Throws `unavailable` for an answer that names no contact, or not when it was changed. */
export function readShared({ body, status }: GraphAnswer, fields: readonly CardField[]): SharedContact {
  const item = text(body, 'id');
  const modified = Date.parse(text(body, 'lastModifiedDateTime') ?? '');
  if (item === null || Number.isNaN(modified)) throw unreadable(status, 'GET');
  const isFree = isUnmarked(propertyOf(body, MARK_PROPERTY));
  // Only what says that there are none has none.
  const notes = field(body, 'personalNotes') === undefined ? null : (text(body, 'personalNotes') ?? '');
  return {
    item,
    card: cardOf(body, fields),
    mark: readMark(body) ?? (isFree ? null : 'foreign'),
    shown: readShown(propertyOf(body, SHOWN_PROPERTY)),
    modified,
    folder: text(body, 'parentFolderId'),
    sensitivity: Number(propertyOf(body, SENSITIVITY) ?? 0),
    categories: texts(body, 'categories'),
    tags: foreignSyncIds(notes ?? ''),
    notes,
    version: text(body, '@odata.etag'),
  };
}

/** Throws `unavailable` for a page without its list. */
export function readSharedPage(
  answer: GraphAnswer,
  fields: readonly CardField[],
): { items: SharedContact[]; next: string | undefined } {
  const items = list(answer.body, 'value');
  if (items === undefined) throw unreadable(answer.status, 'GET');
  return {
    items: items.map((body) => readShared({ ...answer, body }, fields)),
    next: pathOf(text(answer.body, '@odata.nextLink')),
  };
}

/** In which folder the first of a mailbox's contacts stand, by the path that names no folder. */
export function listParents(place: Omit<FolderRef, 'folder'>): GraphCall {
  const url = `${contactsUrl({ ...place, folder: '' })}?$top=${CONTACT_PAGE_LARGEST}&$select=id,parentFolderId`;
  return contactCall(place, 'GET', url);
}

export function readParents({ body, status }: GraphAnswer): string[] {
  const items = list(body, 'value');
  if (items === undefined) throw unreadable(status, 'GET');
  return items.flatMap((item) => text(item, 'parentFolderId') ?? []);
}

/** The default folder by the name that Outlook knows it by; whether Graph does is documented nowhere. */
export function getWellKnown(place: Omit<FolderRef, 'folder'>): GraphCall {
  return contactCall(place, 'GET', at`/users/${place.mailbox}/contactFolders/${'contacts'}?$select=id`);
}

export function readWellKnown({ body }: GraphAnswer): string | null {
  return text(body, 'id');
}

function selection(fields: readonly CardField[]): string {
  const properties = [MARK_PROPERTY, SHOWN_PROPERTY, SENSITIVITY].map((id) => `id eq ${quoted(id)}`);
  const extended = `singleValueExtendedProperties($filter=${properties.join(' or ')})`;
  const asked = [
    ...new Set(['id', ...fields, 'categories', 'personalNotes', 'lastModifiedDateTime', 'parentFolderId']),
  ];
  return at`$select=${asked.join(',')}&$expand=${extended}`;
}

/** Whether it stands in this folder, as far as anybody says. */
export function standsIn({ folder }: Pick<SharedContact, 'folder'>, place: string): boolean {
  const id = folderId(place);
  return id === '' || folder === null || folder === id || folder === foldersBeside(place)?.managed;
}
