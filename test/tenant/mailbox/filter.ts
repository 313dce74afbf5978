import { Refusal } from '../http/call.ts';
import { unquote } from '../http/odata.ts';
import { extensionName, markProperty, propertyId, type Folder, type Item, type Property } from './item.ts';
import type { Mailbox } from './mailbox.ts';

const LITERAL = "'((?:[^']|'')*)'";
const BY_PROPERTY = new RegExp(
  `^singleValueExtendedProperties/any\\((\\w+):\\s*\\1/id eq ${LITERAL} and \\1/value (eq|ne) ${LITERAL}\\)$`,
  'i',
);
const BY_PROPERTY_PART = new RegExp(
  `^singleValueExtendedProperties/any\\((\\w+):\\s*\\1/id eq ${LITERAL} and (contains|startswith)\\(\\1/value,\\s*${LITERAL}\\)\\)$`,
  'i',
);
const BY_EXTENSION = new RegExp(`^extensions/any\\((\\w+):\\s*\\1/id eq ${LITERAL}\\)$`, 'i');
const BY_ADDRESS = new RegExp(`^emailAddresses/any\\((\\w+):\\s*\\1/address eq ${LITERAL}\\)$`, 'i');

/** A test on extended properties, as `$filter` states it; undefined for another kind of filter. */
function propertyTest(
  filter: string,
): { id: string; matches: (value: string) => boolean; equals?: string } | undefined {
  const exact = BY_PROPERTY.exec(filter);
  if (exact !== null) {
    const wanted = unquote(exact[4] ?? '').toLowerCase();
    const id = textProperty(unquote(exact[2] ?? ''));
    if (exact[3]?.toLowerCase() === 'ne') return { id, matches: (value) => value.toLowerCase() !== wanted };
    return { id, matches: (value) => value.toLowerCase() === wanted, equals: wanted };
  }
  const part = BY_PROPERTY_PART.exec(filter);
  if (part === null) return undefined;
  const wanted = unquote(part[4] ?? '').toLowerCase();
  const id = textProperty(unquote(part[2] ?? ''));
  if (part[3]?.toLowerCase() === 'contains')
    return { id, matches: (value) => value.toLowerCase().includes(wanted) };
  return { id, matches: (value) => value.toLowerCase().startsWith(wanted) };
}

/** How contacts are found by a property that is no text is not documented (learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get). */
function textProperty(text: string): string {
  const id = propertyId(text);
  if (id.startsWith('String ')) return id;
  throw new Refusal(400, 'ErrorInvalidRequest', 'Only properties of type String can be filtered by.');
}

const markId = propertyId(markProperty);

/** Contacts of a folder that pass the filter, oldest first. Throws 400 for a filter that Outlook does not know. */
export function contactsOf(mailbox: Mailbox, folder: Folder, filter: string | undefined): Item[] {
  if (filter === undefined) return [...folder.items.values()];
  const test = propertyTest(filter);
  if (test !== undefined) {
    const isIndexed = test.id === markId && mailbox.folder(folder.id) === folder;
    const found =
      test.equals !== undefined && isIndexed ? mailbox.marked(test.equals) : folder.items.values();
    return [...found].filter((item) => item.folder.id === folder.id && holds(item.content.properties, test));
  }
  const extension = BY_EXTENSION.exec(filter)?.[2];
  if (extension !== undefined) {
    const name = extensionName(unquote(extension));
    return [...folder.items.values()].filter((item) =>
      item.content.extensions.some((own) => own.name === name),
    );
  }
  const address = BY_ADDRESS.exec(filter)?.[2];
  if (address === undefined) throw new Refusal(400, 'ErrorInvalidRequest', 'The filter is not supported.');
  const wanted = unquote(address).toLowerCase();
  return [...folder.items.values()].filter((item) => {
    const list = (item.content.fields['emailAddresses'] ?? []) as { address?: string }[];
    return list.some((own) => own.address?.toLowerCase() === wanted);
  });
}

/** Folders that pass the filter: by extended property, or by exact name. */
export function foldersBy(folders: readonly Folder[], filter: string | undefined): readonly Folder[] {
  if (filter === undefined) return folders;
  const test = propertyTest(filter);
  if (test !== undefined) return folders.filter((folder) => holds(folder.properties, test));
  const name = new RegExp(`^displayName eq ${LITERAL}$`, 'i').exec(filter)?.[1];
  if (name === undefined) throw new Refusal(400, 'ErrorInvalidRequest', 'The filter is not supported.');
  return folders.filter((folder) => folder.name.toLowerCase() === unquote(name).toLowerCase());
}

function holds(
  properties: readonly Property[],
  test: { id: string; matches: (value: string) => boolean },
): boolean {
  return properties.some((property) => property.id === test.id && test.matches(property.value));
}
