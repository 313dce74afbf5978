import { Refusal, type Call } from '../http/call.ts';
import { splitTop, unquote } from '../http/odata.ts';
import { propertiesOf } from '../http/schema.ts';
import {
  extensionId,
  extensionName,
  propertyId,
  sensitivityProperty,
  type Extension,
  type Folder,
  type Item,
} from './item.ts';
import type { Mailbox } from './mailbox.ts';

const TEXT = [
  'assistantName',
  'birthday',
  'businessHomePage',
  'companyName',
  'department',
  'displayName',
  'fileAs',
  'generation',
  'givenName',
  'initials',
  'jobTitle',
  'manager',
  'middleName',
  'mobilePhone',
  'nickName',
  'officeLocation',
  'personalNotes',
  'profession',
  'spouseName',
  'surname',
  'title',
  'yomiCompanyName',
  'yomiGivenName',
  'yomiSurname',
];
const LISTS = ['businessPhones', 'categories', 'children', 'emailAddresses', 'homePhones', 'imAddresses'];
const ADDRESSES = ['businessAddress', 'homeAddress', 'otherAddress'];

export const contactProperties = propertiesOf('contact');

/** Which extensions and extended properties a read shows, parsed from `$expand`. */
export interface Expansion {
  readonly extensions: readonly string[];
  readonly properties: readonly string[];
}

export interface ContactView {
  readonly mailbox: Mailbox;
  readonly immutable: boolean;
  readonly select?: readonly string[] | undefined;
  readonly expansion?: Expansion | undefined;
}

/** Outlook refuses to expand extensions without a filter on their id (learn.microsoft.com/graph/extensibility-overview). */
export function parseExpand(text: string | undefined): Expansion | undefined {
  if (text === undefined) return undefined;
  const extensions: string[] = [];
  const properties: string[] = [];
  for (const part of splitTop(text)) {
    const match = /^(extensions|singleValueExtendedProperties)(?:\((.*)\))?$/i.exec(part);
    if (match === null) throw new Refusal(400, 'ErrorInvalidRequest', `Cannot expand '${part}'.`);
    const filter = /^\$filter=(.*)$/i.exec(match[2] ?? '')?.[1];
    const own = match[1]?.toLowerCase() === 'extensions';
    if (filter === undefined) {
      const code = own ? 'ErrorGraphExtensionExpandRequiresFilter' : 'ErrorInvalidRequest';
      throw new Refusal(400, code, 'Expand needs a filter on id.');
    }
    for (const term of filter.split(/ or /i)) {
      const id = /^\s*(?:\w+\/)?id eq '((?:[^']|'')+)'\s*$/i.exec(term)?.[1];
      if (id === undefined)
        throw new Refusal(400, 'ErrorInvalidRequest', 'Only id eq can be filtered in an expand.');
      if (own) extensions.push(extensionName(unquote(id)));
      else properties.push(propertyId(unquote(id)));
    }
  }
  return { extensions, properties };
}

export function wantsImmutable(call: Call): boolean {
  return /idtype\s*=\s*"?immutableid"?/i.test(call.headers['prefer'] ?? '');
}

export function etag(item: Item): string {
  return `W/"${changeKey(item)}"`;
}

function changeKey(item: Item): string {
  return `EQAAABYAAAC${item.changeKey.toString(36).padStart(9, '0')}`;
}

export function renderContact(item: Item, view: ContactView): Record<string, unknown> {
  const body: Record<string, unknown> = { '@odata.etag': etag(item), id: itemId(item, view) };
  if (view.select === undefined) allProperties(body, item);
  else for (const name of view.select) if (name !== 'id') body[name] = property(item, name);
  if (view.expansion !== undefined) expand(body, item, { ...view, expansion: view.expansion });
  return body;
}

function itemId(item: Item, view: ContactView): string {
  return view.immutable ? view.mailbox.ids.immutable(item) : view.mailbox.ids.regular(item);
}

function allProperties(body: Record<string, unknown>, item: Item): void {
  const { fields } = item.content;
  body['createdDateTime'] = instant(item.createdAt);
  body['lastModifiedDateTime'] = instant(item.modifiedAt);
  body['changeKey'] = changeKey(item);
  body['parentFolderId'] = item.folder.id;
  for (const name of TEXT) body[name] = fields[name] ?? null;
  for (const name of LISTS) body[name] = fields[name] ?? [];
  for (const name of ADDRESSES) body[name] = fields[name] ?? {};
}

function property(item: Item, name: string): unknown {
  if (name === 'createdDateTime') return instant(item.createdAt);
  if (name === 'lastModifiedDateTime') return instant(item.modifiedAt);
  if (name === 'changeKey') return changeKey(item);
  if (name === 'parentFolderId') return item.folder.id;
  const value = item.content.fields[name];
  if (value !== undefined) return value;
  if (LISTS.includes(name)) return [];
  return ADDRESSES.includes(name) ? {} : null;
}

/** What is not there is left out: an item without the extension has no `extensions`. */
function expand(
  body: Record<string, unknown>,
  item: Item,
  { mailbox, expansion }: { mailbox: Mailbox; expansion: Expansion },
): void {
  const extensions = item.content.extensions.filter((extension) =>
    expansion.extensions.includes(extension.name),
  );
  if (extensions.length > 0) body['extensions'] = extensions.map(renderExtension);
  const stored = item.content.properties.filter(({ id }) => expansion.properties.includes(id));
  const isPlain = !item.content.properties.some(({ id }) => id === sensitivityProperty);
  const says = mailbox.plainSensitivity === 'zero' && expansion.properties.includes(sensitivityProperty);
  const properties = isPlain && says ? [...stored, { id: sensitivityProperty, value: '0' }] : stored;
  if (properties.length > 0) body['singleValueExtendedProperties'] = properties;
}

export function renderExtension(extension: Extension): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.openTypeExtension',
    id: extensionId(extension.name),
    extensionName: extension.name,
    ...extension.values,
  };
}

export function renderFolder(folder: Folder, expansion?: Expansion): Record<string, unknown> {
  const properties = folder.properties.filter(({ id }) => expansion?.properties.includes(id) === true);
  return {
    id: folder.id,
    parentFolderId: folder.parent?.id ?? null,
    displayName: folder.name,
    ...(properties.length > 0 ? { singleValueExtendedProperties: properties } : {}),
  };
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
