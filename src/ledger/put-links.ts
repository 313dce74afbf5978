import type { Kysely } from 'kysely';
import type { LinkRecord } from '../engine/ledger-port.ts';
import { packLink } from './link-row.ts';
import type { Session } from './session.ts';
import { learnStems } from './stems.ts';
import type { LinksTable, Tables } from './tables.ts';

/** Throws when a place is not known. */
export async function putLinks(
  db: Kysely<Tables>,
  rows: Session['rows'],
  put: readonly LinkRecord[],
): Promise<void> {
  if (put.length === 0) return;
  const stems = await learnStems(db, rows, put);
  const latest = new Map(put.map((link) => [`${link.person}|${link.place}`, link]));
  const packed = rows<LinksTable>(
    {
      person: 'integer',
      place: 'integer',
      item: 'bytes',
      origin: 'integer',
      fingerprint: 'bytes',
      revision: 'integer',
      state: 'integer',
      attempted: 'integer',
    },
    Array.from(latest.values(), (link) => packLink(link, stems.get(link.place) ?? null)),
  );
  const columns = [
    'person',
    'place',
    'item',
    'origin',
    'fingerprint',
    'revision',
    'state',
    'attempted',
  ] as const;
  await db
    .insertInto('links')
    .columns(columns)
    .expression((eb) => eb.selectFrom(packed.as('n')).select(columns).where(eb.lit(true)))
    .onConflict((conflict) =>
      conflict.columns(['person', 'place']).doUpdateSet((eb) => ({
        item: eb.ref('excluded.item'),
        origin: eb.ref('excluded.origin'),
        fingerprint: eb.ref('excluded.fingerprint'),
        revision: eb.ref('excluded.revision'),
        state: eb.ref('excluded.state'),
        attempted: eb.ref('excluded.attempted'),
      })),
    )
    .execute();
}

type PairKey = Pick<LinksTable, 'person' | 'place'>;

export async function dropLinks(
  db: Kysely<Tables>,
  rows: Session['rows'],
  drop: readonly PairKey[],
): Promise<void> {
  if (drop.length === 0) return;
  const dropped = rows<PairKey>(
    { person: 'integer', place: 'integer' },
    drop.map(({ person, place }) => ({ person, place })),
  );
  await db
    .deleteFrom('links')
    .where((eb) =>
      eb(
        eb.refTuple('person', 'place'),
        'in',
        eb.selectFrom(dropped.as('d')).select(['d.person', 'd.place']).$asTuple('person', 'place'),
      ),
    )
    .execute();
}
