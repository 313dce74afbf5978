import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.ts';

/** Who is never shown, and the record of writes. */
export function compliance(types: ColumnTypes): Migration {
  return {
    up: async ({ schema }: Kysely<never>) => {
      await schema
        .createTable('kept_out')
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('by', 'smallint', (column) => column.notNull())
        .addColumn('identity', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('kept_out_key', ['subject', 'by', 'identity'])
        .modifyEnd(types.clustered)
        .execute();
      await schema
        .createTable('record')
        .addColumn('entry', 'integer', types.key)
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('writes', types.bytes, (column) => column.notNull())
        .execute();
      await schema.createIndex('record_at').on('record').column('at').execute();
    },
  };
}
