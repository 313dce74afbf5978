import type { Kysely } from 'kysely';
import type { ColumnTypes } from '../dialect.ts';

export type Schema = Kysely<never>['schema'];

/** What services asked of us lately, a ring for each tenant. */
export async function throttlesTable(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('throttles')
    .addColumn('entry', 'integer', types.key)
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('pool', 'text', (column) => column.notNull())
    .addColumn('status', 'integer', (column) => column.notNull())
    .addColumn('wait_ms', 'bigint')
    .execute();
  await schema.createIndex('throttles_tenant').on('throttles').columns(['tenant', 'entry']).execute();
}
