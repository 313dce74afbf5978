import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.ts';

/** What mailboxes asked for in which nothing of ours stands: pictures are read from them all the same. */
export function waits(types: ColumnTypes): Migration {
  return {
    up: async ({ schema }: Kysely<never>) => {
      await schema
        .createTable('waits')
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('waits_key', ['tenant', 'owner'])
        .modifyEnd(types.clustered)
        .execute();
    },
  };
}
