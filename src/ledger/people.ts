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

/** Makes people known who are not. */
export async function meet(
  db: Kysely<Tables>,
  rows: Session['rows'],
  { tenant, identities }: { tenant: string; identities: Iterable<string> },
): Promise<void> {
  await db
    .insertInto('people')
    .columns(['tenant', 'identity'])
    .expression((eb) =>
      eb
        .selectFrom(identityRows(rows, identities).as('w'))
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
        ),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'identity']).doNothing())
    .execute();
}
