import type { Kysely } from 'kysely';
import { linkState } from './codes.ts';
import { restart } from './places.ts';
import type { Session } from './session.ts';
import type { LinksTable, Tables } from './tables.ts';

type PairKey = Pick<LinksTable, 'person' | 'place'>;

/** What is believed to be right and may not be. Anything else is written anew anyhow, or was refused whatever it names. */
const BELIEVED = [linkState.of('known'), linkState.of('settling')];

/** The links of whoever's card names one of these people there: at no revision any more, and their places begin anew. */
export async function doubtReferring(
  db: Kysely<Tables>,
  rows: Session['rows'],
  moved: readonly PairKey[],
): Promise<void> {
  if (moved.length === 0) return;
  const named = rows<PairKey>(
    { person: 'integer', place: 'integer' },
    moved.map(({ person, place }) => ({ person, place })),
  );
  const doubted = await db
    .updateTable('links')
    .set({ revision: 0, fingerprint: null })
    .where('state', 'in', BELIEVED)
    .where((eb) =>
      eb(
        eb.refTuple('person', 'place'),
        'in',
        eb
          .selectFrom(named.as('n'))
          .innerJoin('places as p', 'p.key', 'n.place')
          .innerJoin('cards as c', (join) =>
            join.onRef('c.refers_to', '=', 'n.person').onRef('c.route', '=', 'p.route'),
          )
          .select(['c.person', 'p.key'])
          .$asTuple('person', 'key'),
      ),
    )
    .returning('place')
    .execute();
  if (doubted.length > 0)
    await restart(
      { db, rows },
      doubted.map(({ place }) => place),
      'people',
    );
}
