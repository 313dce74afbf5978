import type { ExpressionBuilder, Kysely } from 'kysely';
import { cardState, fingerprintBytes, linkState, placeState } from './codes.ts';
import type { CardsTable, LinksTable, PlacesTable, Tables } from './tables.ts';

/** One link with its card and its place, under the letters that all statements here give them. */
type Named = Tables & { c: CardsTable; l: LinksTable; p: PlacesTable };

/** The item is what it should be for now, which is always true of people whose removal is held and who cannot be read. */
function isRight(eb: ExpressionBuilder<Named, 'c' | 'l' | 'p'>) {
  const declined = eb.and([
    eb('l.state', '=', linkState.of('declined')),
    eb('p.state', '=', placeState.of('active')),
    eb('c.state', '!=', cardState.of('gone')),
  ]);
  const isThere = eb.and([
    eb('l.state', '=', linkState.of('known')),
    eb('l.item', 'is not', null),
    eb('p.state', '=', placeState.of('active')),
    eb.or([
      eb.and([eb('c.state', '=', cardState.of('held')), eb('c.fingerprint', '=', fingerprintBytes(''))]),
      eb.and([
        eb('c.state', '!=', cardState.of('gone')),
        eb('l.revision', '=', eb.ref('c.revision')),
        eb('l.photo', 'is not distinct from', eb.ref('c.photo')),
      ]),
    ]),
  ]);
  return eb.or([isThere, declined]);
}

/** Somebody who is shown, in a place that stays: a link that has to be there. */
function isWanted(eb: ExpressionBuilder<Named, 'c' | 'l' | 'p'>) {
  return eb.and([eb('p.state', '=', placeState.of('active')), eb('c.state', '=', cardState.of('shown'))]);
}

function linksOf(db: Kysely<Tables>, route: number) {
  return db
    .selectFrom('cards as c')
    .innerJoin('links as l', 'l.person', 'c.person')
    .innerJoin('places as p', 'p.key', 'l.place')
    .where('c.route', '=', route)
    .where('p.route', '=', route);
}

/**
 * Pairs of the route that are right, and those that are not: what is linked and not as it should be, and what should be
 * linked and is not. The latter are counted as a difference: a statement that looks for what is missing would look at
 * everybody in every place.
 */
export async function countPairs(
  db: Kysely<Tables>,
  route: number,
  own: boolean,
): Promise<{ right: number; behind: number }> {
  const { total, right, wanted } = await linksOf(db, route)
    .select((eb) => [
      eb.fn.countAll<number>().as('total'),
      eb.fn.countAll<number>().filterWhere(isRight(eb)).as('right'),
      eb.fn.countAll<number>().filterWhere(isWanted(eb)).as('wanted'),
    ])
    .executeTakeFirstOrThrow();
  const places = await activePlaces(db, route);
  const shown = await shownIn(db, route);
  const unwanted = own ? 0 : (await unlinkedOwners(db, route)).size;
  return { right, behind: total - right + shown * places.length - wanted - unwanted };
}

/** Pairs that are not right, by place; a place of which none is known is not in the answer. */
export async function behindByPlace(
  db: Kysely<Tables>,
  route: number,
  own: boolean,
): Promise<ReadonlyMap<number, number>> {
  const found = await linksOf(db, route)
    .where('p.state', '=', placeState.of('active'))
    .select((eb) => [
      'l.place',
      eb.fn.countAll<number>().as('total'),
      eb.fn.countAll<number>().filterWhere(isRight(eb)).as('right'),
      eb.fn.countAll<number>().filterWhere(isWanted(eb)).as('wanted'),
    ])
    .groupBy('l.place')
    .execute();
  const linked = new Map(found.map((row) => [row.place, row]));
  const shown = await shownIn(db, route);
  const unwanted = own ? new Set<number>() : await unlinkedOwners(db, route);
  const behind = new Map<number, number>();
  for (const place of await activePlaces(db, route)) {
    const { total, right, wanted } = linked.get(place) ?? { total: 0, right: 0, wanted: 0 };
    const number = total - right + shown - wanted - (unwanted.has(place) ? 1 : 0);
    if (number > 0) behind.set(place, number);
  }
  return behind;
}

async function activePlaces(db: Kysely<Tables>, route: number): Promise<number[]> {
  const found = await db
    .selectFrom('places')
    .where('route', '=', route)
    .where('state', '=', placeState.of('active'))
    .select('key')
    .execute();
  return found.map(({ key }) => key);
}

async function shownIn(db: Kysely<Tables>, route: number): Promise<number> {
  const { people } = await db
    .selectFrom('cards')
    .where('route', '=', route)
    .where('state', '=', cardState.of('shown'))
    .select((eb) => eb.fn.countAll<number>().as('people'))
    .executeTakeFirstOrThrow();
  return people;
}

/** Places whose owners are shown, but not to themselves: that is no gap. */
async function unlinkedOwners(db: Kysely<Tables>, route: number): Promise<ReadonlySet<number>> {
  const found = await db
    .selectFrom('places as p')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .innerJoin('routes as r', 'r.key', 'p.route')
    .innerJoin('people as q', (join) =>
      join.onRef('q.tenant', '=', 'r.source_tenant').onRef('q.identity', '=', 'm.owner'),
    )
    .innerJoin('cards as c', (join) => join.onRef('c.route', '=', 'p.route').onRef('c.person', '=', 'q.key'))
    .leftJoin('links as l', (join) => join.onRef('l.person', '=', 'q.key').onRef('l.place', '=', 'p.key'))
    .where('p.route', '=', route)
    .where('p.state', '=', placeState.of('active'))
    .where('c.state', '=', cardState.of('shown'))
    .where('l.place', 'is', null)
    .select('p.key')
    .execute();
  return new Set(found.map(({ key }) => key));
}
