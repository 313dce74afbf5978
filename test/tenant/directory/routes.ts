import { ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { count, only, select } from '../http/odata.ts';
import type { Route } from '../http/router.ts';
import type { Delta } from './delta.ts';
import type { Directory } from './directory.ts';
import type { History } from './history.ts';
import { shownValue, type Group, type MemberType, type User, type Version } from './objects.ts';
import type { Replica } from './replica.ts';
import { defaultSelect, selectable } from './selectable.ts';

const BAD = 'Request_BadRequest';
interface Rooms {
  readonly directory: Directory;
  readonly replica: Replica;
  readonly delta: Delta;
}

/** People, groups, members and delta. */
export function directoryRoutes(rooms: Rooms): Route[] {
  const { directory, delta } = rooms;
  const user = (call: Call): Answer => ok(person(call, rooms));
  const group = (call: Call): Answer => ok(entity(call, 'groups', read(rooms, 'groups', call.path[1])));
  return [
    { operation: 'GET users/delta', handle: (call) => delta.answer(call, 'users') },
    { operation: 'GET groups/delta', handle: (call) => delta.answer(call, 'groups') },
    { operation: 'GET users/{id}', handle: user },
    { operation: 'GET users/{id}/manager', handle: (call) => ok(managerOf(call, rooms)) },
    { operation: 'GET groups/{id}', handle: group },
    { operation: 'GET users', handle: (call) => list(call, 'users', live(rooms, directory.users)) },
    { operation: 'GET groups', handle: (call) => list(call, 'groups', live(rooms, directory.groups)) },
    { operation: 'GET groups/{id}/members', handle: (call) => members(call, rooms, false) },
    { operation: 'GET groups/{id}/members/{cast}', handle: (call) => members(call, rooms, false) },
    { operation: 'GET groups/{id}/transitiveMembers', handle: (call) => members(call, rooms, true) },
    {
      operation: 'GET groups/{id}/transitiveMembers/{cast}',
      handle: (call) => members(call, rooms, true),
    },
    { operation: 'GET directory/deletedItems/{id}', handle: (call) => deletedItem(call, rooms) },
    { operation: 'GET directory/deletedItems/{id}/{cast}', handle: (call) => deletedItem(call, rooms) },
  ];
}

function notFound(id: string | undefined): Refusal {
  return new Refusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id ?? ''}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

function read(rooms: Rooms, collection: 'users' | 'groups', segment: string | undefined): User | Group {
  const id = segment?.toLowerCase() ?? '';
  const history: History<User> | History<Group> | undefined = rooms.directory[collection].get(id);
  if (history === undefined) throw notFound(segment);
  const version = rooms.replica.version<User | Group>(history);
  if (version?.presence !== 'live') throw notFound(segment);
  return version.value;
}

function shape(object: User | Group, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, shownValue(object, name)]));
}

/** One person, with the manager where `$expand` asks for it. */
function person(call: Call, rooms: Rooms): Record<string, unknown> {
  const user = read(rooms, 'users', call.path[1]) as User;
  const expand = call.query.get('$expand');
  const query = new Map([...call.query].filter(([name]) => name !== '$expand'));
  const shown = entity({ ...call, query }, 'users', user);
  if (expand === undefined) return shown;
  const names = /^manager(?:\(\$select=([\w,]+)\))?$/.exec(expand);
  if (names === null) throw new Refusal(400, BAD, 'Only manager can be expanded here.');
  const manager = user.manager === null ? undefined : rooms.directory.user(user.manager);
  // Without a manager the relation is left out of the answer.
  if (manager === undefined) return shown;
  const wanted = select(
    new Map(names[1] === undefined ? [] : [['$select', names[1]]]),
    selectable.users,
    BAD,
  );
  const value = { '@odata.type': '#microsoft.graph.user', ...shape(manager, wanted ?? defaultSelect.users) };
  return { ...shown, manager: { ...value, id: manager.id } };
}

/** 404 for nobody above, as for nobody at all. */
function managerOf(call: Call, rooms: Rooms): Record<string, unknown> {
  const user = read(rooms, 'users', call.path[1]) as User;
  const manager = read(rooms, 'users', user.manager ?? '') as User;
  return { '@odata.type': '#microsoft.graph.user', ...entity(call, 'users', manager) };
}

