import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { silentLog } from '../../kit/log.ts';
import { migrate } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { wholeOf, type Sequences, type WholeLedger } from '../whole.ts';
import { SqliteConnection } from './connection.ts';
import { sqlite } from './dialect.ts';

/** https://sqlite.org/autoinc.html */
const sequences: Sequences = {
  last: async (db, table) => {
    const { rows } = await sql<{
      seq: number;
    }>`select seq from sqlite_sequence where name = ${table}`.execute(db);
    return rows[0]?.seq ?? 0;
  },
  raise: async (db, { table, last }) => {
    await sql`delete from sqlite_sequence where name = ${table} and seq < ${last}`.execute(db);
    await sql`insert into sqlite_sequence (name, seq) select ${table}, ${last}
      where not exists (select 1 from sqlite_sequence where name = ${table})`.execute(db);
  },
};

/** The ledger in a file, which is made when it is not there. */
export async function openWholeFile(path: string): Promise<WholeLedger> {
  const database = new SqliteDatabase(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  try {
    const whole = await openWholeOver(database);
    return {
      ...whole,
      close: async () => {
        await whole.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Over a database that is opened elsewhere, and stays open. */
export async function openWholeOver(database: Database): Promise<WholeLedger> {
  const dialect = sqlite(new SqliteConnection(database).dialect());
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  await migrate(db, dialect, silentLog);
  return {
    ...wholeOf(db, dialect.rows, sequences),
    // Its plans follow the indices, whatever the tables hold.
    takeStock: async () => {},
    close: () => db.destroy(),
  };
}
