import type { Kysely } from 'kysely';
import type { Places, PlaceState, Seen } from '../engine/ledger-port.ts';
import { anew } from './anew.ts';
import { flag, mailboxState, placeState } from './codes.ts';
import { addToCounter } from './counters.ts';
import { forgetPlaces } from './forget-places.ts';
import type { Session } from './session.ts';
import type { PlacesTable, Tables } from './tables.ts';

export function createPlaces(session: Session): Places {
  const { db, write, writeAt } = session;
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
        .select(['p.key as place', 'p.epoch', 'p.route', 'r.id as routeId', 'r.folder as routeFolder'])
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
    update: async (changes) => {
      // Nearly every turn has nothing to say of something.
      if (changes.length === 0) return new Set();
      const places = changes.map(({ place }) => place);
      return writeAt(places, (tx) => update(tx, session.rows, changes));
    },
    restart: (places, from) => restart(session, places, from),
    forget: (places, tally = []) =>
      write(async (tx) => {
        const forgotten = await forgetPlaces(tx, session.rows, places);
        for (const name of tally) await addToCounter(tx, name, forgotten);
        return forgotten;
      }),
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
    .set((eb) => ({ state: placeState.of('leaving'), ...anew(eb) }))
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

type StateRow = Pick<PlacesTable, Exclude<keyof PlacesTable, 'key' | 'mailbox' | 'route' | 'stem' | 'epoch'>>;

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

export async function restart(
  { db, rows }: Pick<Session, 'db' | 'rows'>,
  places: readonly number[],
  from: Parameters<Places['restart']>[1],
): Promise<void> {
  const named = rows<{ place: number }>(
    { place: 'integer' },
    Array.from(new Set(places), (place) => ({ place })),
  );
  await db
    .updateTable('places')
    .set((eb) => ({ ...anew(eb), ...(from === 'folder' ? { folder: null, trusted: 0 } : {}) }))
    .where('key', 'in', (eb) => eb.selectFrom(named.as('n')).select('n.place'))
    .execute();
}

async function update(
  db: Kysely<Tables>,
  rows: Session['rows'],
  changes: Parameters<Places['update']>[0],
): Promise<ReadonlySet<number>> {
  const named = rows<{ place: number }>(
    { place: 'integer' },
    changes.map(({ place }) => ({ place })),
  );
  const known = await db
    .selectFrom('places as p')
    .where('p.key', 'in', (eb) => eb.selectFrom(named.as('n')).select('n.place'))
    .select(['p.key as place', 'p.epoch', ...stateColumns])
    .execute();
  const states = new Map(known.map((row) => [row.place, { epoch: row.epoch, state: toState(row) }]));
  const next = new Map<number, Seen & { state: PlaceState }>();
  for (const { place, epoch, ...change } of changes) {
    const now = states.get(place);
    if (now?.epoch !== epoch) continue;
    next.set(place, { place, epoch, state: { ...(next.get(place)?.state ?? now.state), ...change } });
  }
  const changed = rows<StateRow & Seen>(
    {
      place: 'integer',
      epoch: 'integer',
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
    Array.from(next.values(), ({ state, ...seen }) => ({ ...seen, ...fromState(state) })),
  );
  const updated = await db
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
    // Once more, where another transaction may have come in between.
    .whereRef('places.epoch', '=', 'c.epoch')
    .returning('places.key')
    .execute();
  return new Set(updated.map(({ key }) => key));
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
