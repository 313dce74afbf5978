import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.ts';
import { decisions } from './decisions-tables.ts';
import type { Schema } from './throttles-table.ts';

/** The first schema. What the columns mean stands in tables.ts. */
export function start(types: ColumnTypes): Migration {
  return {
    up: async ({ schema }: Kysely<never>) => {
      const parts = [routes, people, mailboxes, places, links, audits, memberships, sources, decisions];
      for (const part of parts) await part(schema, types);
    },
  };
}

async function routes(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('routes')
    .addColumn('key', 'integer', types.key)
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('job', 'text', (column) => column.notNull())
    .addColumn('source_tenant', 'text', (column) => column.notNull())
    .addColumn('target_tenant', 'text', (column) => column.notNull())
    .addColumn('folder', 'text', (column) => column.notNull())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('state', 'smallint', (column) => column.notNull())
    .execute();
}

async function people(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('people')
    .addColumn('key', 'integer', types.key)
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addUniqueConstraint('people_identity', ['tenant', 'identity'])
    .execute();
  await schema
    .createTable('cards')
    .addColumn('route', 'integer', (column) => column.notNull().references('routes.key'))
    .addColumn('person', 'integer', (column) => column.notNull().references('people.key'))
    .addColumn('fingerprint', types.bytes, (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('fanned_out', 'integer', (column) => column.notNull())
    .addColumn('state', 'smallint', (column) => column.notNull())
    .addColumn('photo', types.bytes)
    .addColumn('photo_tag', types.bytes)
    .addPrimaryKeyConstraint('cards_key', ['route', 'person'])
    .modifyEnd(types.clustered)
    .execute();
  await schema.createIndex('cards_person').on('cards').column('person').execute();
  await schema
    .createIndex('cards_unfinished')
    .on('cards')
    .columns(['person', 'route'])
    .where(sql<boolean>`fanned_out < revision`)
    .execute();
}

async function mailboxes(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('mailboxes')
    .addColumn('key', 'integer', types.key)
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('slab', 'integer', (column) => column.notNull())
    .addColumn('state', 'smallint', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('probes', 'integer', (column) => column.notNull())
    .addColumn('troubled_since', 'bigint')
    .addUniqueConstraint('mailboxes_owner', ['tenant', 'owner'])
    .execute();
  await schema.createIndex('mailboxes_slab').on('mailboxes').columns(['tenant', 'slab']).execute();
  await schema
    .createTable('seats')
    .addColumn('tenant', 'text', (column) => column.notNull().primaryKey())
    .addColumn('taken', 'integer', (column) => column.notNull())
    .modifyEnd(types.clustered)
    .execute();
  await schema
    .createTable('slabs')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('slab', 'integer', (column) => column.notNull())
    .addColumn('current', 'integer', (column) => column.notNull())
    .addColumn('stamped', 'integer', (column) => column.notNull())
    .addColumn('distrusted', 'bigint')
    .addPrimaryKeyConstraint('slabs_key', ['tenant', 'slab'])
    .modifyEnd(types.clustered)
    .execute();
}

async function places(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('places')
    .addColumn('key', 'integer', types.key)
    .addColumn('mailbox', 'integer', (column) => column.notNull().references('mailboxes.key'))
    .addColumn('route', 'integer', (column) => column.notNull().references('routes.key'))
    .addColumn('folder', 'text')
    .addColumn('name', 'text')
    .addColumn('state', 'smallint', (column) => column.notNull())
    .addColumn('trusted', 'smallint', (column) => column.notNull())
    .addColumn('filled', 'smallint', (column) => column.notNull())
    .addColumn('cursor', 'integer', (column) => column.notNull())
    .addColumn('dirty', 'smallint', (column) => column.notNull())
    .addColumn('attempted', 'bigint')
    .addColumn('adopted', 'smallint', (column) => column.notNull())
    .addColumn('epoch', 'integer', (column) => column.notNull())
    .addColumn('stem', 'text')
    .addUniqueConstraint('places_mailbox', ['mailbox', 'route'])
    .execute();
  await schema.createIndex('places_route').on('places').column('route').execute();
}

/** No foreign keys: they would cost a check per row, and a scan of every link for each place that is forgotten. */
async function links(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('links')
    .addColumn('person', 'integer', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('item', types.bytes)
    .addColumn('origin', 'smallint', (column) => column.notNull())
    .addColumn('fingerprint', types.bytes)
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('state', 'smallint', (column) => column.notNull())
    .addColumn('attempted', 'bigint')
    .addColumn('photo', types.bytes)
    .addPrimaryKeyConstraint('links_key', ['person', 'place'])
    .modifyEnd(types.clustered)
    .execute();
  // Most ledgers have none: an index of nothing costs nothing.
  await schema
    .createIndex('links_adopted')
    .on('links')
    .column('place')
    .where(sql<boolean>`origin = 1`)
    .execute();
}

async function audits(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('audits')
    .addColumn('place', 'integer', (column) => column.notNull().primaryKey())
    .addColumn('due', 'smallint', (column) => column.notNull())
    .addColumn('folder', 'text')
    .addColumn('token', 'text')
    .addColumn('verified', 'bigint')
    .addColumn('missing', 'integer', (column) => column.notNull())
    .addColumn('changed', 'integer', (column) => column.notNull())
    .addColumn('extra', 'integer', (column) => column.notNull())
    .addColumn('folder_gone', 'smallint', (column) => column.notNull())
    .modifyEnd(types.clustered)
    .execute();
  await schema
    .createTable('healings')
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('person', 'integer', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('times', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('healings_key', ['place', 'person'])
    .modifyEnd(types.clustered)
    .execute();
}

async function memberships(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('tracked')
    .addColumn('key', 'integer', types.key)
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('group_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'smallint', (column) => column.notNull())
    .addColumn('bundle', 'text')
    .addColumn('excepts', 'text')
    .addColumn('missing', 'bigint')
    .addColumn('kept_for', 'text')
    .addUniqueConstraint('tracked_group', ['tenant', 'group_id'])
    .execute();
  await schema
    .createTable('members')
    .addColumn('container', 'integer', (column) => column.notNull().references('tracked.key'))
    .addColumn('member', 'text', (column) => column.notNull())
    .addColumn('kind', 'smallint', (column) => column.notNull())
    .addPrimaryKeyConstraint('members_key', ['container', 'member'])
    .modifyEnd(types.clustered)
    .execute();
  await schema.createIndex('members_member').on('members').column('member').execute();
}

async function sources(schema: Schema, types: ColumnTypes): Promise<void> {
  await schema
    .createTable('tokens')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('current', 'text', (column) => column.notNull())
    .addColumn('previous', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('tokens_key', ['tenant', 'name'])
    .modifyEnd(types.clustered)
    .execute();
  await schema
    .createTable('subscriptions')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('notification_url', 'text', (column) => column.notNull())
    .addColumn('expires', 'bigint', (column) => column.notNull())
    .addColumn('nonce', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('subscriptions_key', ['tenant', 'id'])
    .modifyEnd(types.clustered)
    .execute();
}
