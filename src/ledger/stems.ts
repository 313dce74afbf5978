import type { Kysely } from 'kysely';
import type { LinkRecord } from '../engine/ledger-port.ts';
import { canBeStem } from './item-id.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/** A place and the item id that its links' ids are stored against. */
export interface Stem {
  readonly place: number;
  readonly route: number;
  readonly stem: string | null;
}

export function stemsOfSlab(db: Kysely<Tables>, tenant: string, slab: number): Promise<Stem[]> {
  return db
    .selectFrom('mailboxes as m')
    .innerJoin('places as p', 'p.mailbox', 'm.key')
    .where('m.tenant', '=', tenant)
    .where('m.slab', '=', slab)
    .select(['p.key as place', 'p.route', 'p.stem'])
    .execute();
}

export function stemOf(db: Kysely<Tables>, place: number): Promise<Stem | undefined> {
  return db
    .selectFrom('places as p')
    .where('p.key', '=', place)
    .select(['p.key as place', 'p.route', 'p.stem'])
    .executeTakeFirst();
}

/**
 * The stems of the places of these links. A place without one takes the first item id that is stored in it, and keeps
 * it while it has links. Throws when a place is not known: a link without a place could never be found again.
 */
export async function learnStems(
  db: Kysely<Tables>,
  rows: Session['rows'],
  links: readonly Pick<LinkRecord, 'place' | 'item'>[],
): Promise<ReadonlyMap<number, string | null>> {
  const places = new Set(links.map((link) => link.place));
  const named = rows<{ place: number }>(
    { place: 'integer' },
    Array.from(places, (place) => ({ place })),
  );
  const known = await db
    .selectFrom('places as p')
    .where('p.key', 'in', (eb) => eb.selectFrom(named.as('n')).select('n.place'))
    .select(['p.key as place', 'p.stem'])
    .execute();
  const stems = new Map(known.map(({ place, stem }) => [place, stem]));
  const stranger = [...places].find((place) => !stems.has(place));
  if (stranger !== undefined) throw new Error(`Place ${stranger} is not known: its links cannot be stored.`);
  const learnt = new Map<number, string>();
  for (const { place, item } of links) {
    if (item === null || stems.get(place) !== null || !canBeStem(item)) continue;
    stems.set(place, item);
    learnt.set(place, item);
  }
  await keepStems(db, rows, learnt);
  return stems;
}

async function keepStems(
  db: Kysely<Tables>,
  rows: Session['rows'],
  learnt: ReadonlyMap<number, string>,
): Promise<void> {
  if (learnt.size === 0) return;
  const listed = rows<{ place: number; stem: string }>(
    { place: 'integer', stem: 'text' },
    Array.from(learnt, ([place, stem]) => ({ place, stem })),
  );
  await db
    .updateTable('places')
    .from(listed.as('l'))
    .set((eb) => ({ stem: eb.ref('l.stem') }))
    .whereRef('places.key', '=', 'l.place')
    .execute();
}
