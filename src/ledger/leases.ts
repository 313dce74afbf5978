import type { Leases } from '../engine/crew-port.ts';
import type { Session } from './session.ts';

/** Every change names the row as it was seen: of two that want the same, the database lets one through. */
export function createLeases({ db }: Session): Leases {
  return {
    read: async (name) => {
      const row = await db
        .selectFrom('leases')
        .select(['holder', 'token', 'beat', 'at'])
        .where('name', '=', name)
        .executeTakeFirst();
      return row ?? null;
    },
    take: async (name, { holder, seen, at }) => {
      const token = (seen?.token ?? 0) + 1;
      const taken =
        seen === null
          ? await db
              .insertInto('leases')
              .values({ name, holder, token, beat: 0, at })
              .onConflict((conflict) => conflict.doNothing())
              .returning('token')
              .executeTakeFirst()
          : await db
              .updateTable('leases')
              .set({ holder, token, beat: 0, at })
              .where('name', '=', name)
              .where('token', '=', seen.token)
              .where('beat', '=', seen.beat)
              .returning('token')
              .executeTakeFirst();
      return taken?.token ?? null;
    },
    renew: async (name, token, at) => {
      const renewed = await db
        .updateTable('leases')
        .set((eb) => ({ beat: eb('beat', '+', 1), at }))
        .where('name', '=', name)
        .where('token', '=', token)
        .where('holder', 'is not', null)
        .returning('token')
        .executeTakeFirst();
      return renewed !== undefined;
    },
    release: async (name, token) => {
      await db
        .updateTable('leases')
        .set((eb) => ({ holder: null, beat: eb('beat', '+', 1) }))
        .where('name', '=', name)
        .where('token', '=', token)
        .execute();
    },
  };
}
