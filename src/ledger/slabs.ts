import type { Kysely } from 'kysely';
import type { Slabs } from '../engine/ledger-books.ts';
import { anew } from './anew.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createSlabs({ db, write }: Session): Slabs {
  return {
    of: (route) =>
      db
        .selectFrom('places as p')
        .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
        .where('p.route', '=', route)
        .select(['m.tenant', 'm.slab'])
        .distinct()
        .orderBy('m.tenant')
        .orderBy('m.slab')
        .execute(),
    generation: async (tenant, slab) => {
      const row = await db
        .selectFrom('slabs')
        .select(['current', 'stamped'])
        .where('tenant', '=', tenant)
        .where('slab', '=', slab)
        .executeTakeFirst();
      return row ?? { current: 0, stamped: 0 };
    },
    stamped: async (tenant, slab, generation) => {
      await db
        .insertInto('slabs')
        .values({ tenant, slab, current: generation, stamped: generation })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant', 'slab'])
            .doUpdateSet({ stamped: generation })
            .where('slabs.stamped', '<', generation),
        )
        .execute();
    },
    distrust: (tenant, slab, { generation, at }) =>
      write(async (tx) => {
        await tx
          .updateTable('places')
          .set((eb) => ({ trusted: 0, ...anew(eb) }))
          .where('mailbox', 'in', (eb) =>
            eb.selectFrom('mailboxes').select('key').where('tenant', '=', tenant).where('slab', '=', slab),
          )
          .execute();
        await tx
          .insertInto('slabs')
          .values({ tenant, slab, current: generation, stamped: generation, distrusted: at })
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'slab'])
              .doUpdateSet({ current: generation, stamped: generation, distrusted: at }),
          )
          .execute();
      }),
  };
}

/** The next generation of a slab, within the transaction that stores what the turn is about to write. */
export async function raiseGeneration(
  db: Kysely<Tables>,
  { tenant, slab }: { tenant: string; slab: number },
): Promise<number> {
  const { current } = await db
    .insertInto('slabs')
    .values({ tenant, slab, current: 1, stamped: 0 })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'slab']).doUpdateSet((eb) => ({ current: eb('slabs.current', '+', 1) })),
    )
    .returning('current')
    .executeTakeFirstOrThrow();
  return current;
}
