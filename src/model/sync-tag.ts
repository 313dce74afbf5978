import { createHash } from 'node:crypto';

/** What tools that mirror contacts leave in the notes of each, to know it again: one line, which is not its owner's. */
export interface SyncTag {
  /** A GUID, lower case. */
  readonly syncId: string;
  /** Whoever had the contact first; null where the tag does not say. */
  readonly createdBy: string | null;
}

/** What a contact's newest edit tells of where the contact comes from. Addresses are in memory only. */
export interface Provenance {
  /** In the notes of the item in which the edit was made. */
  readonly tag: SyncTag | null;
  /** Whether that item is nobody's copy. */
  readonly isOriginal: boolean;
  /** Address of the mailbox in which it was made. */
  readonly editor: string;
}

/** The tag that a write leaves: of which contact, and which edit it brings. */
export interface Stamp {
  readonly identity: string;
  readonly provenance: Provenance;
  /** Milliseconds since 1970. */
  readonly editedAt: number;
  /** It goes into an original: the id that it is given there must tell that it was we who gave it. */
  readonly toOriginal: boolean;
}

/**
 * How long notes may be, and whether longer ones are read to their end, is documented nowhere. These and longer ones are left alone:
 * what is not known to its end cannot be written back.
 */
const NOTES_LONGEST = 32_000;

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const KEY = String.raw`;[ \t]*(?:CreatedBy|LastUpdatedAt|LastUpdatedBy)[ \t]*=`;
/** What an address, an object id or a time is made of: whatever its owner wrote behind it on the same line is none of it. */
const WORD = String.raw`(?:[\w'.!#^~@:+-]*\w)?`;

/**
 * A tag with such an id. Owners write whatever they like around it, so no two ways of reading a value may be tried: a look ahead
 * reads it once, and what it has read is taken as it is.
 */
function tagWith(id: string): string {
  const value = String.raw`(?=(?<value>[^;\r\n]*(?=${KEY})|${WORD}))\k<value>`;
  return String.raw`SyncId[ \t]*=[ \t]*\{?(?<id>${id})\}?(?:[ \t]*${KEY}${value})*`;
}

const TAG = tagWith(GUID);

/** The last part of every id that is given here: it tells our own from those of other tools. */
const OURS = '-2f8c0f6b3d11';

/** The id in the tags of a contact that no other tool has given one. */
export function syncIdFor(identity: string): string {
  const hex = createHash('sha256').update(identity).digest('hex');
  // Version 8 (RFC 9562): made up in a way of one's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-9${hex.slice(15, 18)}${OURS}`;
}

/** The first tag in somebody's notes. */
export function tagIn(notes: string): SyncTag | null {
  if (notes.length > NOTES_LONGEST) return null;
  const found = new RegExp(TAG, 'i').exec(notes);
  const [whole, syncId] = [found?.[0], found?.groups?.['id']];
  if (whole === undefined || syncId === undefined) return null;
  const createdBy = /;[ \t]*CreatedBy[ \t]*=[ \t]*([^;\r\n]*)/i.exec(whole)?.[1]?.trim() ?? '';
  return { syncId: syncId.toLowerCase(), createdBy: createdBy === '' ? null : createdBy };
}

/**
 * Ids that other tools gave. What we gave is no sign of anything: the mark tells whose a contact is, and an owner may have copied
 * one, notes and all, to make another of it.
 */
export function foreignSyncIds(notes: string): string[] {
  const found = notes.matchAll(new RegExp(String.raw`SyncId\s*=\s*\{?(${GUID})`, 'gi'));
  return Array.from(found, ([, id = '']) => id.toLowerCase()).filter((id) => !id.endsWith(OURS));
}

/**
 * These notes with the tag, every other character as it was. Null where they are to stay as they are: too long to be sure that they
 * were read to their end. Ids that stand there, and who made the contact, are kept.
 */
export function stampedNotes(notes: string, stamp: Stamp): string | null {
  if (notes.length > NOTES_LONGEST) return null;
  const line = lineFor(tagIn(notes), stamp);
  const written = new RegExp(TAG, 'i').test(notes)
    ? notes.replace(new RegExp(TAG, 'i'), () => line)
    : `${notes}${notes === '' ? '' : BREAK}${line}`;
  return written.length > NOTES_LONGEST ? null : written;
}

/** These notes without the tags that we left there, or null where there are none. What another tool has left is not ours to take off. */
export function unstampedNotes(notes: string, identity: string): string | null {
  if (notes.length > NOTES_LONGEST) return null;
  const tag = tagWith(syncIdFor(identity));
  // With a line that is the tag alone goes the break before it, or behind it where it is the first.
  const ours = new RegExp(String.raw`^${tag}\r?\n|(?:\r?\n)?${tag}(?=\r?\n|$)|${tag}`, 'gi');
  const left = notes.replace(ours, '');
  return left === notes ? null : left;
}

/** Whether somebody has written more there than tags. */
export function isMoreThanTags(notes: string): boolean {
  return notes.length > NOTES_LONGEST || notes.replace(new RegExp(TAG, 'gi'), '').trim() !== '';
}

/** As Outlook ends a line. */
const BREAK = '\r\n';

function lineFor(own: SyncTag | null, { identity, provenance, editedAt, toOriginal }: Stamp): string {
  const kept = own !== null && isAbout(own, identity) ? own : null;
  const { tag, isOriginal, editor } = provenance;
  const travelling = tag !== null && isAbout(tag, identity) ? tag : null;
  const given = travelling?.createdBy ?? (isOriginal ? editor : null);
  const createdBy = kept?.createdBy ?? (given !== null && NAME.test(given) ? given : null);
  const syncId = kept?.syncId ?? (toOriginal ? undefined : travelling?.syncId) ?? syncIdFor(identity);
  return [
    `SyncId=${syncId}`,
    ...(createdBy === null ? [] : [`CreatedBy=${createdBy}`]),
    `LastUpdatedAt=${new Date(editedAt).toISOString().replace(/\.\d+/, '')}`,
    ...(NAME.test(editor) ? [`LastUpdatedBy=${editor}`] : []),
  ].join(';');
}

/** An address or an object id. Nothing else of somebody's notes comes into another's, and nothing that would not be known again. */
const NAME = /^(?:[\w'.!#^~+-]{1,200}@[\w.-]{1,200}\w|[0-9a-f-]{36})$/i;

/** An owner who copies a contact copies its tag: that of another contact of ours says nothing. */
function isAbout({ syncId }: SyncTag, identity: string): boolean {
  return !syncId.endsWith(OURS) || syncId === syncIdFor(identity);
}
