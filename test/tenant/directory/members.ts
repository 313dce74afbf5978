import { ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { select } from '../http/odata.ts';
import type { Membership } from './history.ts';
import { typeOf, type Collection, type DirectoryObject, type MemberType } from './objects.ts';
import { BAD, page, read, shape, storeOf, type Rooms } from './read.ts';
import { defaultSelect, selectable } from './selectable.ts';

/** Devices are in no collection here: all that is known of one is its id. */
const COLLECTIONS = {
  user: 'users',
  group: 'groups',
  orgContact: 'contacts',
  device: null,
} as const satisfies Record<MemberType, Collection | null>;
const selectableOfMembers = new Set(
  Object.values(COLLECTIONS).flatMap((name) => (name === null ? [] : [...selectable[name]])),
);

/** Direct members, or the closure of nested groups, flat and without a loop. */
export function groupMembers(call: Call, rooms: Rooms, transitive: boolean): Answer {
  const group = read(rooms, 'groups', call.path[1]);
  const found = transitive
    ? closure(rooms, group.id)
    : direct(rooms, rooms.directory.memberships.get(group.id));
  return members(call, rooms, { found, cast: castOf(call, 3) });
}

export function unitMembers(call: Call, rooms: Rooms): Answer {
  const unit = read(rooms, 'administrativeUnits', call.path[2]);
  const found = direct(rooms, rooms.directory.units.memberships.get(unit.id));
  return members(call, rooms, { found, cast: castOf(call, 4) });
}

function castOf(call: Call, at: number): MemberType | undefined {
  const text = call.path[at]?.toLowerCase();
  if (text === undefined) return undefined;
  const cast = (Object.keys(COLLECTIONS) as MemberType[]).find(
    (type) => `microsoft.graph.${type.toLowerCase()}` === text,
  );
  if (cast === undefined) throw new Refusal(400, BAD, 'Unknown cast.');
  if (call.headers['consistencylevel']?.toLowerCase() !== 'eventual' && call.query.size > 0) {
    throw new Refusal(
      400,
      'Request_UnsupportedQuery',
      'A cast with query options needs ConsistencyLevel: eventual.',
    );
  }
  return cast;
}

function members(
  call: Call,
  rooms: Rooms,
  what: { found: ReadonlyMap<string, MemberType>; cast: MemberType | undefined },
): Answer {
  const names = select(call.query, selectableOfMembers, BAD);
  const rows = [...what.found].flatMap(([id, type]) => {
    if (what.cast !== undefined && what.cast !== type) return [];
    const collection = COLLECTIONS[type];
    if (collection === null) return [{ '@odata.type': `#microsoft.graph.${type}`, id }];
    const object = storeOf(rooms, collection).get(id)?.current;
    if (object?.presence !== 'live') return [];
    const known = names?.filter((name) => selectable[collection].has(name)) ?? defaultSelect[collection];
    const value: DirectoryObject = object.value;
    return [{ '@odata.type': `#microsoft.graph.${typeOf[collection]}`, ...shape(value, known) }];
  });
  return ok({ '@odata.context': `${call.origin}/v1.0/$metadata#directoryObjects`, ...page(call, rows) });
}

function direct(rooms: Rooms, membership: Membership | undefined): ReadonlyMap<string, MemberType> {
  return membership === undefined ? new Map() : rooms.replica.members(membership);
}

function closure(rooms: Rooms, groupId: string): ReadonlyMap<string, MemberType> {
  const found = new Map<string, MemberType>();
  const waiting = [groupId];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const [member, type] of direct(rooms, rooms.directory.memberships.get(id))) {
      if (found.has(member)) continue;
      found.set(member, type);
      if (type === 'group') waiting.push(member);
    }
  }
  return found;
}
