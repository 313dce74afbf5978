/**
 * Everything in which one database differs from another, a folder for each. The queries of the nouns are the same for all.
 *
 * Lists travel as one parameter of JSON, or as one array for each column: the text of a statement does not grow with the
 * list, so a few kept statements serve every size, no limit on the number of parameters is met, and twenty thousand rows
 * cost one statement.
 */
import type {
  ColumnDefinitionBuilder,
  Dialect as KyselyDialect,
  Kysely,
  RawBuilder,
  Transaction,
} from 'kysely';
import type { Tables } from './tables.ts';

export interface Dialect {
  readonly kysely: KyselyDialect;
  /** These rows as a table in parentheses, for `from`. Columns come out in the kinds given. */
  readonly rows: <Row extends RowValues<Row>>(kinds: Kinds<Row>, rows: readonly Row[]) => RawBuilder<Row>;
  readonly columns: ColumnTypes;
  readonly transactions: (db: Kysely<Tables>) => Transactions;
  /** While the work runs, no other process migrates the same database. */
  readonly migrating: (db: Kysely<Tables>, work: (db: Kysely<Tables>) => Promise<void>) => Promise<void>;
}

type Work<Result> = (db: Transaction<Tables>) => Promise<Result>;

/**
 * Work may run several times over before it counts, where the database settles a conflict by turning one of two away: it
 * speaks to nobody but the database, and keeps nothing from one run to the next.
 */
export interface Transactions {
  /** Several reads that see one moment. */
  readonly read: <Result>(work: Work<Result>) => Promise<Result>;
  /** Several statements that happen together or not at all, as if nobody else wrote at the time. */
  readonly write: <Result>(work: Work<Result>) => Promise<Result>;
  /**
   * The same for work that reads and writes nothing but these places, their links and audits, and single rows that it
   * raises blindly: others may write elsewhere meanwhile.
   */
  readonly writeAt: <Result>(places: readonly number[], work: Work<Result>) => Promise<Result>;
}

/** What tables are made of. */
export interface ColumnTypes {
  readonly bytes: 'blob' | 'bytea';
  /** An integer primary key that is never given out twice. */
  readonly key: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** Ends a `create table` whose rows live in the primary key's own tree, where the database has such tables. */
  readonly clustered: RawBuilder<unknown>;
}

type Kind<Value> = [Value] extends [number | null]
  ? 'integer'
  : [Value] extends [string | null]
    ? 'text'
    : 'bytes';
export type Kinds<Row> = { readonly [Name in keyof Row & string]: Kind<Row[Name]> };
type RowValue = number | string | Uint8Array | null;
export type RowValues<Row> = { readonly [Name in keyof Row]: RowValue };

export function namesOf<Row>(kinds: Kinds<Row>): (keyof Row & string)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names that `Kinds` requires
  return Object.keys(kinds) as (keyof Row & string)[];
}

/** Null for what is no bytes. */
export function hexOf(value: RowValue): string | null {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
    : null;
}
