import type { Kysely } from 'kysely';
import type { Pair } from '../engine/ledger-port.ts';
import type { LinkOrigin } from '../engine/ports.ts';
import { cardColumns, toCard } from './card-row.ts';
import { cardState, fingerprintBytes, linkOrigin, linkState } from './codes.ts';
import { linkColumns, unpackLink } from './link-row.ts';
import { stemOf } from './stems.ts';
import type { Tables } from './tables.ts';

/** The next `limit` people of a place after the person `cursor`. */
export interface Page {
  readonly place: number;
  readonly cursor: number;
  readonly limit: number;
}

/** People whose item in the place is not known to be right. Walks the cards of the route: links have no order by place. */
export async function pendingPairs(db: Kysely<Tables>, { place, cursor, limit }: Page): Promise<Pair[]> {
  const at = await stemOf(db, place);
  if (!at) return [];
  const found = await db
    .selectFrom('cards as c')
    .leftJoin('links as l', (join) => join.onRef('l.person', '=', 'c.person').on('l.place', '=', place))
    .innerJoin('people as p', 'p.key', 'c.person')
    .where('c.route', '=', at.route)
    .where('c.person', '>', cursor)
    .where((eb) => {
      const shown = eb('c.state', '=', cardState.of('shown'));
      const linked = eb('l.place', 'is not', null);
      const unlinked = eb('l.place', 'is', null);
      const atRevision = eb('l.revision', '=', eb.ref('c.revision'));
      const right = eb.and([
        eb('l.state', '=', linkState.of('known')),
        eb('l.item', 'is not', null),
        atRevision,
        eb('l.photo', 'is not distinct from', eb.ref('c.photo')),
      ]);
      const refused = eb.and([eb('l.state', '=', linkState.of('refused')), atRevision]);
      const settled = eb.or([right, refused, eb('l.state', '=', linkState.of('declined'))]);
      return eb.or([
        eb.and([shown, eb.or([unlinked, eb.not(settled)])]),
        eb.and([eb('c.state', '=', cardState.of('gone')), linked, eb.not(refused)]),
        eb.and([
          eb('c.state', '=', cardState.of('held')),
          eb('c.fingerprint', '!=', fingerprintBytes('')),
          linked,
          eb.not(settled),
        ]),
      ]);
    })
    .select([...cardColumns, ...linkColumns])
    .orderBy('c.person')
    .limit(limit)
    .execute();
  return found.map((row) => {
    const { origin, linkRevision, linkState } = row;
    const linked = row.place !== null && origin !== null && linkRevision !== null && linkState !== null;
    const link = linked ? unpackLink({ ...row, place, origin, linkRevision, linkState }, at.stem) : null;
    return { card: toCard(row), link };
  });
}

/** Links of the place, whatever their cards; only those to items of the given origin when there is one. */
export async function linksOfPlace(
  db: Kysely<Tables>,
  { place, cursor, limit }: Page,
  origin?: LinkOrigin,
): Promise<Pair[]> {
  const at = await stemOf(db, place);
  if (!at) return [];
  const found = await db
    .selectFrom('cards as c')
    .innerJoin('links as l', (join) => join.onRef('l.person', '=', 'c.person').on('l.place', '=', place))
    .innerJoin('people as p', 'p.key', 'c.person')
    .where('c.route', '=', at.route)
    .where('c.person', '>', cursor)
    .$if(origin !== undefined, (query) => query.where('l.origin', '=', linkOrigin.of(origin ?? 'created')))
    .select([...cardColumns, ...linkColumns])
    .orderBy('c.person')
    .limit(limit)
    .execute();
  return found.map((row) => ({ card: toCard(row), link: unpackLink(row, at.stem) }));
}
