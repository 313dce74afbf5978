import type { ColumnTypes } from '../dialect.ts';
import { setbacksTable } from './setbacks-table.ts';
import { throttlesTable, type Schema } from './throttles-table.ts';

/** What was decided and not yet done: removals, stops, suspicions, what waits for the queue; and what is merely counted. */
export async function decisions(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('removals')
    .addColumn('job', 'text', (column) => column.notNull())
    .addColumn('kind', 'smallint', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('state', 'smallint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('removals_key', ['job', 'kind', 'subject'])
    .modifyEnd(types.clustered)
    .execute();
  await schema
    .createTable('halts')
    .addColumn('scope', 'smallint', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('mode', 'smallint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('halts_key', ['scope', 'name', 'mode'])
    .modifyEnd(types.clustered)
    .execute();
  await schema
    .createTable('suspicions')
    .addColumn('job', 'text', (column) => column.notNull().primaryKey())
    .addColumn('reason', 'smallint', (column) => column.notNull())
    .addColumn('lost', 'integer', (column) => column.notNull())
    .addColumn('scope', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .modifyEnd(types.clustered)
    .execute();
  await schema
    .createTable('outbox')
    .addColumn('entry', 'integer', types.key)
    .addColumn('kind', 'smallint', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('cause', 'smallint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('counters')
    .addColumn('name', 'text', (column) => column.notNull().primaryKey())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .modifyEnd(types.clustered)
    .execute();
  await throttlesTable(schema, types);
  await setbacksTable(schema, types);
}
