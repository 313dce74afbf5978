import type { Kysely } from 'kysely';
import type { Key } from '../engine/book-port.ts';
import { fingerprintText, keyKind } from './codes.ts';
import { namedPeople } from './people.ts';
import type { Session } from './session.ts';
import { subjectRows } from './subject-rows.ts';
import type { Tables } from './tables.ts';

interface Asked {
  readonly source: string;
  readonly identities: readonly string[];
}

/** What tells who a contact is, the strongest first. A tag of another tool is on every copy, and is asked last. */
const TELLING: readonly Key['kind'][] = ['address', 'name', 'tag'];

/**
 * Which of these people are kept out: by their id, or by what they are met by. Who stands in a book under a name of their own
 * may share an address with somebody who was erased: they are kept out only where nothing else is left to meet them by.
 */
export async function among(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, identities }: Asked,
): Promise<ReadonlySet<string>> {
  // Nearly everywhere nobody is kept out, and this is asked with every look at people.
  if (!(await db.selectFrom('kept_out').select('subject').limit(1).executeTakeFirst())) return new Set();
  const met = await metBy(db, rows, { source, identities });
  const kept = await keptAmong(db, rows, [...identities, ...met.map(({ digest }) => digest)]);
  const keysOf = Map.groupBy(met, ({ identity }) => identity);
  return new Set(
    identities.filter((identity) => kept.has(identity) || isMetByKeptAlone(keysOf.get(identity) ?? [], kept)),
  );
}

function isMetByKeptAlone(keys: readonly Key[], kept: ReadonlySet<string>): boolean {
  const kind = TELLING.find((one) => keys.some((key) => key.kind === one));
  return kind !== undefined && keys.every((key) => key.kind !== kind || kept.has(key.digest));
}

/** What these are met by; nothing of whoever is in no book. */
export async function metBy(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, identities }: Asked,
): Promise<(Key & { readonly identity: string })[]> {
  const found = await namedPeople(db, rows, { tenant: source, identities })
    .innerJoin('book_keys as k', 'k.person', 'p.key')
    .select(['p.identity', 'k.kind', 'k.digest'])
    .execute();
  return found.map(({ identity, kind, digest }) => {
    return { identity, kind: keyKind.word(kind), digest: fingerprintText(digest) };
  });
}

/** Those of the subjects that are kept out, by whatever word. */
export async function keptAmong(
  db: Kysely<Tables>,
  rows: Session['rows'],
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  if (subjects.length === 0) return new Set();
  const found = await entriesOf(db, rows, subjects).select('subject').execute();
  return new Set(found.map(({ subject }) => subject));
}

/** What stands about these subjects, by whatever word. */
export function entriesOf(db: Kysely<Tables>, rows: Session['rows'], subjects: readonly string[]) {
  return db
    .selectFrom('kept_out')
    .where('subject', 'in', (eb) => eb.selectFrom(subjectRows(rows, subjects).as('w')).select('w.subject'));
}