function entity(call: Call, collection: 'users' | 'groups', object: User | Group): Record<string, unknown> {
  only(call.query, ['$select'], BAD);
  const names = select(call.query, selectable[collection], BAD);
  return {
    '@odata.context': `${call.origin}/v1.0/$metadata#${collection}${names === undefined ? '' : `(${names.join(',')})`}/$entity`,
    ...shape(object, names ?? defaultSelect[collection]),
  };
}

function live<T>(rooms: Rooms, objects: ReadonlyMap<string, History<T>>): T[] {
  const versions = [...objects.values()].map((history): Version<T> | undefined =>
    rooms.replica.version(history),
  );
  return versions.flatMap((version) => (version?.presence === 'live' ? [version.value] : []));
}

function list(call: Call, collection: 'users' | 'groups', objects: readonly (User | Group)[]): Answer {
  const names = select(call.query, selectable[collection], BAD) ?? defaultSelect[collection];
  const rows = objects.map((object) => shape(object, names));
  return ok({ '@odata.context': `${call.origin}/v1.0/$metadata#${collection}`, ...page(call, rows) });
}

/** A page of at most 999, 100 unless asked (learn.microsoft.com/graph/api/resources/user); the rest behind a link. */
function page(call: Call, rows: readonly unknown[]): Record<string, unknown> {
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

function members(call: Call, rooms: Rooms, transitive: boolean): Answer {
  const cast = call.path[3]?.toLowerCase();
  if (cast !== undefined && cast !== 'microsoft.graph.user' && cast !== 'microsoft.graph.group') {
    throw new Refusal(400, BAD, 'Unknown cast.');
  }
  if (
    cast !== undefined &&
    call.headers['consistencylevel']?.toLowerCase() !== 'eventual' &&
    call.query.size > 0
  ) {
    throw new Refusal(
      400,
      'Request_UnsupportedQuery',
      'A cast with query options needs ConsistencyLevel: eventual.',
    );
  }
  const group = read(rooms, 'groups', call.path[1]);
  const found = transitive ? closure(rooms, group.id) : direct(rooms, group.id);
  const names = select(call.query, new Set([...selectable.users, ...selectable.groups]), BAD);
  const rows = [...found].flatMap(([id, type]) => {
    if (cast !== undefined && cast !== `microsoft.graph.${type}`) return [];
    const object = rooms.directory[type === 'user' ? 'users' : 'groups'].get(id)?.current;
    if (object?.presence !== 'live') return [];
    const collection = type === 'user' ? 'users' : 'groups';
    const known = names?.filter((name) => selectable[collection].has(name)) ?? defaultSelect[collection];
    return [{ '@odata.type': `#microsoft.graph.${type}`, ...shape(object.value, known) }];
  });
  return ok({ '@odata.context': `${call.origin}/v1.0/$metadata#directoryObjects`, ...page(call, rows) });
}

function direct(rooms: Rooms, groupId: string): ReadonlyMap<string, MemberType> {
  const membership = rooms.directory.memberships.get(groupId);
  return membership === undefined ? new Map() : rooms.replica.members(membership);
}

function closure(rooms: Rooms, groupId: string): ReadonlyMap<string, MemberType> {
  const found = new Map<string, MemberType>();
  const waiting = [groupId];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const [member, type] of direct(rooms, id)) {
      if (found.has(member)) continue;
      found.set(member, type);
      if (type === 'group') waiting.push(member);
    }
  }
  return found;
}

function deletedItem(call: Call, rooms: Rooms): Answer {
  const id = call.path[2]?.toLowerCase() ?? '';
  const { users, groups } = rooms.directory;
  rooms.directory.emptyRecycleBin();
  const type = users.has(id) ? 'user' : 'group';
  const cast = call.path[3]?.toLowerCase();
  const version: Version<User> | Version<Group> | undefined = (users.get(id) ?? groups.get(id))?.current;
  if (version?.presence !== 'soft' || (cast !== undefined && cast !== `microsoft.graph.${type}`))
    throw notFound(id);
  const collection = type === 'user' ? 'users' : 'groups';
  const names = select(call.query, selectable[collection], BAD) ?? defaultSelect[collection];
  const deletedDateTime = `${new Date(version.at).toISOString().slice(0, 19)}Z`;
  return ok({
    '@odata.context': `${call.origin}/v1.0/$metadata#directoryObjects/$entity`,
    '@odata.type': `#microsoft.graph.${type}`,
    ...shape(version.value, names),
    deletedDateTime,
  });
}
