import { sql, type Kysely } from 'kysely';
import type { Transactions } from '../dialect.ts';
import { arrayOf } from './array.ts';
import type { Tables } from '../tables.ts';
import { untilThrough } from './faults.ts';

/** Any number will do, as long as no other program uses it in the same database: "ledger" on a telephone's keys. */
const MIGRATING = 533_437;

/** What a transaction begins with is told by its isolation: driver.ts. deploy/decisions/2026-11-29-one-writer.md says why. */
export function transactions(db: Kysely<Tables>): Transactions {
  return {
    read: (work) => db.transaction().setAccessMode('read only').execute(work),
    write: (work) => untilThrough(() => db.transaction().setIsolationLevel('repeatable read').execute(work)),
    writeAt: (places, work) =>
      untilThrough(() =>
        db
          .transaction()
          .setIsolationLevel('read committed')
          .execute(async (tx) => {
            await hold(tx, places);
            return work(tx);
          }),
      ),
  };
}

/** Always in one order, so that two who want the same places do not wait for each other. */
async function hold(db: Kysely<Tables>, places: readonly number[]): Promise<void> {
  if (places.length === 0) return;
  await db
    .selectFrom('places')
    .where('key', '=', sql<number>`any(${arrayOf([...new Set(places)])}::bigint[])`)
    .select('key')
    .orderBy('key')
    .forUpdate()
    .execute();
}

/**
 * Processes that start at once migrate one after the other, and all but the first find nothing to do. The lock, and what a
 * migration that is cut off had done, go with the transaction.
 */
export function migrating(db: Kysely<Tables>, work: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
  return db.transaction().execute(async (tx) => {
    // However long another one, or an index over millions of links, may take.
    await sql`set local statement_timeout = 0`.execute(tx);
    await sql`set local lock_timeout = 0`.execute(tx);
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATING)})`.execute(tx);
    await sql`create table if not exists writers ()`.execute(tx);
    await work(tx);
  });
}
