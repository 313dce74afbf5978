import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.ts';

/** Contacts that mailboxes share: where the newest edit of each stands, and what it is met by. */
export function book(types: ColumnTypes): Migration {
  return {
    up: async ({ schema }: Kysely<never>) => {
      await schema
        .createTable('book')
        .addColumn('person', 'integer', (column) => column.notNull().primaryKey())
        .addColumn('place', 'integer', (column) => column.notNull())
        .addColumn('item', 'text', (column) => column.notNull())
        .addColumn('edited_at', 'bigint', (column) => column.notNull())
        .execute();
      await schema
        .createTable('book_keys')
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('kind', 'smallint', (column) => column.notNull())
        .addColumn('digest', types.bytes, (column) => column.notNull())
        .addColumn('person', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('book_keys_key', ['source', 'kind', 'digest', 'person'])
        .modifyEnd(types.clustered)
        .execute();
      await schema
        .createTable('book_doubts')
        .addColumn('place', 'integer', (column) => column.notNull())
        .addColumn('kind', 'smallint', (column) => column.notNull())
        .addColumn('digest', types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('book_doubts_key', ['place', 'kind', 'digest'])
        .modifyEnd(types.clustered)
        .execute();
      await schema.createIndex('book_keys_person').on('book_keys').column('person').execute();
    },
  };
}
