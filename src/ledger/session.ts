import type { Kysely, Transaction } from 'kysely';
import type { Dialect } from './dialect.ts';
import type { Tables } from './tables.ts';

/** What every noun works with. */
export interface Session extends Pick<Dialect, 'rows'> {
  /** For single statements, which are atomic by themselves. */
  readonly db: Kysely<Tables>;
  /** Several reads that see one moment. */
  readonly read: <Result>(work: (db: Transaction<Tables>) => Promise<Result>) => Promise<Result>;
  /** Several statements that happen together or not at all. */
  readonly write: <Result>(work: (db: Transaction<Tables>) => Promise<Result>) => Promise<Result>;
}

export function createSession(db: Kysely<Tables>, dialect: Dialect): Session {
  return {
    db,
    rows: dialect.rows,
    read: (work) => db.transaction().setAccessMode('read only').execute(work),
    write: (work) => db.transaction().execute(work),
  };
}
