import type { ColumnTypes } from '../dialect.ts';
import type { Schema } from './throttles-table.ts';

/** What does not succeed: small in any ledger in good health. */
export async function setbacksTable(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('setbacks')
    .addColumn('kind', 'smallint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('slab', 'integer', (column) => column.notNull())
    .addColumn('mailbox', 'text', (column) => column.notNull())
    .addColumn('route', 'text', (column) => column.notNull())
    .addColumn('object', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('causes', 'text', (column) => column.notNull())
    .addColumn('event', 'bigint', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('times', 'integer', (column) => column.notNull())
    .addColumn('retry_at', 'bigint')
    .addPrimaryKeyConstraint('setbacks_key', ['tenant', 'slab', 'kind', 'mailbox', 'route', 'object'])
    .modifyEnd(types.clustered)
    .execute();
}
