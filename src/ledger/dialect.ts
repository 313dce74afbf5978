/**
 * Everything in which one database differs from another. The queries of the nouns are the same for all.
 *
 * Lists travel as one parameter of JSON: the text of a statement does not grow with the list, so a few kept statements
 * serve every size, no limit on the number of parameters is met, and twenty thousand rows cost one statement.
 */
import { sql, type ColumnDefinitionBuilder, type Dialect as KyselyDialect, type RawBuilder } from 'kysely';

export interface Dialect {
  readonly kysely: KyselyDialect;
  /** These rows as a table in parentheses, for `from`. Columns come out in the kinds given. */
  readonly rows: <Row extends RowValues<Row>>(kinds: Kinds<Row>, rows: readonly Row[]) => RawBuilder<Row>;
  readonly columns: ColumnTypes;
}

/** What tables are made of. */
export interface ColumnTypes {
  readonly bytes: 'blob' | 'bytea';
  /** An integer primary key that is never given out twice. */
  readonly key: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** Ends a `create table` whose rows live in the primary key's own tree. */
  readonly clustered: RawBuilder<unknown>;
}

type Kind<Value> = [Value] extends [number | null]
  ? 'integer'
  : [Value] extends [string | null]
    ? 'text'
    : 'bytes';
type Kinds<Row> = { readonly [Name in keyof Row & string]: Kind<Row[Name]> };
type RowValues<Row> = { readonly [Name in keyof Row]: number | string | Uint8Array | null };

export function sqlite(kysely: KyselyDialect): Dialect {
  return {
    kysely,
    rows: (kinds, rows) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names that `Kinds` requires
      const names = Object.keys(kinds) as (keyof typeof kinds & string)[];
      const columns = names.map((name, index) => {
        const value = sql`value ->> ${sql.lit(index)}`;
        return sql`${kinds[name] === 'bytes' ? sql`unhex(${value})` : value} as ${sql.ref(name)}`;
      });
      return sql`(select ${sql.join(columns)} from json_each(${asJson(names, rows)}))`;
    },
    columns: {
      bytes: 'blob',
      key: (column) => column.primaryKey().autoIncrement(),
      clustered: sql`without rowid`,
    },
  };
}

/** Rows as arrays, bytes as hex. */
function asJson<Row extends RowValues<Row>>(names: readonly (keyof Row)[], rows: readonly Row[]): string {
  return JSON.stringify(rows.map((row) => names.map((name) => plain(row[name]))));
}

function plain(value: number | string | Uint8Array | null): number | string | null {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
    : value;
}
