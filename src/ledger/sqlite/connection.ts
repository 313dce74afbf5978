import type { Database } from 'better-sqlite3';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  type TransactionSettings,
} from 'kysely';
import { Fault } from '../../model/fault.ts';
import { StatementCache } from './statement-cache.ts';

/** Where a handle says whose it is; on the handle itself, since it outlives every ledger that is opened over it. */
const HOLDER = Symbol('ledger');

type Held = Database & { [HOLDER]?: object };

/**
 * One handle, one ledger. Whoever opens a ledger over a handle takes it over: a transaction that a dropped ledger left
 * open is rolled back, and what still runs of that ledger fails with `lease-lost` at its next statement instead of
 * writing into somebody else's transaction.
 */
export class SqliteConnection {
  readonly #handle: Held;
  readonly #statements: StatementCache;

  constructor(handle: Database) {
    this.#handle = handle;
    this.#handle[HOLDER] = this;
    if (handle.inTransaction) handle.exec('rollback');
    this.#statements = new StatementCache((text) => handle.prepare(text));
  }

  dialect(): SqliteDialect {
    const database: SqliteDatabase = {
      prepare: (text) => {
        if (!this.isOurs()) throw new Fault('lease-lost', 'another ledger was opened over this database');
        return this.#statements.prepare(text);
      },
      close: () => this.#statements.close(),
    };
    return new LedgerDialect(database, () => this.isOurs() && this.#handle.inTransaction);
  }

  private isOurs(): boolean {
    return this.#handle[HOLDER] === this;
  }
}

class LedgerDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  readonly #inTransaction: () => boolean;

  constructor(database: SqliteDatabase, inTransaction: () => boolean) {
    super({ database });
    this.#database = database;
    this.#inTransaction = inTransaction;
  }

  override createDriver(): Driver {
    return new LedgerDriver(this.#database, this.#inTransaction);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class LedgerDriver extends SqliteDriver {
  readonly #inTransaction: () => boolean;

  constructor(database: SqliteDatabase, inTransaction: () => boolean) {
    super({ database });
    this.#inTransaction = inTransaction;
  }

  /**
   * A writer takes the write lock at once and waits for it (busy_timeout). Taken later, after a read, a lock held by
   * another process (`contact-sync approve`) is an immediate SQLITE_BUSY. https://sqlite.org/lang_transaction.html
   */
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const reads = settings?.accessMode === 'read only';
    await connection.executeQuery(CompiledQuery.raw(reads ? 'begin' : 'begin immediate'));
  }

  /** Some errors (a full disk) have rolled back already; a second rollback would hide the first error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#inTransaction()) await super.rollbackTransaction(connection);
  }
}

/** SQLite's `create table` is transactional: a migration that is killed half-way leaves nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
