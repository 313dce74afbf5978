import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Cards that name others. */
export const references: Migration = {
  up: async ({ schema }: Kysely<never>) => {
    await schema.alterTable('cards').addColumn('refers_to', 'integer').execute();
    await schema
      .createIndex('cards_references')
      .on('cards')
      .columns(['refers_to', 'route'])
      .where(sql<boolean>`refers_to is not null`)
      .execute();
  },
};
