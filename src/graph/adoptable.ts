import type { CardField } from '../model/card.ts';
import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { IMMUTABLE_IDS, readContactPage, type ContactItem } from './contacts.ts';
import type { GraphAnswer } from './faults.ts';
import { field, list, text } from '../kit/json.ts';
import { MARK_PROPERTY } from './marks.ts';
import { CONTACT_PAGE_LARGEST } from './throttle.ts';

/** Where adoptable contacts are looked for. */
export interface Shelf {
  readonly mailbox: string;
  /** Null: the default folder, which no listing of folders shows (learn.microsoft.com/graph/api/user-list-contactfolders). */
  readonly folder: string | null;
  /** The open extension that marks what is looked for, by its name; null: everything in the folder. */
  readonly extension: string | null;
  readonly fields: readonly CardField[];
  readonly priority?: Priority | undefined;
}

/** A contact and what its foreign extension says, whatever the names in it are. */
export interface ForeignContact extends ContactItem {
  /** Texts in the extension; null without one. */
  readonly values: readonly string[] | null;
}

/** A page of contacts with our mark and the foreign extension, if any: only its existence can be asked for (learn.microsoft.com/graph/api/opentypeextension-get). */
export function listShelf({ mailbox, folder, extension, fields, priority }: Shelf, link?: string): GraphCall {
  const contacts =
    folder === null
      ? at`/users/${mailbox}/contacts`
      : at`/users/${mailbox}/contactFolders/${folder}/contacts`;
  const mark = `singleValueExtendedProperties($filter=id eq ${quoted(MARK_PROPERTY)})`;
  const foreign = extension === null ? '' : `,extensions($filter=id eq ${quoted(extension)})`;
  const query = at`?$top=${String(CONTACT_PAGE_LARGEST)}&$select=${['id', ...fields].join(',')}&$expand=${mark + foreign}`;
  const filter = extension === null ? '' : at`&$filter=${`extensions/any(f:f/id eq ${quoted(extension)})`}`;
  return {
    method: 'GET',
    url: link ?? contacts + query + filter,
    mailbox,
    headers: IMMUTABLE_IDS,
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Throws `unavailable` for a page without its list. */
export function readShelf(
  answer: GraphAnswer,
  { extension, fields }: Pick<Shelf, 'extension' | 'fields'>,
): { items: ForeignContact[]; next: string | undefined } {
  const { items, next } = readContactPage(answer, fields);
  const bodies = list(answer.body, 'value') ?? [];
  return {
    items: items.map((item, index) => ({ ...item, values: valuesOf(bodies[index], extension) })),
    next,
  };
}

function valuesOf(contact: unknown, extension: string | null): readonly string[] | null {
  if (extension === null) return null;
  const found = list(contact, 'extensions')?.find((one) => {
    const id = text(one, 'id') ?? '';
    return field(one, 'extensionName') === extension || id === extension || id.endsWith(`.${extension}`);
  });
  if (typeof found !== 'object' || found === null) return null;
  return Object.values(found).filter((value) => typeof value === 'string');
}
