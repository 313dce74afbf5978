import type { Card } from '../model/card.ts';
import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { list, text, texts } from './json.ts';
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
import { CONTACT_BUSINESS_PHONES, CONTACT_EMAIL_ADDRESSES, CONTACT_PAGE_LARGEST } from './throttle.ts';

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

const FIELDS =
  'id,displayName,givenName,surname,jobTitle,department,companyName,emailAddresses,mobilePhone,businessPhones';
const MARK_EXPANDED = `singleValueExtendedProperties($filter=id eq ${quoted(MARK_PROPERTY)})`;

export function createContact(
  place: FolderRef,
  card: Card,
  marked: { mark: ItemMark; marks: MarksPolicy },
): GraphCall {
  const body = { ...contactBody(card), ...markBody(marked.mark, marked.marks) };
  return { ...contactCall(place, 'POST', contactsUrl(place)), body };
}

/**
 * Only the given fields are written; null and `[]` clear. The display name always goes along: Exchange may make up
 * one of its own when another part of the name changes (learn.microsoft.com/graph/api/resources/contact).
 */
export function patchContact(item: ItemRef, fields: Partial<Card> & Pick<Card, 'displayName'>): GraphCall {
  return { ...contactCall(item, 'PATCH', itemUrl(item)), body: contactBody(fields) };
}

/** `permanent` leaves nothing in Deleted Items; `deletedItems` moves the contact there. */
export function removeContact(item: ItemRef, removal: 'permanent' | 'deletedItems'): GraphCall {
  if (removal === 'deletedItems') return contactCall(item, 'DELETE', itemUrl(item));
  return { ...contactCall(item, 'POST', `${itemUrl(item)}/permanentDelete`), body: {} };
}

/** Takes the mark off; everything else stays as it is. */
export function unstampContact(item: ItemRef): GraphCall {
  return { ...contactCall(item, 'PATCH', itemUrl(item)), body: unmarkBody() };
}

export function getContact(item: ItemRef): GraphCall {
  return contactCall(item, 'GET', `${itemUrl(item)}?${selection()}`);
}

/** Every item of the folder that bears this very mark: more than one when a create was applied twice. */
export function findContacts(place: FolderRef, mark: ItemMark): GraphCall {
  const property = `ep/id eq ${quoted(MARK_PROPERTY)} and ep/value eq ${quoted(markValue(mark))}`;
  const filter = at`$filter=${`singleValueExtendedProperties/any(ep: ${property})`}`;
  return contactCall(place, 'GET', `${contactsUrl(place)}?${filter}&${selection()}`);
}

/** A page of the folder, our items and others; `link` is the `next` of the page before. */
export function listContacts(place: FolderRef, page: { top?: number; link?: string } = {}): GraphCall {
  const top = at`$top=${String(Math.min(page.top ?? CONTACT_PAGE_LARGEST, CONTACT_PAGE_LARGEST))}`;
  return contactCall(place, 'GET', page.link ?? `${contactsUrl(place)}?${top}&${selection()}`);
}

/** A page of the folder from the item number `skip` on, as large as the service allows: ids and marks, nothing else. */
export function listMarks(place: FolderRef, skip: number): GraphCall {
  const range = `$top=${CONTACT_PAGE_LARGEST}${skip > 0 ? `&$skip=${skip}` : ''}`;
  return contactCall(
    place,
    'GET',
    `${contactsUrl(place)}?${range}&${at`$select=${'id'}&$expand=${MARK_EXPANDED}`}`,
  );
}

/** Throws `unknown-outcome` for an answer to a write that names no item, `unavailable` for such an answer to a read. */
export function readContact(answer: GraphAnswer, method: GraphCall['method']): ContactItem {
  return contactOf(answer.body, answer.status, method);
}

/** Throws `unavailable` for a page without its list: a failed read is never an empty list. */
export function readContactPage(answer: GraphAnswer): { items: ContactItem[]; next: string | undefined } {
  const items = list(answer.body, 'value');
  if (items === undefined) throw unreadable(answer.status, 'GET');
  return {
    items: items.map((item) => contactOf(item, answer.status, 'GET')),
    next: pathOf(text(answer.body, '@odata.nextLink')),
  };
}

function contactOf(body: unknown, status: number, method: string): ContactItem {
  const item = text(body, 'id');
  if (item === null) throw unreadable(status, method);
  return { item, card: cardOf(body), mark: readMark(body) };
}

function cardOf(body: unknown): Card {
  return {
    displayName: text(body, 'displayName'),
    givenName: text(body, 'givenName'),
    surname: text(body, 'surname'),
    jobTitle: text(body, 'jobTitle'),
    department: text(body, 'department'),
    companyName: text(body, 'companyName'),
    emailAddresses: (list(body, 'emailAddresses') ?? []).flatMap((entry) => {
      const address = text(entry, 'address');
      return address === null ? [] : [{ name: text(entry, 'name'), address }];
    }),
    mobilePhone: text(body, 'mobilePhone'),
    businessPhones: texts(body, 'businessPhones'),
  };
}

/** Entries beyond what Exchange takes are left out: it would refuse the whole contact for them. */
function contactBody(card: Partial<Card>): object {
  const { emailAddresses, businessPhones, ...rest } = card;
  return {
    ...rest,
    ...(emailAddresses === undefined
      ? {}
      : { emailAddresses: emailAddresses.slice(0, CONTACT_EMAIL_ADDRESSES) }),
    ...(businessPhones === undefined
      ? {}
      : { businessPhones: businessPhones.slice(0, CONTACT_BUSINESS_PHONES) }),
  };
}

function contactCall(
  { mailbox, priority }: Omit<FolderRef, 'folder'>,
  method: GraphCall['method'],
  url: string,
): GraphCall {
  return { method, url, mailbox, headers: IMMUTABLE_IDS, ...(priority === undefined ? {} : { priority }) };
}

function contactsUrl({ mailbox, folder }: FolderRef): string {
  return at`/users/${mailbox}/contactFolders/${folder}/contacts`;
}

function itemUrl({ mailbox, folder, item }: ItemRef): string {
  if (folder === null) return at`/users/${mailbox}/contacts/${item}`;
  return contactsUrl({ mailbox, folder }) + at`/${item}`;
}

function selection(): string {
  return at`$select=${FIELDS}&$expand=${MARK_EXPANDED}`;
}
