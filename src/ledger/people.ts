import type { Kysely, RawBuilder } from 'kysely';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function identityRows(
  rows: Session['rows'],
  identities: Iterable<string>,
): RawBuilder<{ identity: string }> {
  return rows<{ identity: string }>(
    { identity: 'text' },
    Array.from(new Set(identities), (identity) => ({ identity })),
  );
}

export function personRows(rows: Session['rows'], people: readonly number[]): RawBuilder<{ person: number }> {
  return rows<{ person: number }>(
    { person: 'integer' },
    people.map((person) => ({ person })),
  );
}

/**
 * The people of the tenant with these identities, as `people as p`. Cross joins keep the list in front: without figures
 * SQLite would rather walk the whole tenant and search the list for everybody. https://sqlite.org/optoverview.html#crossjoin
 */
export function namedPeople(db: Kysely<Tables>, rows: Session['rows'], { tenant, identities }: Named) {
  return db
    .selectFrom(identityRows(rows, identities).as('w'))
    .crossJoin('people as p')
    .where('p.tenant', '=', tenant)
    .whereRef('p.identity', '=', 'w.identity');
}

/** The keys of those of them who are known, by identity. */
export async function keysOfPeople(
  db: Kysely<Tables>,
  rows: Session['rows'],
  named: Named,
): Promise<ReadonlyMap<string, number>> {
  const known = await namedPeople(db, rows, named).select(['p.key', 'p.identity']).execute();
  return new Map(known.map(({ key, identity }) => [identity, key]));
}

export interface Named {
  readonly tenant: string;
  readonly identities: Iterable<string>;
}

/** Makes people known who are not; their keys are in the order of the list. */
export async function meet(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, identities }: Named,
): Promise<void> {
  const listed = rows<{ position: number; identity: string }>(
    { position: 'integer', identity: 'text' },
    Array.from(new Set(identities), (identity, position) => ({ position, identity })),
  );
  await db
    .insertInto('people')
    .columns(['tenant', 'identity'])
    .expression((eb) =>
      eb
        .selectFrom(listed.as('w'))
        .select((eb) => [eb.val(tenant).as('tenant'), 'w.identity'])
        // Left to the conflict alone, everybody known would use up a key each time.
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('people as p')
                .select('p.key')
                .where('p.tenant', '=', tenant)
                .whereRef('p.identity', '=', 'w.identity'),
            ),
          ),
        )
        .orderBy('w.position'),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'identity']).doNothing())
    .execute();
}
