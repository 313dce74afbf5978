import type { Kysely } from 'kysely';
import type { CardFinding, CardRecord, Cards, CardState } from '../engine/ledger-port.ts';
import { cardColumns, toCard } from './card-row.ts';
import { cardState, fingerprintBytes } from './codes.ts';
import { meet, namedPeople } from './people.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createCards({ db, rows, write }: Session): Cards {
  return {
    of: async (sourceTenant, identities) => {
      const found = await namedPeople(db, rows, { tenant: sourceTenant, identities })
        .crossJoin('cards as c')
        .whereRef('c.person', '=', 'p.key')
        .innerJoin('routes as r', 'r.key', 'c.route')
        .where('r.source_tenant', '=', sourceTenant)
        .select(cardColumns)
        .orderBy('c.person')
        .orderBy('c.route')
        .execute();
      return found.map(toCard);
    },
    record: (sourceTenant, findings) => write((tx) => record(tx, rows, { sourceTenant, findings })),
    fannedOut: (cards) => fannedOut(db, rows, cards),
    unfinished: async (limit) => {
      const found = await db
        .selectFrom('cards as c')
        .innerJoin('people as p', 'p.key', 'c.person')
        .whereRef('c.fanned_out', '<', 'c.revision')
        .select(cardColumns)
        .orderBy('c.person')
        .orderBy('c.route')
        .limit(limit)
        .execute();
      return found.map(toCard);
    },
    identities: async (sourceTenant) => {
      const found = await db
        .selectFrom('people as p')
        .innerJoin('cards as c', 'c.person', 'p.key')
        .where('p.tenant', '=', sourceTenant)
        .where('c.state', '!=', cardState.of('gone'))
        .select('p.identity')
        .distinct()
        .execute();
      return found.map((row) => row.identity);
    },
    count: async (route) => {
      const found = await db
        .selectFrom('cards')
        .where('route', '=', route)
        .select(['state', (eb) => eb.fn.countAll<number>().as('people')])
        .groupBy('state')
        .execute();
      const counts: Record<CardState, number> = { shown: 0, gone: 0, held: 0 };
      for (const { state, people } of found) counts[cardState.word(state)] = people;
      return counts;
    },
  };
}

interface Listed {
  readonly identity: string;
  readonly route: number;
  readonly fingerprint: Uint8Array;
  readonly state: number;
  readonly refersTo: string | null;
}

async function record(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { sourceTenant, findings }: { sourceTenant: string; findings: readonly CardFinding[] },
): Promise<CardRecord[]> {
  if (findings.length === 0) return [];
  const latest = [
    ...new Map(findings.map((finding) => [`${finding.route}|${finding.identity}`, finding])).values(),
  ];
  // Whom a card names may be somebody whom nobody shows: known all the same, should they come to be shown.
  const named = latest.flatMap(({ identity, refersTo = null }) =>
    refersTo === null ? identity : [identity, refersTo],
  );
  await meet(db, rows, { tenant: sourceTenant, identities: named });
  const listed = rows<Listed>(
    { identity: 'text', route: 'integer', fingerprint: 'bytes', state: 'integer', refersTo: 'text' },
    latest.map(({ identity, route, fingerprint, state, refersTo = null }) => ({
      identity,
      route,
      refersTo,
      fingerprint: fingerprintBytes(fingerprint),
      state: cardState.of(state),
    })),
  );
  await db
    .insertInto('cards')
    .columns(['route', 'person', 'fingerprint', 'revision', 'fanned_out', 'state', 'refers_to'])
    .expression((eb) =>
      eb
        .selectFrom(listed.as('f'))
        .crossJoin('people as p')
        .where('p.tenant', '=', sourceTenant)
        .whereRef('p.identity', '=', 'f.identity')
        .leftJoin('people as n', (join) =>
          join.on('n.tenant', '=', sourceTenant).onRef('n.identity', '=', 'f.refersTo'),
        )
        .select((eb) => [
          'f.route',
          'p.key',
          'f.fingerprint',
          eb.lit(1).as('revision'),
          eb.lit(0).as('fanned_out'),
          'f.state',
          'n.key as refers_to',
        ]),
    )
    .onConflict((conflict) =>
      conflict.columns(['route', 'person']).doUpdateSet((eb) => ({
        fingerprint: eb.ref('excluded.fingerprint'),
        state: eb.ref('excluded.state'),
        refers_to: eb.ref('excluded.refers_to'),
        revision: eb('cards.revision', '+', 1),
      })),
    )
    .execute();
  const stored = await db
    .selectFrom(listed.as('f'))
    .crossJoin('people as p')
    .crossJoin('cards as c')
    .where('p.tenant', '=', sourceTenant)
    .whereRef('p.identity', '=', 'f.identity')
    .whereRef('c.route', '=', 'f.route')
    .whereRef('c.person', '=', 'p.key')
    .select(cardColumns)
    .orderBy('c.person')
    .orderBy('c.route')
    .execute();
  return stored.map(toCard);
}

async function fannedOut(
  db: Kysely<Tables>,
  rows: Session['rows'],
  cards: Parameters<Cards['fannedOut']>[0],
): Promise<void> {
  const highest = new Map<string, { person: number; route: number; revision: number }>();
  for (const { person, route, revision } of cards) {
    const known = highest.get(`${route}|${person}`)?.revision ?? 0;
    highest.set(`${route}|${person}`, { person, route, revision: Math.max(known, revision) });
  }
  const sent = rows<{ person: number; route: number; revision: number }>(
    { person: 'integer', route: 'integer', revision: 'integer' },
    [...highest.values()],
  );
  await db
    .updateTable('cards')
    .from(sent.as('s'))
    .set((eb) => ({ fanned_out: eb.ref('s.revision') }))
    .whereRef('cards.route', '=', 's.route')
    .whereRef('cards.person', '=', 's.person')
    .whereRef('cards.fanned_out', '<', 's.revision')
    .execute();
}
