import type { Kysely } from 'kysely';
import type { LinkRecord, Links, SlabView } from '../engine/ledger-port.ts';
import { cardColumns, toCard } from './card-row.ts';
import { doubtReferring } from './doubt-links.ts';
import { linkColumns, unpackLink } from './link-row.ts';
import { countPairs } from './pair-counts.ts';
import { linksOfPlace, pendingPairs } from './pairs.ts';
import { identityRows } from './people.ts';
import { linksOfPerson } from './person-links.ts';
import { dropLinks, putLinks } from './put-links.ts';
import { rebuildPlace } from './rebuild.ts';
import type { Session } from './session.ts';
import { raiseGeneration } from './slabs.ts';
import { stemsOfSlab, type Stem } from './stems.ts';
import type { Tables } from './tables.ts';

export function createLinks(session: Session): Links {
  const { db, rows, read, write, writeAt } = session;
  return {
    inSlab: (tenant, slab, identities) => read((tx) => inSlab(tx, rows, { tenant, slab, identities })),
    pending: (place, cursor, limit) => read((tx) => pendingPairs(tx, { place, cursor, limit })),
    ofPlace: (place, cursor, limit) => read((tx) => linksOfPlace(tx, { place, cursor, limit })),
    adopted: (place, limit) => read((tx) => linksOfPlace(tx, { place, cursor: 0, limit }, 'linked')),
    save: ({ put = [], drop = [], moved = [], bump }) => {
      const places = [...put, ...drop].map(({ place }) => place);
      return writeAt(places, async (tx) => {
        await dropLinks(tx, rows, drop);
        await putLinks(tx, rows, put);
        await doubtReferring(tx, rows, moved);
        return bump ? raiseGeneration(tx, bump) : 0;
      });
    },
    ofPerson: (tenant, identity) => read((tx) => linksOfPerson(tx, { tenant, identity })),
    rebuild: (seen, found, picture = null) => write((tx) => rebuildPlace(tx, rows, { seen, found, picture })),
    lastAttempt: (place) => lastAttempt(db, place),
    count: (route, own) => read((tx) => countPairs(tx, route, own)),
  };
}

async function lastAttempt(db: Kysely<Tables>, place: number): Promise<number | null> {
  const found = await db
    .selectFrom('places as p')
    .innerJoin('cards as c', 'c.route', 'p.route')
    .innerJoin('links as l', (join) => join.onRef('l.person', '=', 'c.person').onRef('l.place', '=', 'p.key'))
    .where('p.key', '=', place)
    .select((eb) => eb.fn.max('l.attempted').as('attempted'))
    .executeTakeFirst();
  return found?.attempted ?? null;
}

async function inSlab(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, slab, identities }: { tenant: string; slab: number; identities: readonly string[] },
): Promise<SlabView> {
  const stems = await stemsOfSlab(db, tenant, slab);
  const routes = rows<{ route: number }>(
    { route: 'integer' },
    Array.from(new Set(stems.map((stem) => stem.route)), (route) => ({ route })),
  );
  const found = await db
    .selectFrom(identityRows(rows, identities).as('w'))
    .crossJoin(routes.as('s'))
    .crossJoin('routes as r')
    .crossJoin('people as p')
    .crossJoin('cards as c')
    .whereRef('r.key', '=', 's.route')
    .whereRef('p.tenant', '=', 'r.source_tenant')
    .whereRef('p.identity', '=', 'w.identity')
    .whereRef('c.route', '=', 'r.key')
    .whereRef('c.person', '=', 'p.key')
    .select(cardColumns)
    .orderBy('c.person')
    .orderBy('c.route')
    .execute();
  const people = new Set(found.map((card) => card.person));
  return { cards: found.map(toCard), links: await linksBetween(db, rows, { people, stems }) };
}

async function linksBetween(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { people, stems }: { people: ReadonlySet<number>; stems: readonly Stem[] },
): Promise<LinkRecord[]> {
  const persons = rows<{ person: number }>(
    { person: 'integer' },
    Array.from(people, (person) => ({ person })),
  );
  const places = rows<{ place: number }>(
    { place: 'integer' },
    stems.map(({ place }) => ({ place })),
  );
  const found = await db
    .selectFrom('links as l')
    .where('l.person', 'in', (eb) => eb.selectFrom(persons.as('w')).select('w.person'))
    .where('l.place', 'in', (eb) => eb.selectFrom(places.as('s')).select('s.place'))
    .select(['l.person', ...linkColumns])
    .orderBy('l.person')
    .orderBy('l.place')
    .execute();
  const stemByPlace = new Map(stems.map(({ place, stem }) => [place, stem]));
  return found.map((row) => unpackLink(row, stemByPlace.get(row.place) ?? null));
}
