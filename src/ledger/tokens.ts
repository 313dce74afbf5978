import { sql, type Kysely } from 'kysely';
import type { NextToken, Tokens } from '../engine/ledger-books.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createTokens({ db }: Session): Tokens {
  return {
    read: async (tenant, name) => {
      const row = await db
        .selectFrom('tokens')
        .select(['current', 'previous', 'at'])
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ?? null;
    },
    replace: (tenant, name, next) => storeToken(db, { tenant, name, next, previous: 'moves' }),
    advance: (tenant, name, next) => storeToken(db, { tenant, name, next, previous: 'stays' }),
    restart: (tenant, name, next) => storeToken(db, { tenant, name, next, previous: 'none' }),
    forget: async (tenant, name) => {
      await db.deleteFrom('tokens').where('tenant', '=', tenant).where('name', '=', name).execute();
    },
  };
}

interface Storing {
  readonly tenant: string;
  readonly name: string;
  readonly next: NextToken;
  /** What becomes of the token before. */
  readonly previous: 'moves' | 'stays' | 'none';
}

/**
 * In one statement, so that of two rounds that began at the same token one is stored; also the first of the transaction that
 * stores what the token yielded, which then waits for the other one's to end.
 */
export async function storeToken(
  db: Kysely<Tables>,
  { tenant, name, next: { token: current, at, since }, previous }: Storing,
): Promise<boolean> {
  const fresh = { tenant, name, current, at, previous: null };
  const before = sql<string | null>`${sql.ref(previous === 'moves' ? 'tokens.current' : 'tokens.previous')}`;
  const changed = { current, at, previous: previous === 'none' ? null : before };
  if (typeof since === 'string') {
    const updated = await db
      .updateTable('tokens')
      .set(changed)
      .where('tenant', '=', tenant)
      .where('name', '=', name)
      .where('current', '=', since)
      .returning('at')
      .executeTakeFirst();
    return updated !== undefined;
  }
  const inserted = await db
    .insertInto('tokens')
    .values(fresh)
    .onConflict((conflict) =>
      since === null ? conflict.doNothing() : conflict.columns(['tenant', 'name']).doUpdateSet(changed),
    )
    .returning('at')
    .executeTakeFirst();
  return inserted !== undefined;
}
