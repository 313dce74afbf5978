import type { Counters } from '../engine/ledger-books.ts';
import type { Session } from './session.ts';

export function createCounters({ db }: Session): Counters {
  return {
    add: async (name, by) => {
      await db
        .insertInto('counters')
        .values({ name, value: by })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((eb) => ({ value: eb('counters.value', '+', eb.ref('excluded.value')) })),
        )
        .execute();
    },
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
