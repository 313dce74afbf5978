import type { Kysely } from 'kysely';
import type { HaltBook, HaltMode, HaltRecord, HaltScope } from '../engine/ledger-books.ts';
import { roundWanted } from '../engine/turn.ts';
import { haltMode, haltScope, placeState, routeState } from './codes.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createHalts({ db, write }: Session): HaltBook {
  return {
    all: async () => {
      const rows = await db
        .selectFrom('halts')
        .selectAll()
        .orderBy('scope')
        .orderBy('name')
        .orderBy('mode')
        .execute();
      return rows.map((row) => ({
        scope: toScope(haltScope.word(row.scope), row.name),
        mode: haltMode.word(row.mode),
        since: row.at,
      }));
    },
    set: (halt) => write((tx) => set(tx, halt)),
    lift: (scope) => write((tx) => lift(tx, scope)),
    ofRoutes: () => ofRoutes(db),
  };
}

function toScope(kind: HaltScope['kind'], name: string): HaltScope {
  return kind === 'all' ? { kind } : { kind, name };
}

function nameOf(scope: HaltScope): string {
  return scope.kind === 'all' ? '' : scope.name;
}

async function set(db: Kysely<Tables>, { scope, mode, since }: HaltRecord): Promise<void> {
  const [kind, name] = [haltScope.of(scope.kind), nameOf(scope)];
  await db
    .insertInto('halts')
    .values({ scope: kind, name, mode: haltMode.of(mode), at: since })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  if (mode !== 'reverting') return;
  await db
    .deleteFrom('halts')
    .where('scope', '=', kind)
    .where('name', '=', name)
    .where('mode', '=', haltMode.of('paused'))
    .execute();
}

async function lift(db: Kysely<Tables>, scope: HaltScope): Promise<boolean> {
  const lifted = await db
    .deleteFrom('halts')
    .$if(scope.kind === 'all', (query) => query.where('mode', '=', haltMode.of('paused')))
    .$if(scope.kind !== 'all', (query) =>
      query.where('scope', '=', haltScope.of(scope.kind)).where('name', '=', nameOf(scope)),
    )
    .returning('mode')
    .execute();
  const reverted = lifted.some(({ mode }) => mode === haltMode.of('reverting'));
  if (reverted) await takeUpAgain(db, nameOf(scope));
  return lifted.length > 0;
}

/** Whoever really leaves is found by the round. Until then nothing more is taken away. */
async function takeUpAgain(db: Kysely<Tables>, job: string): Promise<void> {
  const routes = await db
    .selectFrom('routes')
    .where('job', '=', job)
    .where('state', '=', routeState.of('active'))
    .select(['key', 'source_tenant', 'target_tenant'])
    .execute();
  for (const route of routes) {
    await db
      .updateTable('places')
      .set({ state: placeState.of('active'), filled: 0, cursor: 0, dirty: 0 })
      .where('route', '=', route.key)
      .where('state', '=', placeState.of('leaving'))
      .execute();
    for (const tenant of [route.source_tenant, route.target_tenant]) {
      await db
        .insertInto('counters')
        .values({ name: roundWanted(tenant), value: 1 })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: 1 }))
        .execute();
    }
  }
}

async function ofRoutes(db: Kysely<Tables>): Promise<ReadonlyMap<string, HaltMode>> {
  const rows = await db
    .selectFrom('routes as r')
    .innerJoin('halts as h', (join) =>
      join.on((eb) =>
        eb.or([
          eb('h.scope', '=', haltScope.of('all')),
          eb.and([
            eb('h.scope', '=', haltScope.of('tenant')),
            eb.or([
              eb('h.name', '=', eb.ref('r.source_tenant')),
              eb('h.name', '=', eb.ref('r.target_tenant')),
            ]),
          ]),
          eb.and([eb('h.scope', '=', haltScope.of('job')), eb('h.name', '=', eb.ref('r.job'))]),
        ]),
      ),
    )
    .select(['r.id', 'h.mode'])
    .execute();
  const halts = new Map<string, HaltMode>();
  for (const { id, mode } of rows) {
    const word = haltMode.word(mode);
    if (word === 'paused' || !halts.has(id)) halts.set(id, word);
  }
  return halts;
}
