import type { Kysely } from 'kysely';
import type { OutboxEntry } from '../engine/ledger-books.ts';
import type { KeepOutOrder, KeptOut } from '../engine/kept-out-port.ts';
import { cardState, fingerprintText, guardKind, keptOutBy, removalState, routeState } from './codes.ts';
import { among, entriesOf, metBy } from './kept-among.ts';
import { announce } from './outbox.ts';
import { keysOfPeople } from './people.ts';
import type { Session } from './session.ts';
import { subjectRows } from './subject-rows.ts';
import type { KeptOutTable } from './tables-of-work.ts';
import type { Tables } from './tables.ts';

const ordered = keptOutBy.of('order');
const configured = keptOutBy.of('configuration');

export function createKeptOut({ db, rows, write }: Session): KeptOut {
  return {
    among: (source, identities) => among(db, rows, { source, identities }),
    of: async (subjects) => {
      const found = await entriesOf(db, rows, subjects)
        .selectAll()
        .orderBy('subject')
        .orderBy('by')
        .orderBy('identity')
        .execute();
      return found.map((row) => ({ ...row, by: keptOutBy.word(row.by) }));
    },
    keep: (order) => write((tx) => keep(tx, rows, order)),
    letIn: (order) => write((tx) => letIn(tx, rows, order)),
    dropped: async (subjects) => {
      const gone = [...(await configuredIn(db)).difference(new Set(subjects))];
      const ordered = await orderedAmong(db, rows, gone);
      return gone.filter((subject) => !ordered.has(subject));
    },
    agree: async (subjects, at) => {
      const before = await configuredIn(db);
      // Asked at every start, and mostly in vain.
      if (new Set(subjects).symmetricDifference(before).size > 0)
        await write((tx) => agree(tx, rows, { subjects: new Set(subjects), at }));
    },
  };
}

async function keep(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, identity, at }: KeepOutOrder,
): Promise<readonly string[]> {
  const asked = { source, identities: [identity] };
  const person = (await keysOfPeople(db, rows, { tenant: source, identities: [identity] })).get(identity);
  if (person !== undefined) {
    const met = await metBy(db, rows, asked);
    const subjects = [identity, ...met.map(({ digest }) => digest)];
    await add(
      db,
      rows,
      subjects.map((subject) => ({ subject, by: ordered, identity, at })),
    );
    await approve(db, { source, identity, person, at });
    await announce(db, rows, [lookAt({ tenant: source, id: identity }, at)]);
  }
  const known = await db
    .selectFrom('kept_out')
    .where('identity', '=', identity)
    .where('by', '=', ordered)
    .select('subject')
    .orderBy('subject')
    .execute();
  return known.map(({ subject }) => subject);
}

/** One person whom an administrator names needs no second word: the guard lets the removal pass, whatever else it holds. */
async function approve(
  db: Kysely<Tables>,
  { source, identity, person, at }: KeepOutOrder & { readonly person: number },
): Promise<void> {
  const shown = await db
    .selectFrom('cards as c')
    .innerJoin('routes as r', 'r.key', 'c.route')
    .where('c.person', '=', person)
    .where('c.state', '!=', cardState.of('gone'))
    .where('r.state', '=', routeState.of('active'))
    .select('r.job')
    .distinct()
    .execute();
  for (const { job } of shown)
    await db
      .insertInto('removals')
      .values({
        job,
        kind: guardKind.of('person'),
        subject: identity,
        tenant: source,
        state: removalState.of('approved'),
        at,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['job', 'kind', 'subject'])
          .doUpdateSet({ state: removalState.of('approved'), at, tenant: source }),
      )
      .execute();
}

async function letIn(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { source, identity, at }: KeepOutOrder,
): Promise<boolean> {
  const gone = await db
    .deleteFrom('kept_out')
    .where('identity', '=', identity)
    .where('by', '=', ordered)
    .returning('subject')
    .execute();
  if (gone.length === 0) return false;
  await db
    .deleteFrom('removals')
    .where('kind', '=', guardKind.of('person'))
    .where('subject', '=', identity)
    .where('tenant', '=', source)
    .where('state', '=', removalState.of('approved'))
    .execute();
  await announce(db, rows, [lookAt({ tenant: source, id: identity }, at)]);
  return true;
}

async function configuredIn(db: Kysely<Tables>): Promise<Set<string>> {
  const found = await db.selectFrom('kept_out').where('by', '=', configured).select('subject').execute();
  return new Set(found.map(({ subject }) => subject));
}

async function orderedAmong(
  db: Kysely<Tables>,
  rows: Session['rows'],
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  if (subjects.length === 0) return new Set();
  const found = await entriesOf(db, rows, subjects).where('by', '=', ordered).select('subject').execute();
  return new Set(found.map(({ subject }) => subject));
}

async function agree(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { subjects, at }: { readonly subjects: ReadonlySet<string>; readonly at: number },
): Promise<void> {
  const before = await configuredIn(db);
  const gone = [...before.difference(subjects)];
  const fresh = [...subjects.difference(before)];
  await db
    .deleteFrom('kept_out')
    .where('by', '=', configured)
    .where('subject', 'in', (eb) => eb.selectFrom(subjectRows(rows, gone).as('g')).select('g.subject'))
    .execute();
  await add(
    db,
    rows,
    fresh.map((subject) => ({ subject, by: configured, identity: subject, at })),
  );
  const people = await concerned(db, rows, [...gone, ...fresh]);
  await announce(
    db,
    rows,
    people.map((one) => lookAt(one, at)),
  );
}

/** Everybody in any source whom one of these subjects means. Seldom asked: the list has changed. */
async function concerned(
  db: Kysely<Tables>,
  rows: Session['rows'],
  subjects: readonly string[],
): Promise<{ tenant: string; id: string }[]> {
  const wanted = new Set(subjects);
  const named = await db
    .selectFrom('people')
    .where('identity', 'in', (eb) => eb.selectFrom(subjectRows(rows, subjects).as('w')).select('w.subject'))
    .select(['tenant', 'identity as id'])
    .execute();
  const met = await db
    .selectFrom('book_keys as k')
    .innerJoin('people as p', 'p.key', 'k.person')
    .select(['p.tenant', 'p.identity as id', 'k.digest'])
    .execute();
  const byKey = met.filter(({ digest }) => wanted.has(fingerprintText(digest)));
  return [...named, ...byKey.map(({ tenant, id }) => ({ tenant, id }))];
}

function lookAt(
  person: { readonly tenant: string; readonly id: string },
  at: number,
): Omit<OutboxEntry, 'entry'> {
  return { ...person, kind: 'user', cause: 'command', at };
}

async function add(
  db: Kysely<Tables>,
  rows: Session['rows'],
  records: readonly KeptOutTable[],
): Promise<void> {
  if (records.length === 0) return;
  const columns = ['subject', 'by', 'identity', 'at'] as const;
  const listed = rows<KeptOutTable>(
    { subject: 'text', by: 'integer', identity: 'text', at: 'integer' },
    records,
  );
  await db
    .insertInto('kept_out')
    .columns(columns)
    .expression((eb) => eb.selectFrom(listed.as('k')).select(columns).where(eb.lit(true)))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
