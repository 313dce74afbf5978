import type { Crew, CrewRole } from '../engine/crew-port.ts';
import type { Session } from './session.ts';

const roles: readonly CrewRole[] = ['worker', 'keeper', 'standby', 'all'];

export function createCrew({ db }: Session): Crew {
  return {
    all: async () => {
      const rows = await db.selectFrom('workers').selectAll().orderBy('id').execute();
      // A role of a later version works, too: it gets its share.
      return rows.map((row) => ({ ...row, role: roles.find((role) => role === row.role) ?? 'all' }));
    },
    announce: async ({ id, role, configuration, at }) => {
      await db
        .insertInto('workers')
        .values({ id, role, configuration, beat: 0, at })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet((eb) => ({ role, configuration, at, beat: eb('workers.beat', '+', 1) })),
        )
        .execute();
    },
    leave: async (id, seen) => {
      await db
        .deleteFrom('workers')
        .where('id', '=', id)
        .$if(seen !== undefined, (query) => query.where('beat', '=', seen ?? 0))
        .execute();
    },
  };
}
