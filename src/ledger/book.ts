import type { Kysely } from 'kysely';
import type { Book, Edit, PairName, Parting } from '../engine/book-port.ts';
import { fingerprintBytes, keyKind } from './codes.ts';
import { handOver, newestEdits } from './book-heirs.ts';
import { knownBy, meetStrangers, nameOf } from './book-meetings.ts';
import { announce } from './outbox.ts';
import { keysOfPeople, personRows } from './people.ts';
import { putLinks } from './put-links.ts';
import type { Session } from './session.ts';
import type { BookKeysTable } from './tables-of-books.ts';
import type { Tables } from './tables.ts';

export function createBook({ db, rows, write, writeAt }: Session): Book {
  return {
    newest: (source, identities) =>
      identities.length === 0
        ? Promise.resolve([])
        : write((tx) => newestEdits(tx, rows, { source, identities })),
    identities: async (source) => {
      const found = await db
        .selectFrom('people as p')
        .innerJoin('book as b', 'b.person', 'p.key')
        .where('p.tenant', '=', source)
        .select('p.identity')
        .orderBy('p.key')
        .execute();
      return found.map(({ identity }) => identity);
    },
    edited: async (source, edits) =>
      edits.length === 0 ? new Set() : write((tx) => edited(tx, rows, { source, edits })),
    meet: async (source, seen, { strangers, complete }) =>
      strangers.length === 0 && !complete
        ? []
        : writeAt([seen.place], (tx) => meetStrangers(tx, rows, { source, seen, strangers, complete })),
    knownBy: async (source, keys) => {
      const known = await knownBy(db, rows, { source, keys });
      const people = keys.flatMap((key) => known.get(nameOf(key)) ?? []);
      if (people.length === 0) return [];
      const found = await db
        .selectFrom('people')
        .where('key', 'in', (eb) => eb.selectFrom(personRows(rows, people).as('w')).select('w.person'))
        .select('identity')
        .orderBy('identity')
        .execute();
      return found.map(({ identity }) => identity);
    },
    doubtful: (source, pairs) => doubtful(db, rows, { source, pairs }),
    hasDoubts: async (place) => {
      const found = await db
        .selectFrom('book_doubts')
        .where('place', '=', place)
        .select('place')
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    handOver: (source, from) => write((tx) => handOver(tx, rows, { source, from })),
    part: async (source, partings) => {
      if (partings.length === 0) return;
      await writeAt(
        partings.map(({ link }) => link.place),
        (tx) => part(tx, rows, { source, partings }),
      );
    },
  };
}

async function doubtful(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, pairs }: { source: string; pairs: readonly PairName[] },
): Promise<PairName[]> {
  if (pairs.length === 0) return [];
  const listed = rows<PairName>(
    { place: 'integer', identity: 'text' },
    pairs.map(({ place, identity }) => ({ place, identity })),
  );
  return db
    .selectFrom(listed.as('w'))
    .innerJoin('people as p', (join) =>
      join.on('p.tenant', '=', source).onRef('p.identity', '=', 'w.identity'),
    )
    .innerJoin('book_keys as k', 'k.person', 'p.key')
    .innerJoin('book_doubts as d', (join) =>
      join.onRef('d.place', '=', 'w.place').onRef('d.kind', '=', 'k.kind').onRef('d.digest', '=', 'k.digest'),
    )
    .select(['w.place', 'w.identity'])
    .distinct()
    .execute();
}

async function edited(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, edits }: { source: string; edits: readonly Edit[] },
): Promise<ReadonlySet<string>> {
  const people = await keysOfPeople(db, rows, {
    tenant: source,
    identities: edits.map(({ identity }) => identity),
  });
  const moved = new Set<string>();
  const keys = new Map<number, Edit['keys']>();
  for (const edit of edits.toSorted((a, b) => a.editedAt - b.editedAt)) {
    const person = people.get(edit.identity);
    if (person === undefined) continue;
    const { place, item, editedAt } = edit;
    const later = await db
      .updateTable('book')
      .set({ place, item, edited_at: editedAt })
      .where('person', '=', person)
      .where('edited_at', '<', editedAt)
      .returning('person')
      .execute();
    if (later.length === 0) continue;
    moved.add(edit.identity);
    keys.set(person, edit.keys);
  }
  // What a contact was met by before, it is met by no longer.
  await db
    .deleteFrom('book_keys')
    .where('person', 'in', (eb) =>
      eb.selectFrom(personRows(rows, [...keys.keys()]).as('w')).select('w.person'),
    )
    .execute();
  await addKeys(db, rows, {
    source,
    of: Array.from(keys, ([person, ofPerson]) => ({ person, keys: ofPerson })),
  });
  await lookAt(db, rows, { source, identities: [...moved] });
  return moved;
}

async function part(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, partings }: { source: string; partings: readonly Parting[] },
): Promise<void> {
  await putLinks(
    db,
    rows,
    partings.map(({ link }) => link),
  );
  await forgetContacts(
    db,
    rows,
    partings.filter(({ forget }) => forget).map(({ link }) => link.person),
  );
  await lookAt(db, rows, { source, identities: partings.map(({ identity }) => identity) });
}

/** They are in no book any more. */
export async function forgetContacts(
  db: Kysely<Tables>,
  rows: Session['rows'],
  people: readonly number[],
): Promise<void> {
  if (people.length === 0) return;
  for (const table of ['book', 'book_keys'] as const)
    await db
      .deleteFrom(table)
      .where('person', 'in', (eb) => eb.selectFrom(personRows(rows, people).as('w')).select('w.person'))
      .execute();
}

/** One of a new contact, or one more of a known one. */
export interface KeyOf {
  readonly person: number;
  readonly keys: Edit['keys'];
}

export async function addKeys(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, of }: { source: string; of: readonly KeyOf[] },
): Promise<void> {
  const listed = of.flatMap(({ person, keys }) =>
    keys.map(({ kind, digest }): BookKeysTable => {
      return { source, person, kind: keyKind.of(kind), digest: fingerprintBytes(digest) };
    }),
  );
  if (listed.length === 0) return;
  const columns = ['source', 'kind', 'digest', 'person'] as const;
  const packed = rows<BookKeysTable>(
    { source: 'text', kind: 'integer', digest: 'bytes', person: 'integer' },
    listed,
  );
  await db
    .insertInto('book_keys')
    .columns(columns)
    .expression((eb) => eb.selectFrom(packed.as('k')).select(columns).where(eb.lit(true)))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A look at each of these, within the transaction that asks for it. */
export async function lookAt(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, identities }: { readonly source: string; readonly identities: readonly string[] },
): Promise<void> {
  await announce(
    db,
    rows,
    [...new Set(identities)].map((id) => ({ kind: 'user', tenant: source, id, cause: 'membership', at: 0 })),
  );
}

/** Of sources that no route has any more nothing is left. */
export async function forgetBooks(db: Kysely<Tables>): Promise<void> {
  const orphans = db
    .selectFrom('people as p')
    .leftJoin('routes as r', 'r.source_tenant', 'p.tenant')
    .where('r.key', 'is', null)
    .select('p.key');
  await db.deleteFrom('book').where('person', 'in', orphans).execute();
  await db.deleteFrom('book_keys').where('person', 'in', orphans).execute();
}
