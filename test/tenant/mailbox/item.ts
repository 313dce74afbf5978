/** What a contact holds besides its marks; only what is set. */
export type Fields = Readonly<Record<string, unknown>>;

/** An open extension: primitives, or lists of primitives, by name. */
export interface Extension {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A single-value extended property. `id` is spelled by `propertyId`. */
export interface Property {
  readonly id: string;
  readonly value: string;
}

/** The parts of an item that are never changed in place: many items may share them. */
export interface Content {
  readonly fields: Fields;
  readonly extensions: readonly Extension[];
  readonly properties: readonly Property[];
  /** The bytes of the contact's picture. */
  readonly photo?: Uint8Array;
}

export interface Folder {
  readonly id: string;
  /** The part of an item's id that is constant in this folder. */
  readonly part: string;
  name: string;
  readonly parent: Folder | undefined;
  properties: readonly Property[];
  readonly items: Map<string, Item>;
  /** What left it, as it was then, and as which change of the mailbox: delta speaks of it. */
  readonly removed: { readonly at: number; readonly item: Item }[];
}

export interface Item {
  /** The part of the id that varies, constant for the item's life. */
  readonly key: string;
  /** The folder part of the immutable id: where the item was born. */
  readonly born: string;
  folder: Folder;
  /** Grows with every move; part of the id unless immutable ids are asked for. */
  generation: number;
  content: Content;
  changeKey: number;
  readonly createdAt: number;
  modifiedAt: number;
  /** When a person last wrote into it; undefined for what only the client wrote. No client is shown this. */
  editedAt: number | undefined;
  /** `user`: added, copied or moved by the mailbox's owner, so a second one is not the client's doing. */
  by: 'client' | 'user';
}

/** What marks an item as a client's own: an open extension and an extended property. */
const markExtension = 'app.entra-contact-sync';
export const markProperty = 'String {6f1f7d0c-3f0a-4c43-9a57-2f8c0f6b3d11} Name EntraContactSyncMark';

const EXTENSION_PREFIX = 'Microsoft.OutlookServices.OpenTypeExtension.';

/** Extensions go by their short name or by the full id that Outlook stores (learn.microsoft.com/graph/extensibility-overview). */
export function extensionName(text: string): string {
  return text.startsWith(EXTENSION_PREFIX) ? text.slice(EXTENSION_PREFIX.length) : text;
}

export function extensionId(name: string): string {
  return `${EXTENSION_PREFIX}${name}`;
}

/** One spelling: the GUID compares without case, the name with it (learn.microsoft.com/graph/extended-properties-overview). */
export function propertyId(text: string): string {
  const named = /^(\w+) (\{[^}]*\}) (Name .*)$/.exec(text);
  if (named === null)
    return text.replace(/ 0x0*([0-9a-f]+)$/i, (_, tag: string) => ` 0x${tag.toLowerCase()}`);
  const [, type = '', guid = '', name = ''] = named;
  return `${type} ${guid.toLowerCase()} ${name}`;
}

const markId = propertyId(markProperty);

/** MAPI's own property of an item, for which contacts have no field: 0 normal, 1 personal, 2 private, 3 confidential. */
export const sensitivityProperty = 'Integer 0x36';

/** What a client of Outlook keeps of an item whose marks it does not know: what is Outlook's own stays. */
export function withoutMarks({ properties }: Content): Pick<Content, 'extensions' | 'properties'> {
  return {
    extensions: [],
    properties: properties.filter(({ id }) => / 0x[0-9a-f]+$/.test(id) && !id.includes('{')),
  };
}

/** The value of the mark that can be found: `<deployment>/<route>/<sourceId>`; a value of another form is nobody's mark. */
export function markValue(content: Content): string | undefined {
  const value = content.properties.find((property) => property.id === markId)?.value;
  return value?.includes('/') ? value : undefined;
}

/** An original of the owner's that a client adopted: it may be changed, and never removed. */
export function isAdopted(content: Content): boolean {
  return markValue(content)?.startsWith('linked:') === true;
}

/** The same value, from either mark; undefined for a foreign item. */
export function markOf(content: Content): string | undefined {
  const found = markValue(content);
  if (found !== undefined) return found;
  const values = content.extensions.find((extension) => extension.name === markExtension)?.values;
  if (values === undefined) return undefined;
  const { deployment, route, sourceId } = values;
  return [deployment, route, sourceId].join('/');
}
