import type { Kysely } from 'kysely';
import type { Places, PlaceState } from '../engine/ledger-port.ts';
import { flag, mailboxState, placeState } from './codes.ts';
import { forgetPlaces } from './forget-places.ts';
import type { Session } from './session.ts';
import type { PlacesTable, Tables } from './tables.ts';

export function createPlaces(session: Session): Places {
  const { db, write } = session;
  return {
    ofSlab: async (tenant, slab) => {
      const rows = await db
        .selectFrom('mailboxes as m')
        .innerJoin('places as p', 'p.mailbox', 'm.key')
        .innerJoin('routes as r', 'r.key', 'p.route')
        .leftJoin('slabs as s', (join) =>
          join.onRef('s.tenant', '=', 'm.tenant').onRef('s.slab', '=', 'm.slab'),
        )
        .where('m.tenant', '=', tenant)
        .where('m.slab', '=', slab)
        .select(stateColumns)
        .select(['p.key as place', 'p.route', 'r.id as routeId', 'r.folder as routeFolder'])
        .select([
          'm.owner',
          'm.state as mailboxState',
          'm.not_before as notBefore',
          's.distrusted',
          'm.troubled_since as troubledSince',
        ])
        .orderBy('p.key')
        .execute();
      return rows.map((row) => ({
        ...row,
        ...toState(row),
        mailboxState: mailboxState.word(row.mailboxState),
      }));
    },
    update: (changes) => write((tx) => update(tx, session.rows, changes)),
    forget: (places) => write((tx) => forgetPlaces(tx, session.rows, places)),
    unfilledSlabs: () =>
      db
        .selectFrom('places as p')
        .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
        .innerJoin('routes as r', 'r.key', 'p.route')
        .where((eb) =>
          eb.or([
            eb('p.filled', '=', 0),
            eb('p.state', '=', placeState.of('leaving')),
            eb('p.trusted', '=', 0),
            eb('p.name', 'is distinct from', eb.ref('r.folder')),
          ]),
        )
        .select(['m.tenant', 'm.slab'])
        .distinct()
        .orderBy('m.tenant')
        .orderBy('m.slab')
        .execute(),
    count: (route, state = 'active') => count(db, route, state),
    beyond: (route, first) => beyond(db, route, first),
    leaveAll: (route) => write((tx) => leaveAll(tx, route)),
  };
}

async function beyond(db: Kysely<Tables>, route: number, first: number): Promise<string[]> {
  const found = await db
    .selectFrom('places as p')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .where('p.route', '=', route)
    .where('p.state', '=', placeState.of('active'))
    .select('m.owner')
    .orderBy('p.key')
    // SQLite takes an offset only beside a limit.
    .limit(Number.MAX_SAFE_INTEGER)
    .offset(first)
    .execute();
  return found.map(({ owner }) => owner);
}

async function leaveAll(db: Kysely<Tables>, route: number): Promise<{ tenant: string; slab: number }[]> {
  await beginLeaving(db, route);
  return db
    .selectFrom('places as p')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .where('p.route', '=', route)
    .select(['m.tenant', 'm.slab'])
    .distinct()
    .orderBy('m.tenant')
    .orderBy('m.slab')
    .execute();
}

/** Active places of the route begin to leave, from their first link on; those that leave already keep their progress. */
export async function beginLeaving(db: Kysely<Tables>, route: number, mailbox?: number): Promise<void> {
  await db
    .updateTable('places')
    .set({ state: placeState.of('leaving'), filled: 0, cursor: 0, dirty: 0 })
    .where('route', '=', route)
    .where('state', '=', placeState.of('active'))
    .$if(mailbox !== undefined, (query) => query.where('mailbox', '=', mailbox ?? 0))
    .execute();
}

const stateColumns = [
  'p.folder',
  'p.name',
  'p.state',
  'p.trusted',
  'p.filled',
  'p.cursor',
  'p.dirty',
  'p.attempted',
  'p.adopted',
] as const;

type StateRow = Pick<PlacesTable, Exclude<keyof PlacesTable, 'key' | 'mailbox' | 'route' | 'stem'>>;

function toState(row: StateRow): PlaceState {
  const { folder, name, cursor, attempted } = row;
  return {
    folder,
    name,
    cursor,
    attempted,
    state: placeState.word(row.state),
    trusted: row.trusted === 1,
    filled: row.filled === 1,
    dirty: row.dirty === 1,
    adopted: row.adopted === 1,
  };
}

function fromState(state: PlaceState): StateRow {
  const { folder, name, cursor, attempted } = state;
  return {
    folder,
    name,
    cursor,
    attempted,
    state: placeState.of(state.state),
    trusted: flag(state.trusted),
    filled: flag(state.filled),
    dirty: flag(state.dirty),
    adopted: flag(state.adopted),
  };
}

async function update(
  db: Kysely<Tables>,
  rows: Session['rows'],
  changes: Parameters<Places['update']>[0],
): Promise<void> {
  const named = rows<{ place: number }>(
    { place: 'integer' },
    changes.map(({ place }) => ({ place })),
  );
  const known = await db
    .selectFrom('places as p')
    .where('p.key', 'in', (eb) => eb.selectFrom(named.as('n')).select('n.place'))
    .select(['p.key as place', ...stateColumns])
    .execute();
  const states = new Map(known.map((row) => [row.place, toState(row)]));
  for (const { place, ...change } of changes) {
    const state = states.get(place);
    if (state) states.set(place, { ...state, ...change });
  }
  const changed = rows<StateRow & { place: number }>(
    {
      place: 'integer',
      folder: 'text',
      name: 'text',
      state: 'integer',
      trusted: 'integer',
      filled: 'integer',
      cursor: 'integer',
      dirty: 'integer',
      attempted: 'integer',
      adopted: 'integer',
    },
    Array.from(states, ([place, state]) => ({ place, ...fromState(state) })),
  );
  await db
    .updateTable('places')
    .from(changed.as('c'))
    .set((eb) => ({
      folder: eb.ref('c.folder'),
      name: eb.ref('c.name'),
      state: eb.ref('c.state'),
      trusted: eb.ref('c.trusted'),
      filled: eb.ref('c.filled'),
      cursor: eb.ref('c.cursor'),
      dirty: eb.ref('c.dirty'),
      attempted: eb.ref('c.attempted'),
      adopted: eb.ref('c.adopted'),
    }))
    .whereRef('places.key', '=', 'c.place')
    .execute();
}

async function count(db: Kysely<Tables>, route: number, state: PlaceState['state']): Promise<number> {
  const { places } = await db
    .selectFrom('places')
    .where('route', '=', route)
    .where('state', '=', placeState.of(state))
    .select((eb) => eb.fn.countAll<number>().as('places'))
    .executeTakeFirstOrThrow();
  return places;
}
