import { ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { select } from '../http/odata.ts';
import type { Route } from '../http/router.ts';
import { groupMembers, unitMembers } from './members.ts';
import type { Group, User, Version } from './objects.ts';
import { BAD, entity, list, notFound, read, shape, type Rooms } from './read.ts';
import { defaultSelect, selectable } from './selectable.ts';

/** Application permissions, any one of which will do (learn.microsoft.com/graph/permissions-reference). */
const PEOPLE = ['User.Read.All'];
const GROUPS = ['Group.Read.All'];
/** Members are also listed to whoever may only see who belongs where. */
const MEMBERS = ['Group.Read.All', 'GroupMember.Read.All'];
const CONTACTS = ['OrgContact.Read.All'];
const UNITS = ['AdministrativeUnit.Read.All'];

/** People, groups, their members, contacts of the organisation, administrative units, and delta of all of them. */
export function directoryRoutes(rooms: Rooms): Route[] {
  const { delta } = rooms;
  const unit = 'directory/administrativeUnits';
  return [
    { operation: 'GET users/delta', needs: PEOPLE, handle: (call) => delta.answer(call, 'users') },
    { operation: 'GET groups/delta', needs: MEMBERS, handle: (call) => delta.answer(call, 'groups') },
    { operation: 'GET contacts/delta', needs: CONTACTS, handle: (call) => delta.answer(call, 'contacts') },
    {
      operation: `GET ${unit}/delta`,
      needs: UNITS,
      handle: (call) => delta.answer(call, 'administrativeUnits'),
    },
    { operation: 'GET users', needs: PEOPLE, handle: (call) => list(call, rooms, 'users') },
    { operation: 'GET groups', needs: GROUPS, handle: (call) => list(call, rooms, 'groups') },
    { operation: 'GET contacts', needs: CONTACTS, handle: (call) => list(call, rooms, 'contacts') },
    { operation: `GET ${unit}`, needs: UNITS, handle: (call) => list(call, rooms, 'administrativeUnits') },
    { operation: 'GET users/{id}', needs: PEOPLE, handle: (call) => ok(person(call, rooms)) },
    { operation: 'GET users/{id}/manager', needs: PEOPLE, handle: (call) => ok(managerOf(call, rooms)) },
    { operation: 'GET groups/{id}', needs: GROUPS, handle: (call) => one(call, rooms, 'groups') },
    { operation: 'GET contacts/{id}', needs: CONTACTS, handle: (call) => one(call, rooms, 'contacts') },
    {
      operation: `GET ${unit}/{id}`,
      needs: UNITS,
      handle: (call) => one(call, rooms, 'administrativeUnits'),
    },
    ...['', '/{cast}'].flatMap((cast) => [
      {
        operation: `GET groups/{id}/members${cast}`,
        needs: MEMBERS,
        handle: (call: Call) => groupMembers(call, rooms, false),
      },
      {
        operation: `GET groups/{id}/transitiveMembers${cast}`,
        needs: MEMBERS,
        handle: (call: Call) => groupMembers(call, rooms, true),
      },
      {
        operation: `GET ${unit}/{id}/members${cast}`,
        needs: UNITS,
        handle: (call: Call) => unitMembers(call, rooms),
      },
      {
        operation: `GET directory/deletedItems/{id}${cast}`,
        needs: (call: Call) => deletedNeeds(call, rooms),
        handle: (call: Call) => deletedItem(call, rooms),
      },
    ]),
  ];
}

function one(call: Call, rooms: Rooms, collection: 'groups' | 'contacts' | 'administrativeUnits'): Answer {
  const id = collection === 'administrativeUnits' ? call.path[2] : call.path[1];
  return ok(entity(call, collection, read(rooms, collection, id)));
}

/** One person, with the manager where `$expand` asks for it. */
function person(call: Call, rooms: Rooms): Record<string, unknown> {
  const user = read(rooms, 'users', call.path[1]);
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
  const user = read(rooms, 'users', call.path[1]);
  const manager = read(rooms, 'users', user.manager ?? '');
  return { '@odata.type': '#microsoft.graph.user', ...entity(call, 'users', manager) };
}

/** It depends on what was deleted (learn.microsoft.com/graph/api/directory-deleteditems-get); of nobody known, either may ask. */
function deletedNeeds(call: Call, { directory }: Rooms): readonly string[] {
  const id = call.path[2]?.toLowerCase() ?? '';
  if (directory.users.has(id)) return PEOPLE;
  return directory.groups.has(id) ? GROUPS : [...PEOPLE, ...GROUPS];
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
