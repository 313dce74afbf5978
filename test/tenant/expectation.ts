import {
  contactAs,
  empty,
  expectedContacts,
  pictureAs,
  type ContactFields,
  type DirectoryJob,
} from './directory-job.ts';
import { isAdopted, markOf, type Item } from './mailbox/item.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import type { Tenant } from './tenant.ts';

export interface Divergence {
  readonly kind: 'missing' | 'extra' | 'fields';
  readonly mailbox: string;
  readonly source: string;
  /** Names of the fields that differ. */
  readonly fields: readonly string[];
}

export interface Comparison {
  readonly divergences: readonly Divergence[];
  /** Managed items beyond the first of one person in one mailbox. */
  readonly duplicates: number;
  /** Foreign items that the client changed or removed since the tenant was made. */
  readonly foreignTouched: number;
  /** Managed items in all mailboxes. */
  readonly contacts: number;
}

/** Holds every mailbox that can be reached against the directory, those that must be empty included. */
export function compareMailboxes(tenant: Tenant, job: DirectoryJob): Comparison {
  const expected = expectedContacts(tenant, job);
  const divergences: Divergence[] = [];
  let duplicates = 0;
  let contacts = 0;
  const used = new Set([...tenant.mailboxes.all()].map(({ userId }) => userId));
  for (const userId of new Set([...expected.keys(), ...used])) {
    if (tenant.mailboxes.state(userId) !== 'ok') continue;
    const managed = managedItems(tenant.mailboxes.get(userId), job);
    const wanted = expected.get(userId) ?? new Map<string, ContactFields>();
    for (const [source, items] of managed) {
      contacts += items.length;
      duplicates += items.length - 1;
      const want = wanted.get(source);
      for (const item of items) {
        const fields = want === undefined ? [] : differences(want, item);
        if (want !== undefined && !hasPicture(item, job.photos ? pictureAs(tenant, job, source) : null))
          fields.push('photo');
        const strays = item.folder.name !== job.folder && !isAdopted(item.content);
        if (want === undefined || strays)
          divergences.push({ kind: 'extra', mailbox: userId, source, fields });
        else if (fields.length > 0) divergences.push({ kind: 'fields', mailbox: userId, source, fields });
      }
    }
    for (const source of wanted.keys()) {
      if (!managed.has(source)) divergences.push({ kind: 'missing', mailbox: userId, source, fields: [] });
    }
  }
  return { divergences, duplicates, foreignTouched: tenant.oracles.count('foreign-touched'), contacts };
}

/** Contacts of people whom the job does not show any more, and which nobody has released: they stay as their people are. */
export function compareHeld(tenant: Tenant, job: DirectoryJob, people: ReadonlySet<string>): Divergence[] {
  const wanted = new Map([...people].map((id) => [id, contactAs(tenant, job, id)]));
  return [...tenant.mailboxes.all()].flatMap((mailbox) => {
    if (tenant.mailboxes.state(mailbox.userId) !== 'ok') return [];
    return [...managedItems(mailbox, job)].flatMap(([source, items]) => {
      const want = wanted.get(source);
      const fields = want ? items.flatMap((item) => differences(want, item)) : [];
      return fields.length > 0 ? [{ kind: 'fields', mailbox: mailbox.userId, source, fields } as const] : [];
    });
  });
}

/** Items with a mark of the job, by the person that the mark names: those in its folder, adopted ones, and what the client put elsewhere. */
function managedItems(mailbox: Mailbox, job: DirectoryJob): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of mailbox.items()) {
    const [, route, source] = markOf(item.content)?.split('/') ?? [];
    if (source === undefined || (job.route !== undefined && route !== job.route)) continue;
    const astray = job.route !== undefined && item.by === 'client';
    if (item.folder.name !== job.folder && !astray && !isAdopted(item.content)) continue;
    found.set(source, [...(found.get(source) ?? []), item]);
  }
  return found;
}

/** Items of jobs that are not among these any more: nothing of them may be left. */
export function orphans(tenant: Tenant, routes: ReadonlySet<string>): number {
  let count = 0;
  for (const mailbox of tenant.mailboxes.all()) {
    if (tenant.mailboxes.state(mailbox.userId) !== 'ok') continue;
    for (const item of mailbox.items()) {
      const route = markOf(item.content)?.split('/')[1];
      if (route === undefined || routes.has(route) || item.by !== 'client') continue;
      count += 1;
    }
  }
  return count;
}

function differences(want: ContactFields, item: Item): string[] {
  const have: Readonly<Record<string, unknown>> = item.content.fields;
  return Object.entries(want).flatMap(([name, value]) => (plain(value) === plain(have[name]) ? [] : [name]));
}

/** `wanted` null: pictures are not the job's. No call takes a picture away: an original, which cannot be made anew, keeps its last one. */
function hasPicture({ content }: Item, wanted: Uint8Array | undefined | null): boolean {
  if (wanted === null || (wanted === undefined && isAdopted(content))) return true;
  return hex(wanted) === hex(content.photo);
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

/** One spelling of a value: nothing, null, '' and [] are the same, and so is white space around a text. */
export function plain(value: unknown): string {
  if (empty(value) || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value === 'string') return value.trim();
  if (!Array.isArray(value)) return JSON.stringify(value);
  const list: unknown[] = value;
  return list
    .map((entry) => (isEmail(entry) ? `${plain(entry.name)} <${plain(entry.address)}>` : plain(entry)))
    .join('\n');
}

function isEmail(entry: unknown): entry is { name?: string | null; address?: string | null } {
  return typeof entry === 'object' && entry !== null && 'address' in entry;
}
