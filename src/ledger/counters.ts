import type { Kysely } from 'kysely';
import type { Counters } from '../engine/ledger-books.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createCounters({ db }: Session): Counters {
  return {
    add: (name, by) => addToCounter(db, name, by),
    set: async (name, value) => {
      await db
        .insertInto('counters')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
    read: async (name) => {
      const row = await db.selectFrom('counters').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value ?? 0;
    },
  };
}

/** The counter grows by so many; it begins at 0. */
export async function addToCounter(db: Kysely<Tables>, name: string, by: number): Promise<void> {
  await db
    .insertInto('counters')
    .values({ name, value: by })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({ value: eb('counters.value', '+', eb.ref('excluded.value')) })),
    )
    .execute();
}
