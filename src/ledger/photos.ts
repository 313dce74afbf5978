import type { Kysely } from 'kysely';
import type { PhotoBook, PhotoFinding, PhotoRecord } from '../engine/ledger-books.ts';
import type { CardRecord } from '../engine/ledger-port.ts';
import { cardColumns, toCard } from './card-row.ts';
import { cardState, fingerprintBytes, fingerprintText } from './codes.ts';
import { namedPeople } from './people.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createPhotos({ db, rows, write }: Session): PhotoBook {
  return {
    of: (tenant, identities) => photosOf(db, rows, { tenant, identities }),
    record: (tenant, findings) => write((tx) => recordPhotos(tx, rows, { tenant, findings })),
    doubt: async (route, person) => {
      await db
        .updateTable('cards')
        .set({ photo_tag: null })
        .where('route', '=', route)
        .where('person', '=', person)
        .execute();
    },
    forget: (route) => write((tx) => forgetPhotos(tx, route)),
  };
}

/** What was last seen of the pictures of people who are shown, or whose removal is held. */
async function photosOf(
  db: Kysely<Tables>,
  rows: Session['rows'],
  named: { tenant: string; identities: readonly string[] },
): Promise<PhotoRecord[]> {
  const found = await namedPeople(db, rows, named)
    .crossJoin('cards as c')
    .whereRef('c.person', '=', 'p.key')
    .where('c.state', '!=', cardState.of('gone'))
    .innerJoin('routes as r', 'r.key', 'c.route')
    .where('r.source_tenant', '=', named.tenant)
    .select(['p.identity', 'c.route', 'c.photo', 'c.photo_tag as tag'])
    .orderBy('c.person')
    .orderBy('c.route')
    .execute();
  return found.map(({ identity, route, photo, tag }) => ({
    identity,
    route,
    photo: text(photo),
    tag: text(tag),
  }));
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : fingerprintText(bytes);
}

/** A picture that is another raises the revision, so that it is fanned out like any other change of the card. */
async function recordPhotos(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, findings }: { tenant: string; findings: readonly PhotoFinding[] },
): Promise<CardRecord[]> {
  const changed: CardRecord[] = [];
  const before = await photosOf(db, rows, { tenant, identities: findings.map(({ identity }) => identity) });
  for (const { identity, route, tag, photo } of findings) {
    const known = before.find((one) => one.identity === identity && one.route === route);
    if (!known) continue;
    const isAnother = known.photo !== photo;
    await db
      .updateTable('cards')
      .set((eb) => ({
        photo: photo === null ? null : fingerprintBytes(photo),
        photo_tag: fingerprintBytes(tag),
        ...(isAnother ? { revision: eb('revision', '+', 1) } : {}),
      }))
      .where('route', '=', route)
      .where('person', 'in', (eb) =>
        eb.selectFrom('people').select('key').where('tenant', '=', tenant).where('identity', '=', identity),
      )
      .execute();
    if (!isAnother) continue;
    const stored = await namedPeople(db, rows, { tenant, identities: [identity] })
      .crossJoin('cards as c')
      .whereRef('c.person', '=', 'p.key')
      .where('c.route', '=', route)
      .select(cardColumns)
      .execute();
    changed.push(...stored.map(toCard));
  }
  return changed;
}

/** Cards and links of the route know nothing of pictures any more. */
async function forgetPhotos(db: Kysely<Tables>, route: number): Promise<void> {
  const known = await db
    .selectFrom('cards')
    .where('route', '=', route)
    .where((eb) => eb.or([eb('photo', 'is not', null), eb('photo_tag', 'is not', null)]))
    .select('person')
    .executeTakeFirst();
  // The ordinary case; links have no order by place, so looking for theirs would be dear.
  if (!known) return;
  await db
    .updateTable('links')
    .set({ photo: null })
    .where('photo', 'is not', null)
    .where('place', 'in', (eb) => eb.selectFrom('places').select('key').where('route', '=', route))
    .execute();
  await db
    .updateTable('cards')
    .set({ photo: null, photo_tag: null })
    .where('route', '=', route)
    .where((eb) => eb.or([eb('photo', 'is not', null), eb('photo_tag', 'is not', null)]))
    .execute();
}
