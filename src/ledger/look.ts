import { existsSync, statSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { load } from './copy.ts';
import type { Dialect } from './dialect.ts';
import { schemaOf } from './migrate.ts';
import { postgres } from './postgres/dialect.ts';
import { LedgerDialect } from './postgres/kysely-dialect.ts';
import { openPool, type PoolOptions } from './postgres/pool.ts';
import { createSession } from './session.ts';
import { SqliteConnection } from './sqlite/connection.ts';
import { sqlite } from './sqlite/dialect.ts';
import { createSubscriptionBook } from './subscription-book.ts';
import type { Tables } from './tables.ts';

/** What a look at a ledger shows, without a change to it; a service may be using it. */
export interface LedgerLook {
  /** `large`: too large to be looked into while nobody has it open. */
  readonly schema: Awaited<ReturnType<typeof schemaOf>> | 'large';
  /** What keeps it, with its version. */
  readonly store: string;
  /** Ids of the subscriptions of these tenants that it knows; null where it was not read. */
  readonly subscriptions: ReadonlySet<string> | null;
}

/** A ledger that nobody has open is read into memory as a whole. */
const IN_MEMORY_BYTES = 512 * 2 ** 20;

/** Throws what SQLite says of a file that is none, or cannot be read. */
export async function lookAtLedgerFile(path: string, tenants: readonly string[]): Promise<LedgerLook> {
  // Opened by somebody, it has its log already, and one reader more leaves nothing behind.
  const isOpen = existsSync(`${path}-wal`);
  if (!isOpen && statSync(path).size > IN_MEMORY_BYTES)
    return { schema: 'large', store: 'SQLite', subscriptions: null };
  const database = isOpen ? new SqliteDatabase(path, { readonly: true }) : load(path);
  try {
    const version = sql<{ version: string }>`select sqlite_version() as version`;
    return await look(sqlite(new SqliteConnection(database).dialect()), tenants, async (db) => {
      const { rows } = await version.execute(db);
      return `SQLite ${rows[0]?.version}`;
    });
  } finally {
    database.close();
  }
}

/** Throws `Fault`s as `openPostgresLedger` does. */
export async function lookAtPostgres(options: PoolOptions, tenants: readonly string[]): Promise<LedgerLook> {
  const dialect = postgres(new LedgerDialect(openPool({ ...options, poolSize: 1 })));
  const version = sql<{ version: string }>`select current_setting('server_version') as version`;
  return look(dialect, tenants, async (db) => {
    const { rows } = await version.execute(db);
    return `PostgreSQL ${rows[0]?.version}`;
  });
}

async function look(
  dialect: Dialect,
  tenants: readonly string[],
  storeOf: (db: Kysely<Tables>) => Promise<string>,
): Promise<LedgerLook> {
  const db = new Kysely<Tables>({ dialect: dialect.kysely });
  try {
    const store = await storeOf(db);
    const schema = await schemaOf(db, dialect);
    if (schema === 'missing') return { schema, store, subscriptions: new Set() };
    if (schema !== 'current') return { schema, store, subscriptions: null };
    const book = createSubscriptionBook(createSession(db, dialect));
    const found = await Promise.all(tenants.map((tenant) => book.all(tenant)));
    return { schema, store, subscriptions: new Set(found.flat().map(({ id }) => id)) };
  } finally {
    await db.destroy();
  }
}
