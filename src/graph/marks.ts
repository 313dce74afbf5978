import { field, list, text } from '../kit/json.ts';

/**
 * What makes an item ours. Written in two ways: an open extension, which any tool can read, and an extended property,
 * which the service can search by value. Both hold the plain source id, the deployment and the route, and are constant
 * after the create.
 */
export interface ItemMark {
  readonly deployment: string;
  readonly route: string;
  readonly sourceId: string;
  /** An original that was adopted: found by its own value, and never deleted. */
  readonly linked?: true;
}

/** Whose an item or a folder is. */
export type Owner = Pick<ItemMark, 'deployment' | 'route'>;

/** `extendedProperty` alone is for China, where there are no open extensions, and for very large first fills. */
export type MarksPolicy = 'both' | 'extendedProperty';

/**
 * One constant name each: every name costs a named property of the mailbox for ever
 * (learn.microsoft.com/graph/extensibility-overview). Names are case-sensitive.
 */
export const MARK_EXTENSION = 'app.entra-contact-sync';
export const PROPERTY_SET = '{6f1f7d0c-3f0a-4c43-9a57-2f8c0f6b3d11}';
export const MARK_PROPERTY = `String ${PROPERTY_SET} Name EntraContactSyncMark`;
export const FOLDER_PROPERTY = `String ${PROPERTY_SET} Name EntraContactSyncFolder`;
export const GENERATION_PROPERTY = `String ${PROPERTY_SET} Name EntraContactSyncGeneration`;

interface ExtendedProperty {
  readonly id: string;
  readonly value: string;
}

/** `<deployment>/<route>/<sourceId>`; in front of an adopted item's `linked:`, which no deployment's name can hold. */
export function markValue({ deployment, route, sourceId, linked }: ItemMark): string {
  return `${linked ? LINKED : ''}${deployment}/${route}/${sourceId}`;
}

const LINKED = 'linked:';

/** Whether a property can be taken off is not documented (learn.microsoft.com/graph/api/resources/extended-properties-overview): this value is nobody's mark. */
const NO_MARK = '-';

/** Nobody's mark either: its contact is to be shown nowhere any more, and not to be met again as a new one. */
const LET_GO = '-gone';

/** The body of a PATCH that takes the mark off. `gone`: not because its place goes, but for good. */
export function unmarkBody({ gone }: { readonly gone: boolean }): object {
  return { singleValueExtendedProperties: [{ id: MARK_PROPERTY, value: gone ? LET_GO : NO_MARK }] };
}

/** What `unmarkBody` left of a mark whose place went: as if there had never been one. */
export function isUnmarked(value: string | null): boolean {
  return value === null || value === NO_MARK;
}

/** Whether a mark is this owner's. Of a deployment's name the case does not count. */
export function belongsTo<Mark extends Owner>(
  mark: Mark | undefined,
  { deployment, route }: Owner,
): mark is Mark {
  return mark?.deployment.toLowerCase() === deployment.toLowerCase() && mark.route === route;
}

/** `<deployment>/<route>`; in front of a folder's that was there before us `linked:`. */
export function folderValue({ deployment, route, linked }: Omit<ItemMark, 'sourceId'>): string {
  return `${linked ? LINKED : ''}${deployment}/${route}`;
}

/** What `folderValue` wrote; `undefined` for anything else. A route may hold slashes, a deployment may not. */
export function readFolderValue(value: string): Omit<ItemMark, 'sourceId'> | undefined {
  const linked = value.startsWith(LINKED);
  const [, deployment, route] = /^([^/]+)\/(.+)$/.exec(value.slice(linked ? LINKED.length : 0)) ?? [];
  if (deployment === undefined || route === undefined) return undefined;
  return { deployment, route, ...(linked ? { linked } : {}) };
}

/** The parts of a create's body that mark the item. */
export function markBody(mark: ItemMark, policy: MarksPolicy): object {
  const properties: ExtendedProperty[] = [{ id: MARK_PROPERTY, value: markValue(mark) }];
  const { deployment, route, sourceId } = mark;
  const extension = {
    '@odata.type': 'microsoft.graph.openTypeExtension',
    extensionName: MARK_EXTENSION,
    deployment,
    route,
    sourceId,
  };
  return {
    singleValueExtendedProperties: properties,
    ...(policy === 'both' ? { extensions: [extension] } : {}),
  };
}

/**
 * The mark of an item as read: from the property when the answer holds it, else from the extension, which is all that
 * the answer to a create holds. `undefined` when it bears none of ours.
 */
export function readMark(item: unknown): ItemMark | undefined {
  return markOf(propertyOf(item, MARK_PROPERTY)) ?? markOfExtension(item);
}

/** The value of an expanded extended property; ids are compared without case, as the service may spell the GUID its own way. */
export function propertyOf(item: unknown, id: string): string | null {
  const wanted = id.toLowerCase();
  const found = list(item, 'singleValueExtendedProperties')?.find(
    (property) => text(property, 'id')?.toLowerCase() === wanted,
  );
  return text(found, 'value');
}

/** A route may hold slashes, a deployment and a source id may not. */
function markOf(value: string | null): ItemMark | undefined {
  const linked = value?.startsWith(LINKED) === true;
  const match = /^([^/]+)\/(.+)\/([^/]+)$/.exec(value?.slice(linked ? LINKED.length : 0) ?? '');
  const [, deployment, route, sourceId] = match ?? [];
  if (deployment === undefined || route === undefined || sourceId === undefined) return undefined;
  return { deployment, route, sourceId, ...(linked ? { linked } : {}) };
}

function markOfExtension(item: unknown): ItemMark | undefined {
  const extension = list(item, 'extensions')?.find(isOurs);
  const deployment = text(extension, 'deployment');
  const route = text(extension, 'route');
  const sourceId = text(extension, 'sourceId');
  if (deployment === null || route === null || sourceId === null) return undefined;
  return { deployment, route, sourceId };
}

/** Stored as `Microsoft.OutlookServices.OpenTypeExtension.<name>`: learn.microsoft.com/graph/api/opentypeextension-get. */
function isOurs(extension: unknown): boolean {
  const id = field(extension, 'id');
  const named = field(extension, 'extensionName') === MARK_EXTENSION;
  return named || (typeof id === 'string' && id.endsWith(`.${MARK_EXTENSION}`));
}
