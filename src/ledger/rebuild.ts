import type { Kysely } from 'kysely';
import type { LinkRecord, Links, Seen } from '../engine/ledger-port.ts';
import { anew } from './anew.ts';
import { addKeys, lookAt } from './book.ts';
import { enter } from './book-meetings.ts';
import { cardColumns, toCard } from './card-row.ts';
import { cardState, fingerprintBytes } from './codes.ts';
import { announce } from './outbox.ts';
import { putLinks } from './put-links.ts';
import { linksOfPlace } from './pairs.ts';
import { meet, namedPeople } from './people.ts';
import type { Session } from './session.ts';
import { stemOf } from './stems.ts';
import type { BookTable } from './tables-of-books.ts';
import type { Tables } from './tables.ts';

interface Rebuild {
  readonly seen: Seen;
  readonly found: Parameters<Links['rebuild']>[1];
  readonly picture: LinkRecord['photo'];
}

/** Nobody's event: it was found, not reported. */
const NO_EVENT = 0;

/**
 * The folder is believed, the ledger is not. An item with the content of its card is right at the card's revision, any
 * other is pending. People without a card are held, so that this very fill leaves them alone, and are looked at afresh.
 * False, and nothing happens, where the place began anew since it was read. Throws when the place is not known.
 */
export async function rebuildPlace(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { seen: { place, epoch }, found, picture }: Rebuild,
): Promise<boolean> {
  const at = await stemOf(db, place);
  if (!at) throw new Error(`Place ${place} is not known: its links cannot be rebuilt.`);
  // First of all, so that nothing else gets a hold of the place until all of this is done.
  const begun = await db
    .updateTable('places')
    .set((eb) => ({ trusted: 1, ...anew(eb) }))
    .where('key', '=', place)
    .where('epoch', '=', epoch)
    .returning('key')
    .execute();
  if (begun.length === 0) return false;
  // Read while the stem is the one that they were written against: with a new one their ids would be others.
  const before = await linksOfPlace(db, { place, cursor: 0, limit: Number.MAX_SAFE_INTEGER });
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
  await db.updateTable('places').set({ stem: null }).where('key', '=', place).execute();
  const cardOf = new Map(cards.map(toCard).map((card) => [card.identity, card]));
  // The first of several items of one identity is linked; the others are the caller's to remove.
  const links = new Map<number, LinkRecord>();
  for (const { identity, item, origin, fingerprint, shared } of found) {
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
      state: shared?.isMisplaced === true ? 'misplaced' : 'known',
      attempted: null,
      // Which one cannot be read without fetching it: it is written once more.
      photo: picture,
    });
  }
  // What we made stands in the folder or nowhere. An adopted item stands anywhere: its link stays, but whether it bears our mark
  // is not known. The next write gives it one, whatever else it holds already; or a look comes before it is let go of.
  // What its owner did not want to have is not made again for that.
  for (const { link } of before) {
    if (!link || links.has(link.person)) continue;
    if (link.origin === 'linked') links.set(link.person, { ...link, fingerprint: null, revision: 0 });
    else if (link.state === 'declined') links.set(link.person, link);
  }
  await putLinks(db, rows, [...links.values()]);
  await enterShared(db, rows, { tenant, place, found, cardOf });
  return true;
}

/** Of contacts that are shared the book is rebuilt as well, and each is looked at: the newest may be this one. */
async function enterShared(
  db: Kysely<Tables>,
  rows: Session['rows'],
  {
    tenant,
    place,
    found,
    cardOf,
  }: {
    tenant: string;
    place: number;
    found: Rebuild['found'];
    cardOf: ReadonlyMap<string, { readonly person: number }>;
  },
): Promise<void> {
  const shared = found.flatMap(({ identity, item, shared }) => {
    const person = cardOf.get(identity)?.person;
    return shared && person !== undefined ? { identity, person, item, ...shared } : [];
  });
  if (shared.length === 0) return;
  const entry = ({ person, item, editedAt }: (typeof shared)[number]): BookTable => {
    return { person, place, item, edited_at: editedAt };
  };
  // Of several that show the same edit it is the one in which it was made: it may be taken back there.
  const { copy = [], made = [] } = Object.groupBy(shared, ({ isCopy }) => (isCopy ? 'copy' : 'made'));
  await enter(db, rows, { entries: copy.map(entry) });
  await enter(db, rows, { entries: made.map(entry), than: '<=' });
  await addKeys(db, rows, { source: tenant, of: shared });
  await lookAt(db, rows, { source: tenant, identities: shared.map(({ identity }) => identity) });
}

async function dropAll(db: Kysely<Tables>, place: number, route: number): Promise<void> {
  await db
    .deleteFrom('links')
    .where('place', '=', place)
    .where((eb) =>
      eb('person', 'in', eb.selectFrom('cards').select('cards.person').where('cards.route', '=', route)),
    )
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
  const cards = rows<Omit<Tables['cards'], 'photo' | 'photo_tag' | 'refers_to'>>(
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
