import type { Kysely } from 'kysely';
import type { RouteRecord, Routes } from '../engine/ledger-port.ts';
import { forgetBooks } from './book.ts';
import { removalState, routeState } from './codes.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createRoutes({ db, write }: Session): Routes {
  return {
    all: async () => {
      const rows = await db.selectFrom('routes').selectAll().orderBy('key').execute();
      return rows.map(({ source_tenant: sourceTenant, target_tenant: targetTenant, state, ...row }) => ({
        ...row,
        sourceTenant,
        targetTenant,
        state: routeState.word(state),
      }));
    },
    save: async (route) => {
      const { id, job, sourceTenant, targetTenant, folder, definition, state } = route;
      const values = {
        job,
        folder,
        definition,
        state: routeState.of(state),
      };
      const saved = await db
        .insertInto('routes')
        .values({ id, source_tenant: sourceTenant, target_tenant: targetTenant, ...values })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet(values)
            .where('routes.source_tenant', '=', sourceTenant)
            .where('routes.target_tenant', '=', targetTenant),
        )
        .returning('key')
        .executeTakeFirst();
      if (!saved) throw new Error(`Route ${id} is between other tenants; it cannot be moved.`);
      const { key } = saved;
      const record: RouteRecord = { key, id, job, sourceTenant, targetTenant, folder, definition, state };
      return record;
    },
    forget: (key) => write((tx) => forget(tx, key)),
  };
}

async function forget(db: Kysely<Tables>, key: number): Promise<void> {
  const place = await db
    .selectFrom('places')
    .select('key')
    .where('route', '=', key)
    .limit(1)
    .executeTakeFirst();
  if (place) throw new Error(`Route ${key} still has places and cannot be forgotten.`);
  const route = await db
    .deleteFrom('cards')
    .where('route', '=', key)
    .execute()
    .then(() => db.deleteFrom('routes').where('key', '=', key).returning('job').executeTakeFirst());
  if (!route) return;
  await forgetBooks(db);
  await db
    .deleteFrom('people')
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('cards').select('cards.person').whereRef('cards.person', '=', 'people.key')),
      ),
    )
    // Who was met a moment ago has no card yet.
    .where((eb) => eb('key', 'not in', eb.selectFrom('book').select('book.person')))
    .execute();
  await db
    .deleteFrom('suspicions')
    .where('job', '=', route.job)
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom('routes').select('routes.key').where('routes.job', '=', route.job))),
    )
    .execute();
  // What the guard holds, it holds for the job: another direction of the same job still needs it.
  await db
    .deleteFrom('removals')
    .where('job', '=', route.job)
    .where('state', '!=', removalState.of('admitted'))
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom('routes').select('routes.key').where('routes.job', '=', route.job))),
    )
    .execute();
}
