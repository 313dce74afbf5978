import type { Kysely } from 'kysely';
import type { From, HandedOver, NewestEdit } from '../engine/book-port.ts';
import { fingerprintText, linkState, placeState } from './codes.ts';
import { unpackItem } from './item-id.ts';
import { forgetContacts } from './book.ts';
import { keysOfPeople, namedPeople, personRows } from './people.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

/** A copy of a contact in a place that stays. */
interface Copy {
  readonly person: number;
  readonly place: number;
  readonly owner: string;
  readonly folder: string | null;
  readonly item: string;
}

/**
 * Where the newest edits stand. An item that is linked no longer cannot be read as the newest: the copy that was brought up to
 * date last takes its place. Without any, the contact is forgotten.
 */
export async function newestEdits(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, identities }: { source: string; identities: readonly string[] },
): Promise<NewestEdit[]> {
  const known = await namedPeople(db, rows, { tenant: source, identities })
    .innerJoin('book as b', 'b.person', 'p.key')
    .select(['p.key as person', 'p.identity', 'b.place', 'b.item', 'b.edited_at as editedAt'])
    .execute();
  if (known.length === 0) return [];
  const copies = Map.groupBy(
    await copiesOf(
      db,
      rows,
      known.map(({ person }) => person),
    ),
    ({ person }) => person,
  );
  const newest: NewestEdit[] = [];
  for (const { person, identity, place, item, editedAt } of known) {
    const ofPerson = copies.get(person) ?? [];
    const heir = ofPerson.find((one) => one.place === place && one.item === item) ?? ofPerson[0];
    if (!heir) {
      await forgetContacts(db, rows, [person]);
      continue;
    }
    const isMoved = heir.place !== place || heir.item !== item;
    // The content of that edit is gone, and its time with it: the reading of the heir tells the heir's own.
    if (isMoved)
      await db
        .updateTable('book')
        .set({ place: heir.place, item: heir.item, edited_at: 0 })
        .where('person', '=', person)
        .execute();
    const { owner, folder } = heir;
    newest.push({
      identity,
      place: heir.place,
      owner,
      folder,
      item: heir.item,
      editedAt: isMoved ? 0 : editedAt,
    });
  }
  return newest;
}

/** Lets another copy be the newest edit, with its time: one in another place that is right, and whose card says the same. */
export async function handOver(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, from }: { source: string; from: From },
): Promise<HandedOver> {
  const people = await keysOfPeople(db, rows, { tenant: source, identities: [from.identity] });
  const person = people.get(from.identity);
  if (person === undefined) return 'alone';
  const others = await standing(db)
    .leftJoin('cards as c', (join) =>
      join.onRef('c.person', '=', 'l.person').onRef('c.route', '=', 'p.route'),
    )
    .where('l.person', '=', person)
    .where('l.place', '!=', from.place)
    .select((eb) => [
      'l.place',
      'l.item',
      'l.state',
      'p.stem',
      eb('l.revision', '=', eb.ref('c.revision')).as('isCurrent'),
      'c.fingerprint',
    ])
    .orderBy('l.place')
    .execute();
  const heir = others.find(
    ({ state, isCurrent, fingerprint }) =>
      state === linkState.of('known') &&
      Boolean(isCurrent) &&
      fingerprint !== null &&
      fingerprintText(fingerprint) === from.fingerprint,
  );
  if (heir?.item == null) return others.length > 0 ? 'later' : 'alone';
  await db
    .updateTable('book')
    .set({ place: heir.place, item: unpackItem(heir.item, heir.stem) })
    .where('person', '=', person)
    .where('place', '=', from.place)
    .where('item', '=', from.item)
    .execute();
  return 'handed';
}

/** Copies that are there to stay, with their places. */
function standing(db: Kysely<Tables>) {
  return db
    .selectFrom('links as l')
    .innerJoin('places as p', 'p.key', 'l.place')
    .where('l.item', 'is not', null)
    .where('l.state', 'not in', [linkState.of('removing'), linkState.of('released')])
    .where('p.state', '=', placeState.of('active'));
}

/** Those that were brought up to date last come first. */
async function copiesOf(
  db: Kysely<Tables>,
  rows: Session['rows'],
  people: readonly number[],
): Promise<Copy[]> {
  const found = await standing(db)
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .where('l.person', 'in', (eb) => eb.selectFrom(personRows(rows, people).as('w')).select('w.person'))
    .select(['l.person', 'l.place', 'l.item', 'p.stem', 'p.folder', 'm.owner'])
    .orderBy('l.revision', 'desc')
    .orderBy('l.place')
    .execute();
  return found.flatMap(({ item, stem, ...copy }) =>
    item === null ? [] : { ...copy, item: unpackItem(item, stem) },
  );
}
