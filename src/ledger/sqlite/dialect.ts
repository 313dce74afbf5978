import { sql, type Dialect as KyselyDialect } from 'kysely';
import { hexOf, namesOf, type Dialect, type RowValues } from '../dialect.ts';

export function sqlite(kysely: KyselyDialect): Dialect {
  return {
    kysely,
    rows: (kinds, rows) => {
      const names = namesOf(kinds);
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
    // There is one writer at a time (connection.ts): nobody else writes anywhere.
    transactions: (db) => ({
      read: (work) => db.transaction().setAccessMode('read only').execute(work),
      write: (work) => db.transaction().execute(work),
      writeAt: (_places, work) => db.transaction().execute(work),
    }),
    migrating: (db, work) => work(db),
  };
}

/** Rows as arrays, bytes as hex. */
function asJson<Row extends RowValues<Row>>(names: readonly (keyof Row)[], rows: readonly Row[]): string {
  return JSON.stringify(rows.map((row) => names.map((name) => hexOf(row[name]) ?? row[name])));
}
