import type { Kysely } from 'kysely';
import type { Dialect, Transactions } from './dialect.ts';
import type { Tables } from './tables.ts';

/** What every noun works with. */
export interface Session extends Pick<Dialect, 'rows'>, Transactions {
  /** For single statements, which are atomic by themselves. */
  readonly db: Kysely<Tables>;
}

export function createSession(db: Kysely<Tables>, dialect: Dialect): Session {
  return { db, rows: dialect.rows, ...dialect.transactions(db) };
}
