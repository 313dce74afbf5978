import { Malformed, ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { count, only, select, unquote } from '../http/odata.ts';
import type { Delta } from './delta.ts';
import type { Directory } from './directory.ts';
import type { History } from './history.ts';
import { pathOf, type Collection, type DirectoryObject, type Objects } from './objects.ts';
import type { Photos } from './photos.ts';
import type { Replica } from './replica.ts';
import { defaultSelect, selectable, shownValue } from './selectable.ts';

export const BAD = 'Request_BadRequest';

export interface Rooms {
  readonly directory: Directory;
  readonly replica: Replica;
  readonly delta: Delta;
  readonly photos: Photos;
}

/** Everything of one kind, by id. */
export function storeOf<C extends Collection>(
  { directory }: Pick<Rooms, 'directory'>,
  collection: C,
): ReadonlyMap<string, History<Objects[C]>> {
  const stores: { readonly [K in Collection]: ReadonlyMap<string, History<Objects[K]>> } = {
    users: directory.users,
    groups: directory.groups,
    contacts: directory.contacts.all,
    administrativeUnits: directory.units.all,
  };
  return stores[collection];
}

export function notFound(id: string | undefined): Refusal {
  return new Refusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id ?? ''}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** What a lagging replica shows of an object. Throws 404. */
export function read<C extends Collection>(
  rooms: Rooms,
  collection: C,
  segment: string | undefined,
): Objects[C] {
  const name = segment?.toLowerCase() ?? '';
  const history = storeOf(rooms, collection).get(
    collection === 'users' && name.includes('@') ? idOfPrincipal(rooms, name) : name,
  );
  const version = history === undefined ? undefined : rooms.replica.version(history);
  if (version?.presence !== 'live') throw notFound(segment);
  return version.value;
}

/** Where an id stands, a user principal name may (learn.microsoft.com/graph/api/user-get). */
function idOfPrincipal({ directory }: Pick<Rooms, 'directory'>, name: string): string {
  return directory.people().find((user) => user.userPrincipalName.toLowerCase() === name)?.id ?? '';
}

export function shape(object: DirectoryObject, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, shownValue(object, name)]));
}

/** One object as an answer. */
export function entity(call: Call, collection: Collection, object: DirectoryObject): Record<string, unknown> {
  only(call.query, ['$select'], BAD);
  const names = select(call.query, selectable[collection], BAD);
  const chosen = names === undefined ? '' : `(${names.join(',')})`;
  return {
    '@odata.context': `${call.origin}/v1.0/$metadata#${pathOf(collection)}${chosen}/$entity`,
    ...shape(object, names ?? defaultSelect[collection]),
  };
}

export function list(call: Call, rooms: Rooms, collection: Collection): Answer {
  if (collection === 'users' && call.query.has('$filter')) return byAddress(call, rooms);
  const names = select(call.query, selectable[collection], BAD) ?? defaultSelect[collection];
  const rows: Record<string, unknown>[] = [];
  for (const history of storeOf(rooms, collection).values()) {
    const version = rooms.replica.version<DirectoryObject>(history);
    if (version?.presence === 'live') rows.push(shape(version.value, names));
  }
  return ok({ '@odata.context': `${call.origin}/v1.0/$metadata#${pathOf(collection)}`, ...page(call, rows) });
}

function has(values: readonly (string | null)[], wanted: string | undefined): boolean {
  return values.some((value) => value?.toLowerCase() === unquote(wanted ?? '').toLowerCase());
}

/** Users who have an address in one of three ways: an advanced query (learn.microsoft.com/graph/aad-advanced-queries). */
function byAddress(call: Call, rooms: Rooms): Answer {
  const filter = call.query.get('$filter') ?? '';
  const [, mail, other, proxy] =
    /^mail eq '((?:[^']|'')*)' or otherMails\/any\(o:o eq '((?:[^']|'')*)'\) or proxyAddresses\/any\(p:p eq '((?:[^']|'')*)'\)$/.exec(
      filter,
    ) ?? [];
  const isAdvanced = call.headers['consistencylevel'] === 'eventual' && call.query.get('$count') === 'true';
  if (mail === undefined || !isAdvanced)
    throw new Malformed(400, 'Request_UnsupportedQuery', 'This filter is not supported here.');
  const names = select(call.query, selectable.users, BAD) ?? defaultSelect.users;
  const found: Record<string, unknown>[] = [];
  for (const history of storeOf(rooms, 'users').values()) {
    const version = rooms.replica.version(history);
    if (version?.presence !== 'live') continue;
    const user = version.value;
    if (has([user.mail], mail) || has(user.otherMails, other) || has(user.proxyAddresses, proxy))
      found.push(shape(user, names));
  }
  const query = new Map([...call.query].filter(([name]) => name !== '$filter'));
  return ok({
    '@odata.context': `${call.origin}/v1.0/$metadata#users`,
    ...page({ ...call, query }, found),
  });
}

/** A page of at most 999, 100 unless asked (learn.microsoft.com/graph/api/resources/user); the rest behind a link. */
export function page(call: Call, rows: readonly unknown[]): Record<string, unknown> {
  only(call.query, ['$select', '$top', '$count', '$skiptoken'], 'Request_UnsupportedQuery');
  const top = count(call.query, '$top', { min: 1, max: 999, otherwise: 100 });
  const from = count(call.query, '$skiptoken', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const value = rows.slice(from, from + top);
  const counted = call.query.get('$count') === 'true' && from === 0 ? { '@odata.count': rows.length } : {};
  if (from + top >= rows.length) return { ...counted, value };
  const rest = [...call.query]
    .filter(([name]) => name !== '$skiptoken')
    .map(([name, text]) => `&${name}=${encodeURIComponent(text)}`);
  const path = call.path.map(encodeURIComponent).join('/');
  return {
    ...counted,
    '@odata.nextLink': `${call.origin}/v1.0/${path}?$skiptoken=${from + top}${rest.join('')}`,
    value,
  };
}
