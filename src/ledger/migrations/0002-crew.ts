import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.ts';

/** Who works on the ledger, where several processes do, and which of them is the keeper. */
export function crew({ clustered }: ColumnTypes): Migration {
  return {
    up: async ({ schema }: Kysely<never>) => {
      await schema
        .createTable('leases')
        .addColumn('name', 'text', (column) => column.notNull().primaryKey())
        .addColumn('holder', 'text')
        .addColumn('token', 'bigint', (column) => column.notNull())
        .addColumn('beat', 'bigint', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .modifyEnd(clustered)
        .execute();
      await schema
        .createTable('workers')
        .addColumn('id', 'text', (column) => column.notNull().primaryKey())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('configuration', 'text', (column) => column.notNull())
        .addColumn('beat', 'bigint', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .modifyEnd(clustered)
        .execute();
    },
  };
}
