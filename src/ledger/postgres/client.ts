import { createHash } from 'node:crypto';
import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { PoolClient, QueryResult } from 'pg';
import { Fault } from '../../model/fault.ts';
import { faultOf, isLost, untilThrough } from './faults.ts';

/** As many as SQLite keeps (sqlite/statement-cache.ts): beyond that texts grow with their lists, and are not worth keeping. */
const MAX_STATEMENTS = 256;

const ROLLED_BACK = { command: 'ROLLBACK', rowCount: 0, rows: [] } as const;

/** A name for each text, under which a connection keeps it parsed; null: not kept. */
export class StatementNames {
  readonly #names = new Map<string, string>();

  of(text: string): string | null {
    if (!/^(?:select|with|insert|update|delete)\b/.test(text)) return null;
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_STATEMENTS) return null;
    const name = `ledger-${createHash('sha256').update(text).digest('base64url')}`;
    this.#names.set(text, name);
    return name;
  }
}

/** A connection of the pool that speaks in faults, and knows when it is worth nothing any more. */
export class LedgerClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #names: StatementNames;
  #lost: unknown = null;
  #inTransaction = false;

  constructor(client: PoolClient, names: StatementNames) {
    this.#client = client;
    this.#names = names;
    // Lost between two statements: without a listener that would end the program.
    client.on('error', (error) => {
      this.#lost ??= faultOf(error);
    });
  }

  query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query<Row>(
    text: string | PostgresCursor<Row>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    if (typeof text !== 'string') throw new Error('The ledger reads without cursors.');
    return this.#ask(text, parameters);
  }

  async #ask<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    if (this.#lost !== null) {
      if (text === 'rollback') return { ...ROLLED_BACK, rows: [] };
      throw this.#lost;
    }
    // A single statement is a transaction by itself.
    return this.#inTransaction || text.startsWith('begin')
      ? this.#send(text, parameters)
      : untilThrough(() => this.#send(text, parameters));
  }

  /** Not kept by the pool when it was lost. */
  release(discarded = false): void {
    this.#inTransaction = false;
    this.#client.release(discarded || this.#lost !== null);
  }

  async #send<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    const name = this.#names.of(text);
    if (text.startsWith('begin')) this.#inTransaction = true;
    try {
      const statement = { text, values: [...parameters], ...(name === null ? {} : { name }) };
      return last<Row>(await this.#client.query(statement));
    } catch (error) {
      if (!isLost(error)) throw faultOf(error);
      this.#lost = faultOf(error);
      throw this.#mayHaveCounted(text) ? unknownOutcome(error) : this.#lost;
    } finally {
      if (text === 'commit' || text === 'rollback') this.#inTransaction = false;
    }
  }

  /** May the statement be what made the work count? */
  #mayHaveCounted(text: string): boolean {
    return text === 'commit' || (!this.#inTransaction && !text.startsWith('select'));
  }
}

function unknownOutcome(cause: unknown): Fault {
  return new Fault('unknown-outcome', 'the connection to the ledger was lost while it stored something', {
    cause,
  });
}

/** Several statements in one text have several results; what the last one says counts. */
function last<Row>(result: QueryResult): PostgresQueryResult<Row> {
  const results: QueryResult[] = Array.isArray(result) ? result : [result];
  const { command, rowCount, rows } = results.at(-1) ?? result;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kysely's type counts the commands it looks at
  return { command: command as PostgresQueryResult<Row>['command'], rowCount: rowCount ?? 0, rows };
}
