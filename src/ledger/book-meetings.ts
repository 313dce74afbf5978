import type { Kysely } from 'kysely';
import type { Key, Meeting, Stranger, Strangers } from '../engine/book-port.ts';
import type { LinkRecord, Seen } from '../engine/ledger-port.ts';
import { addKeys, lookAt, type KeyOf } from './book.ts';
import { fingerprintBytes, fingerprintText, keyKind } from './codes.ts';
import { keptAmong } from './kept-among.ts';
import { keysOfPeople, meet, personRows } from './people.ts';
import { putLinks } from './put-links.ts';
import type { Session } from './session.ts';
import type { BookDoubtsTable, BookTable } from './tables-of-books.ts';
import type { Tables } from './tables.ts';

interface Meet extends Strangers {
  readonly source: string;
  readonly seen: Seen;
}

/** In this order; what one of them tells is not asked of the next. */
const ORDER: readonly Key['kind'][] = ['tag', 'address', 'name'];

/**
 * In one transaction, so that two mailboxes with the same contact cannot both make it a new one. Nothing is guessed: who fits
 * several, or whom another item of this mailbox fits as well, is left alone.
 */
export async function meetStrangers(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, seen: { place, epoch }, strangers: all, complete }: Meet,
): Promise<Meeting[]> {
  const later = all.map(({ item }): Meeting => ({ item, kind: 'later' }));
  const [at] = await db
    .selectFrom('places')
    .where('key', '=', place)
    .where('epoch', '=', epoch)
    .select('key')
    .execute();
  if (!at) return later;
  if (complete) await db.deleteFrom('book_doubts').where('place', '=', place).execute();
  const { kept, strangers } = await withoutKeptOut(db, rows, all);
  const known = await knownBy(db, rows, { source, keys: strangers.flatMap(({ keys }) => keys) });
  const here = await linkedHere(db, rows, { place, people: [...new Set([...known.values()].flat())] });
  const told = strangers.map((stranger) => ({ stranger, fits: fitting(known, stranger) }));
  const isAmbiguous = (one: (typeof told)[number]): boolean => {
    const [person, ...others] = one.fits;
    if (others.length > 0) return true;
    if (person !== undefined && here.has(person)) return true;
    return told.some(
      (other) =>
        other !== one &&
        (person === undefined ? isAlike(one.stranger, other.stranger) : other.fits.includes(person)),
    );
  };
  const met = told.filter((one) => !isAmbiguous(one));
  await doubt(
    db,
    rows,
    [...told.filter(isAmbiguous).map(({ stranger }) => stranger), ...kept].flatMap(({ keys }) =>
      keys.map((key) => ({ place, ...key })),
    ),
  );
  await meet(db, rows, {
    tenant: source,
    identities: met.flatMap(({ fits, stranger }) => (fits.length === 0 ? stranger.fresh : [])),
  });
  const people = await keysOfPeople(db, rows, {
    tenant: source,
    identities: met.map(({ stranger }) => stranger.fresh),
  });
  const links: LinkRecord[] = [];
  const entries: BookTable[] = [];
  const keys: KeyOf[] = [];
  for (const { stranger, fits } of met) {
    const person = fits[0] ?? people.get(stranger.fresh);
    if (person === undefined) continue;
    links.push(linkTo(stranger, person, place));
    entries.push({ person, place, item: stranger.item, edited_at: stranger.editedAt });
    keys.push({ person, keys: stranger.keys });
  }
  await enter(db, rows, { entries });
  await addKeys(db, rows, { source, of: keys });
  await putLinks(db, rows, links);
  await lookAtPeople(db, rows, { source, people: links.map(({ person }) => person) });
  const meetings = told.map((one): Meeting => {
    const kind = isAmbiguous(one) ? 'ambiguous' : one.fits.length > 0 ? 'known' : 'new';
    return { item: one.stranger.item, kind };
  });
  return [...meetings, ...kept.map(({ item }): Meeting => ({ item, kind: 'kept out' }))];
}

/** Whoever was erased is not met again, in whose contacts ever they stand. */
async function withoutKeptOut(
  db: Kysely<Tables>,
  rows: Session['rows'],
  all: readonly Stranger[],
): Promise<{ readonly kept: readonly Stranger[]; readonly strangers: readonly Stranger[] }> {
  const digests = all.flatMap(({ fresh, keys }) => [fresh, ...keys.map(({ digest }) => digest)]);
  const out = await keptAmong(db, rows, digests);
  const isKept = ({ fresh, keys }: Stranger): boolean =>
    out.has(fresh) || keys.some(({ digest }) => out.has(digest));
  return { kept: all.filter(isKept), strangers: all.filter((one) => !isKept(one)) };
}

