import {
  ColumnDefinitionNode,
  CompiledQuery,
  PostgresDialect,
  PostgresDriver,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type DataTypeNode,
  type Driver,
  type PostgresPool,
  type QueryCompiler,
  type TransactionSettings,
} from 'kysely';

export class LedgerDialect extends PostgresDialect {
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    super({ pool });
    this.#pool = pool;
  }

  override createDriver(): Driver {
    return new LedgerDriver({ pool: this.#pool });
  }

  override createQueryCompiler(): QueryCompiler {
    return new LedgerCompiler();
  }
}

/**
 * Locks before the moment that the transaction sees: `lock table` takes no snapshot, any query would.
 * https://www.postgresql.org/docs/current/sql-lock.html
 */
const beginnings = {
  reading: 'begin isolation level repeatable read read only',
  alone: 'begin isolation level repeatable read; lock table writers in exclusive mode',
  beside: 'begin isolation level read committed; lock table writers in row exclusive mode',
  plain: 'begin',
} as const;

function beginningOf({ accessMode, isolationLevel }: TransactionSettings): string {
  if (accessMode === 'read only') return beginnings.reading;
  if (isolationLevel === 'repeatable read') return beginnings.alone;
  return isolationLevel === 'read committed' ? beginnings.beside : beginnings.plain;
}

class LedgerDriver extends PostgresDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw(beginningOf(settings)));
    } catch (error) {
      // Begun, but the lock was not to be had.
      await connection.executeQuery(CompiledQuery.raw('rollback'));
      throw error;
    }
  }
}

/** What the migrations leave to the database. */
class LedgerCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    const column = this.parentNode;
    if (!column || !ColumnDefinitionNode.is(column)) super.visitDataType(node);
    // By its bytes: names differ by case, and no update of the server's languages may change an order that an index stands on.
    else if (node.dataType === 'text') this.append('text collate "C"');
    // Entries of the outbox are counted up for ever.
    else if (column.generated?.identity === true) this.append('bigint');
    else super.visitDataType(node);
  }
}
