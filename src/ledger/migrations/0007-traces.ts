import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.ts';

/** What became of events before something was written. */
export function traces(types: ColumnTypes): Migration {
  return {
    up: async ({ schema }: Kysely<never>) => {
      await schema
        .createTable('traces')
        .addColumn('entry', 'integer', types.key)
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('looks', types.bytes, (column) => column.notNull())
        .execute();
      await schema.createIndex('traces_at').on('traces').column('at').execute();
    },
  };
}