async function doubt(
  db: Kysely<Tables>,
  rows: Session['rows'],
  doubts: readonly (Key & { readonly place: number })[],
): Promise<void> {
  if (doubts.length === 0) return;
  const columns = ['place', 'kind', 'digest'] as const;
  const listed = rows<BookDoubtsTable>(
    { place: 'integer', kind: 'integer', digest: 'bytes' },
    doubts.map(({ place, kind, digest }) => ({
      place,
      kind: keyKind.of(kind),
      digest: fingerprintBytes(digest),
    })),
  );
  await db
    .insertInto('book_doubts')
    .columns(columns)
    .expression((eb) => eb.selectFrom(listed.as('d')).select(columns).where(eb.lit(true)))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** By the name of a key, whom the book knows by it. */
export async function knownBy(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, keys }: { readonly source: string; readonly keys: readonly Key[] },
): Promise<Map<string, number[]>> {
  const digests = new Set(keys.map(({ digest }) => digest));
  const listed = rows<{ digest: Uint8Array }>(
    { digest: 'bytes' },
    Array.from(digests, (digest) => ({ digest: fingerprintBytes(digest) })),
  );
  const found = await db
    .selectFrom('book_keys')
    .where('source', '=', source)
    .where('digest', 'in', (eb) => eb.selectFrom(listed.as('w')).select('w.digest'))
    .select(['kind', 'digest', 'person'])
    .orderBy('person')
    .execute();
  const known = new Map<string, number[]>();
  for (const { kind, digest, person } of found) {
    const name = nameOf({ kind: keyKind.word(kind), digest: fingerprintText(digest) });
    known.set(name, [...(known.get(name) ?? []), person]);
  }
  return known;
}

export function nameOf({ kind, digest }: Key): string {
  return `${kind}|${digest}`;
}

/** Whom this one may be: by the first kind of key that tells anything. */
function fitting(known: ReadonlyMap<string, readonly number[]>, { keys }: Stranger): number[] {
  for (const kind of ORDER) {
    const people = keys.filter((key) => key.kind === kind).flatMap((key) => known.get(nameOf(key)) ?? []);
    if (people.length > 0) return [...new Set(people)];
  }
  return [];
}

/** Two that nobody knows yet, and that one would take for the same. */
function isAlike(one: Stranger, other: Stranger): boolean {
  return one.keys.some(({ kind, digest }) =>
    other.keys.some((key) => key.kind === kind && key.digest === digest),
  );
}

/** Who has an item in the place already. */
async function linkedHere(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { place, people }: { place: number; people: readonly number[] },
): Promise<ReadonlySet<number>> {
  if (people.length === 0) return new Set();
  const found = await db
    .selectFrom('links')
    .where('place', '=', place)
    .where('person', 'in', (eb) => eb.selectFrom(personRows(rows, people).as('w')).select('w.person'))
    .where('item', 'is not', null)
    .select('person')
    .execute();
  return new Set(found.map(({ person }) => person));
}

/** Linked where it stands. That its mark is missing is as if it had been sent without an answer. */
function linkTo({ item, fingerprint }: Stranger, person: number, place: number): LinkRecord {
  return {
    person,
    place,
    item,
    origin: 'linked',
    fingerprint,
    revision: 0,
    state: 'patching',
    attempted: null,
    photo: null,
  };
}

/** Into the book; as the newest where it was edited after all that is known of the contact, or (`<=`) at the same time. */
export async function enter(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { entries, than = '<' }: { readonly entries: readonly BookTable[]; readonly than?: '<' | '<=' },
): Promise<void> {
  if (entries.length === 0) return;
  const columns = ['person', 'place', 'item', 'edited_at'] as const;
  const listed = rows<BookTable>(
    { person: 'integer', place: 'integer', item: 'text', edited_at: 'integer' },
    entries,
  );
  await db
    .insertInto('book')
    .columns(columns)
    .expression((eb) => eb.selectFrom(listed.as('e')).select(columns).where(eb.lit(true)))
    .onConflict((conflict) =>
      conflict
        .column('person')
        .doUpdateSet((eb) => ({
          place: eb.ref('excluded.place'),
          item: eb.ref('excluded.item'),
          edited_at: eb.ref('excluded.edited_at'),
        }))
        .whereRef('book.edited_at', than, 'excluded.edited_at'),
    )
    .execute();
}

async function lookAtPeople(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, people }: { readonly source: string; readonly people: readonly number[] },
): Promise<void> {
  if (people.length === 0) return;
  const named = await db
    .selectFrom('people')
    .where('key', 'in', (eb) => eb.selectFrom(personRows(rows, people).as('w')).select('w.person'))
    .select('identity')
    .execute();
  await lookAt(db, rows, { source, identities: named.map(({ identity }) => identity) });
}
