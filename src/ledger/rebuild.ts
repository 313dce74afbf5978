import type { ExpressionBuilder, Kysely } from 'kysely';
import type { LinkRecord, Links } from '../engine/ledger-port.ts';
import { cardColumns, toCard } from './card-row.ts';
import { cardState, fingerprintBytes, linkOrigin } from './codes.ts';
import { announce } from './outbox.ts';
import { putLinks } from './put-links.ts';
import { meet, namedPeople } from './people.ts';
import type { Session } from './session.ts';
import { stemOf } from './stems.ts';
import type { Tables } from './tables.ts';

interface Rebuild {
  readonly place: number;
  readonly found: Parameters<Links['rebuild']>[1];
}

/** Nobody's event: it was found, not reported. */
const NO_EVENT = 0;

/**
 * The folder is believed, the ledger is not. An item with the content of its card is right at the card's revision, any
 * other is pending. People without a card are held, so that this very fill leaves them alone, and are looked at afresh.
 * Throws when the place is not known.
 */
export async function rebuildPlace(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { place, found }: Rebuild,
): Promise<void> {
  const at = await stemOf(db, place);
  if (!at) throw new Error(`Place ${place} is not known: its links cannot be rebuilt.`);
  await dropAll(db, place, at.route);
  const { source_tenant: tenant } = await db
    .selectFrom('routes')
    .where('key', '=', at.route)
    .select('source_tenant')
    .executeTakeFirstOrThrow();
  const identities = new Set(found.map((item) => item.identity));
  await meet(db, rows, { tenant, identities });
  await holdStrangers(db, rows, { tenant, route: at.route, identities });
  const cards = await namedPeople(db, rows, { tenant, identities })
    .crossJoin('cards as c')
    .where('c.route', '=', at.route)
    .whereRef('c.person', '=', 'p.key')
    .select(cardColumns)
    .execute();
  await db
    .updateTable('places')
    .set({ stem: null, trusted: 1, filled: 0, cursor: 0 })
    .where('key', '=', place)
    .execute();
  const cardOf = new Map(cards.map(toCard).map((card) => [card.identity, card]));
  // The first of several items of one identity is linked; the others are the caller's to remove.
  const links = new Map<number, LinkRecord>();
  for (const { identity, item, origin, fingerprint } of found) {
    const card = cardOf.get(identity);
    if (!card || links.has(card.person)) continue;
    const revision = card.fingerprint === fingerprint ? card.revision : 0;
    links.set(card.person, {
      person: card.person,
      place,
      item,
      origin,
      fingerprint,
      revision,
      state: 'known',
      attempted: null,
    });
  }
  await putLinks(db, rows, [...links.values()]);
}

/** What we made stands in the folder or nowhere. An adopted item stands anywhere: its link stays, and is proven by the next write. */
async function dropAll(db: Kysely<Tables>, place: number, route: number): Promise<void> {
  const ofRoute = (eb: ExpressionBuilder<Tables, 'links'>) =>
    eb('person', 'in', eb.selectFrom('cards').select('cards.person').where('cards.route', '=', route));
  await db
    .deleteFrom('links')
    .where('place', '=', place)
    .where('origin', '=', linkOrigin.of('created'))
    .where(ofRoute)
    .execute();
  await db
    .updateTable('links')
    .set({ revision: 0 })
    .where('place', '=', place)
    .where('origin', '=', linkOrigin.of('linked'))
    .where(ofRoute)
    .execute();
}

/** A held card, taken for fanned out, and a look for everybody who has no card in the route. */
async function holdStrangers(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, route, identities }: { tenant: string; route: number; identities: Iterable<string> },
): Promise<void> {
  const strangers = await namedPeople(db, rows, { tenant, identities })
    .leftJoin('cards as c', (join) => join.onRef('c.person', '=', 'p.key').on('c.route', '=', route))
    .where('c.person', 'is', null)
    .select(['p.key as person', 'p.identity'])
    .orderBy('p.key')
    .execute();
  if (strangers.length === 0) return;
  const cards = rows<Tables['cards']>(
    {
      route: 'integer',
      person: 'integer',
      fingerprint: 'bytes',
      revision: 'integer',
      fanned_out: 'integer',
      state: 'integer',
    },
    strangers.map(({ person }) => ({
      route,
      person,
      fingerprint: fingerprintBytes(''),
      revision: 1,
      fanned_out: 1,
      state: cardState.of('held'),
    })),
  );
  const columns = ['route', 'person', 'fingerprint', 'revision', 'fanned_out', 'state'] as const;
  await db
    .insertInto('cards')
    .columns(columns)
    .expression((eb) => eb.selectFrom(cards.as('n')).select(columns))
    .execute();
  await announce(
    db,
    rows,
    strangers.map(({ identity }) => ({
      kind: 'user',
      tenant,
      id: identity,
      cause: 'membership',
      at: NO_EVENT,
    })),
  );
}
