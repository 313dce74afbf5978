import { sql, type Dialect as KyselyDialect } from 'kysely';
import { namesOf, type Dialect } from '../dialect.ts';
import { arrayOf } from './array.ts';
import { migrating, transactions } from './transactions.ts';

const types = { integer: sql`bigint[]`, text: sql`text[]`, bytes: sql`bytea[]` } as const;

/**
 * A list is one parameter for each of its columns. Of an array PostgreSQL knows the length when it plans, or takes it to be
 * short; of JSON it believes that it has a hundred rows, and walks whole tables to find one. Integers are as wide as times
 * are; they compare with narrower columns, and fit into them, as they are.
 */
export function postgres(kysely: KyselyDialect): Dialect {
  return {
    kysely,
    rows: (kinds, rows) => {
      const names = namesOf(kinds);
      const arrays = names.map(
        (name) => sql`${arrayOf(rows.map((row) => row[name]))}::${types[kinds[name]]}`,
      );
      const columns = names.map((name) =>
        // Compares by bytes, as the tables do (kysely-dialect.ts).
        kinds[name] === 'text' ? sql`${sql.ref(name)} collate "C" as ${sql.ref(name)}` : sql.ref(name),
      );
      const listed = sql`unnest(${sql.join(arrays)}) as listed(${sql.join(names.map((name) => sql.ref(name)))})`;
      return sql`(select ${sql.join(columns)} from ${listed})`;
    },
    columns: {
      bytes: 'bytea',
      // By default, not always: a ledger that moves in keeps its keys.
      key: (column) => column.generatedByDefaultAsIdentity().primaryKey(),
      clustered: sql``,
    },
    transactions,
    migrating,
  };
}
