import { at, type GraphCall, type Priority } from './call.ts';
import { contactCall, IMMUTABLE_IDS, itemUrl, type ItemRef } from './contacts.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { text } from '../kit/json.ts';

/**
 * Under which tag the service has a person's picture. It is kept in the person's mailbox where there is one, and counts
 * against its limits (learn.microsoft.com/graph/throttling-limits).
 */
export function getPhotoTag(person: string, priority: Priority = 'bulk'): GraphCall {
  return { method: 'GET', url: at`/users/${person}/photo`, mailbox: person, priority };
}

/** The bytes: in a batch they come as a base64 string (learn.microsoft.com/graph/json-batching). */
export function getPhoto(person: string, priority: Priority = 'bulk'): GraphCall {
  return { method: 'GET', url: at`/users/${person}/photo/$value`, mailbox: person, priority };
}

/** Gives a contact a picture; there is no call that takes one away (learn.microsoft.com/graph/api/resources/profilephoto). */
export function putContactPhoto(item: ItemRef, jpeg: Uint8Array): GraphCall {
  const { mailbox, priority } = item;
  return {
    method: 'PATCH',
    url: `${itemUrl(item)}/photo/$value`,
    mailbox,
    headers: { ...IMMUTABLE_IDS, 'Content-Type': 'image/jpeg' },
    body: Buffer.from(jpeg).toString('base64'),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Under which tag a contact has its picture. */
export function getContactPhotoTag(item: ItemRef): GraphCall {
  return contactCall(item, 'GET', `${itemUrl(item)}/photo`);
}

/** Null where there is no picture: some answer with one pixel and an empty tag. The size counts, since it may change alone. */
export function readPhotoTag({ body, status }: GraphAnswer): string | null {
  const id = text(body, 'id');
  const tag = text(body, '@odata.mediaEtag');
  if (id === null || tag === null) throw unreadable(status, 'GET');
  return tag === '' ? null : `${id.toLowerCase()} ${tag}`;
}

/** Throws `unavailable` for an answer that holds no bytes: a failed read is never an absence. */
export function readPhoto({ body, status }: GraphAnswer): Uint8Array {
  if (typeof body !== 'string' || body === '') throw unreadable(status, 'GET');
  return Buffer.from(body, 'base64');
}
