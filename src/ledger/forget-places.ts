import type { Kysely } from 'kysely';
import { placeState } from './codes.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';
import { keepWaits } from './waits.ts';

/**
 * Forgets those of the places that are leaving, their links with them, and mailboxes that have no place left. Many at a
 * time: the links of a person lie together, so a page that holds several of them is written once.
 */
export async function forgetPlaces(
  db: Kysely<Tables>,
  rows: Session['rows'],
  places: readonly number[],
): Promise<number> {
  const named = rows<{ place: number }>(
    { place: 'integer' },
    places.map((place) => ({ place })),
  );
  // One that became wanted again while it was being closed stays.
  const gone = await db
    .deleteFrom('places')
    .where('key', 'in', (eb) => eb.selectFrom(named.as('n')).select('n.place'))
    .where('state', '=', placeState.of('leaving'))
    .returning(['key', 'mailbox', 'route'])
    .execute();
  for (const [route, ofRoute] of Map.groupBy(gone, (place) => place.route)) {
    const keys = rows<{ place: number }>(
      { place: 'integer' },
      ofRoute.map(({ key }) => ({ place: key })),
    );
    await db
      .deleteFrom('links')
      .where('person', 'in', (eb) =>
        eb.selectFrom('cards').select('cards.person').where('cards.route', '=', route),
      )
      .where('place', 'in', (eb) => eb.selectFrom(keys.as('k')).select('k.place'))
      .execute();
  }
  const keys = rows<{ place: number }>(
    { place: 'integer' },
    gone.map(({ key }) => ({ place: key })),
  );
  for (const notes of ['audits', 'healings', 'book_doubts'] as const) {
    await db
      .deleteFrom(notes)
      .where('place', 'in', (eb) => eb.selectFrom(keys.as('k')).select('k.place'))
      .execute();
  }
  await forgetSetbacks(db, rows, gone);
  const emptied = rows<{ mailbox: number }>(
    { mailbox: 'integer' },
    gone.map(({ mailbox }) => ({ mailbox })),
  );
  const forgotten = await db
    .deleteFrom('mailboxes')
    .where('key', 'in', (eb) => eb.selectFrom(emptied.as('e')).select('e.mailbox'))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb.selectFrom('places').select('places.key').whereRef('places.mailbox', '=', 'mailboxes.key'),
        ),
      ),
    )
    .returning(['tenant', 'owner', 'not_before'])
    .execute();
  await keepWaits(db, rows, forgotten);
  return gone.length;
}

/** What did not succeed there is nobody's business any more. */
async function forgetSetbacks(
  db: Kysely<Tables>,
  rows: Session['rows'],
  gone: readonly { readonly mailbox: number; readonly route: number }[],
): Promise<void> {
  const theirs = rows<{ mailbox: number; route: number }>(
    { mailbox: 'integer', route: 'integer' },
    gone.map(({ mailbox, route }) => ({ mailbox, route })),
  );
  await db
    .deleteFrom('setbacks')
    .where((eb) =>
      eb(
        eb.refTuple('tenant', 'mailbox', 'route'),
        'in',
        eb
          .selectFrom(theirs.as('t'))
          .innerJoin('mailboxes as m', 'm.key', 't.mailbox')
          .innerJoin('routes as r', 'r.key', 't.route')
          .select(['m.tenant', 'm.owner', 'r.id'])
          .$asTuple('tenant', 'owner', 'id'),
      ),
    )
    .execute();
}
