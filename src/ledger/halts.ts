import { sql, type CompiledQuery, type Kysely } from 'kysely';
import type { HaltBook, HaltMode, HaltRecord, HaltScope } from '../engine/ledger-books.ts';
import { roundWanted } from '../engine/turn.ts';
import { anew } from './anew.ts';
import { addToCounter } from './counters.ts';
import { haltMode, haltScope, placeState, routeState } from './codes.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createHalts({ db, write }: Session): HaltBook {
  const ofRoutes = compileOfRoutes(db);
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
    ofRoutes: async () => strongest((await db.executeQuery(ofRoutes)).rows),
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

/**
 * Whoever really leaves is found by the round. Until then nothing more is taken away. Originals that were adopted are released
 * by now, or some of them: they are looked for once more before anything is made beside them.
 */
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
      .set((eb) => ({ state: placeState.of('active'), adopted: 0, ...anew(eb) }))
      .where('route', '=', route.key)
      .where('state', '=', placeState.of('leaving'))
      .execute();
    for (const tenant of [route.source_tenant, route.target_tenant])
      await addToCounter(db, roundWanted(tenant), 1);
  }
}

interface RouteHalt {
  readonly id: string;
  readonly mode: number;
}

/** Asked before every turn: written once. */
function compileOfRoutes(db: Kysely<Tables>): CompiledQuery<RouteHalt> {
  return db
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
              // What stands in a tenant beside its mailboxes is called after it.
              sql<boolean>`substr(r.target_tenant, 1, length(h.name) + 1) = h.name || '/'`,
            ]),
          ]),
          eb.and([eb('h.scope', '=', haltScope.of('job')), eb('h.name', '=', eb.ref('r.job'))]),
        ]),
      ),
    )
    .select(['r.id', 'h.mode'])
    .compile();
}

/** A pause outdoes a revert. */
function strongest(rows: readonly RouteHalt[]): ReadonlyMap<string, HaltMode> {
  const halts = new Map<string, HaltMode>();
  for (const { id, mode } of rows) {
    const word = haltMode.word(mode);
    if (word === 'paused' || !halts.has(id)) halts.set(id, word);
  }
  return halts;
}
