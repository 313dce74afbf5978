import { Kysely, sql } from 'kysely';
import type { Dialect } from '../dialect.ts';
import { demandKnown, migrate, schemaOf } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { wholeOf, type Sequences, type WholeLedger } from '../whole.ts';
import { postgres } from './dialect.ts';
import { LedgerDialect } from './kysely-dialect.ts';
import { openPool, type PoolOptions } from './pool.ts';

/** https://www.postgresql.org/docs/current/functions-sequence.html */
const sequences: Sequences = {
  last: async (db, table, column) => {
    const { rows } = await sql<{ last: number | null }>`select pg_sequence_last_value(
      pg_get_serial_sequence(${table}, ${column})::regclass) as last`.execute(db);
    return rows[0]?.last ?? 0;
  },
  raise: async (db, { table, column, last }) => {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}), ${last}::bigint)`.execute(db);
  },
};

/** The ledger in a PostgreSQL database, brought to the current schema. */
export function openWholePostgres(options: PoolOptions): Promise<WholeLedger> {
  return openAfter(options, (db, dialect) => migrate(db, dialect, options.log));
}

/**
 * The same to be looked at alone, with nothing done to the database; null where there is no ledger yet. Throws where its
 * schema is an older one: whoever uses it now may not be able to use a newer one.
 */
export async function viewWholePostgres(options: PoolOptions): Promise<WholeLedger | null> {
  let isThere = true;
  const whole = await openAfter(options, async (db, dialect) => {
    await demandKnown(db, dialect);
    const schema = await schemaOf(db, dialect);
    if (schema === 'older')
      throw new Error(
        'This ledger was written by an older version of contact-sync, and looking does not change it: start a process of this version, which does.',
      );
    isThere = schema === 'current';
  });
  if (isThere) return whole;
  await whole.close();
  return null;
}

async function openAfter(
  options: PoolOptions,
  before: (db: Kysely<Tables>, dialect: Dialect) => Promise<void>,
): Promise<WholeLedger> {
  const dialect = postgres(new LedgerDialect(openPool(options)));
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  try {
    await before(db, dialect);
    return {
      ...wholeOf(db, dialect.rows, sequences),
      takeStock: async () => void (await sql`analyze`.execute(db)),
      close: () => db.destroy(),
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
