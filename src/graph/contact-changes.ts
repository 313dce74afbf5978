import type { Card, CardField } from '../model/card.ts';
import { at, type GraphCall } from './call.ts';
import { cardOf } from './contact-fields.ts';
import type { FolderRef } from './contacts.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { field, list, text } from '../kit/json.ts';
import { pathOf } from './page-link.ts';

/** Entries on a page of a delta query; a smaller page may come. */
const PAGE_ENTRIES = 500;

/** What happened to one item of a folder: it is there with this content, or it is not there any more. */
export interface ContactChange {
  readonly item: string;
  /** Null: removed from the folder. In memory only. */
  readonly card: Card | null;
}

/**
 * A page of what was added, changed or removed in the folder since `link`, a page link or a delta link of before;
 * without one, of everything in it. Neither `$expand` nor `$filter` is documented here, so no entry bears its mark
 * (learn.microsoft.com/graph/api/contact-delta).
 */
export function listChanges(
  { mailbox, folder, priority }: FolderRef,
  { link, fields }: { link: string | null; fields: readonly CardField[] },
): GraphCall {
  const selected = ['id', ...fields].join(',');
  const start = at`/users/${mailbox}/contactFolders/${folder}/contacts/delta?$select=${selected}`;
  return {
    method: 'GET',
    url: link ?? start,
    mailbox,
    delta: true,
    headers: { Prefer: `IdType="ImmutableId", odata.maxpagesize=${PAGE_ENTRIES}` },
    ...(priority === undefined ? {} : { priority }),
  };
}

/** `last`: the link is a delta link, for the next time. Throws `unavailable` for a page that says neither. */
export function readChanges(
  answer: GraphAnswer,
  fields: readonly CardField[],
): { changes: ContactChange[]; link: string; last: boolean } {
  const items = list(answer.body, 'value');
  const next = text(answer.body, '@odata.nextLink');
  const delta = text(answer.body, '@odata.deltaLink');
  // Exactly one of the two ends a page (learn.microsoft.com/graph/delta-query-overview).
  const link = pathOf(next ?? delta);
  if (items === undefined || link === undefined || (next !== null && delta !== null))
    throw unreadable(answer.status, 'GET');
  return { changes: items.map((item) => changeOf(item, answer.status, fields)), link, last: delta !== null };
}

function changeOf(entry: unknown, status: number, fields: readonly CardField[]): ContactChange {
  const item = text(entry, 'id');
  if (item === null) throw unreadable(status, 'GET');
  return { item, card: field(entry, '@removed') === undefined ? cardOf(entry, fields) : null };
}
