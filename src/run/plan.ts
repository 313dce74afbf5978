import { adoptRoutes, withdrawRoutes } from '../engine/adopt.ts';
import { createBodies } from '../engine/bodies.ts';
import { forecastPeople, forecastSlab, type Move, type MutableTally } from '../engine/forecast.ts';
import { createHalts } from '../engine/halts.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import type { Needs } from '../engine/needs.ts';
import type { Operation, Target } from '../engine/ports.ts';
import type { Outgoing, Queue } from '../engine/queue-port.ts';
import { sweep } from '../engine/sweep.ts';
import { createInTurn } from '../kit/in-turn.ts';
import { silentLog } from '../kit/log.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import type { Connection } from './connect.ts';
import { planJobs } from './plan-report.ts';
import type { PlanReport, Surroundings } from './service.ts';

export interface PlanParts extends Pick<Surroundings, 'clock'> {
  /** A copy that is thrown away. */
  readonly ledger: Ledger;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly routes: readonly Route[];
  readonly configured: readonly Route[];
  readonly fingerprint: Needs['fingerprint'];
  readonly gatewayTimeoutMs: number;
}

/**
 * A dry run: a full round over the directory, decided by the code that decides in earnest, and held against the links. It
 * reads from the directory, and one contact for each person who has changed; it writes nothing anywhere.
 */
export async function makePlan(parts: PlanParts): Promise<PlanReport> {
  const { ledger, clock, connections } = parts;
  const startedAt = clock.now();
  const asked: Change[] = [];
  const active: Needs['routes'][number][] = [];
  const needs = needsOf(parts, { asked, active });
  active.push(...(await adoptRoutes(needs, parts.routes, parts.configured)).routes);
  await withdrawRoutes(needs, new Set(parts.configured.map(({ id }) => id)));
  await needs.halts.refresh();

  const moves: Move[] = [];
  let unread = 0;
  const people = new Map<string, ReadonlySet<string>>();
  for (const tenant of new Set(active.flatMap((route) => [route.sourceTenant, route.targetTenant]))) {
    await sweep(needs, { tenant, from: 'everybody' });
    const ids = new Set(
      asked
        .splice(0)
        .flatMap((change) => (change.kind === 'user' && change.tenant === tenant ? change.id : [])),
    );
    people.set(tenant, ids);
    const seen = await forecastPeople(needs, tenant, [...ids]);
    moves.push(...seen.moves);
    unread += seen.unread;
  }
  const tallies = new Map<number, MutableTally>();
  for (const route of await ledger.routes.all()) {
    const known = await ledger.cards.identities(route.sourceTenant);
    const seen = people.get(route.sourceTenant) ?? new Set();
    people.set(route.sourceTenant, seen.union(new Set(known)));
  }
  for (const { tenant, slab, sources } of await slabsOf(ledger)) {
    const identities = [...new Set(sources.flatMap((source) => [...(people.get(source) ?? [])]))];
    await forecastSlab(needs, { tenant, slab, identities }, tallies);
  }
  const jobs = await planJobs(needs, { moves, tallies });
  let httpRequests = 0;
  for (const connection of connections.values()) httpRequests += connection.httpRequests();
  return { jobs, unread, httpRequests, seconds: (clock.now() - startedAt) / 1_000 };
}

async function slabsOf(
  ledger: Ledger,
): Promise<{ tenant: string; slab: number; sources: readonly string[] }[]> {
  const slabs = new Map<string, { tenant: string; slab: number; sources: string[] }>();
  for (const route of await ledger.routes.all()) {
    for (const { tenant, slab } of await ledger.slabs.of(route.key)) {
      const known = slabs.get(`${tenant}|${slab}`) ?? { tenant, slab, sources: [] };
      known.sources.push(route.sourceTenant);
      slabs.set(`${tenant}|${slab}`, known);
    }
  }
  return [...slabs.values()];
}

function needsOf(
  { ledger, clock, connections, fingerprint, gatewayTimeoutMs }: PlanParts,
  { asked, active }: { asked: Change[]; active: Needs['routes'] },
): Needs {
  const sources = new Map([...connections].map(([tenant, { source }]) => [tenant, source]));
  return {
    clock,
    // What the guard would say is in the report.
    log: silentLog,
    routes: active,
    fingerprint,
    sources,
    targets: new Map([...connections].map(([tenant, { target }]) => [tenant, readingOnly(target)])),
    ledger,
    halts: createHalts(ledger.halts),
    changes: listening((messages) => asked.push(...messages.map(({ body }) => body))),
    writes: listening(() => {}),
    bodies: createBodies({ sources, fingerprint, ledger }),
    pictures: { digestOfTag: () => '', read: never, of: never },
    holdings: new Map(),
    resting: new Map(),
    inTurn: createInTurn(),
    // At the last look, whoever cannot be found is gone.
    timing: { secondLookMs: [0, 0], gatewayTimeoutMs, parkMs: 0 },
  };
}

function never(): Promise<never> {
  return Promise.reject(new Error('A plan takes nothing from a queue.'));
}

/** A queue that is only spoken to. */
function listening<Body>(heard: (messages: readonly Outgoing<Body>[]) => void): Queue<Body> {
  return {
    send: async (messages) => heard(messages),
    take: never,
    renew: never,
    setState: never,
    settle: never,
    ready: never,
    depth: never,
    deadLetters: never,
    close: async () => {},
  };
}

function isRead({ kind }: Operation): boolean {
  return kind === 'find' || kind === 'read';
}

/** The second lock on the door: not even by mistake does a plan write. */
function readingOnly(target: Target): Target {
  return {
    apply: (operations, urgency) => {
      if (!operations.every(isRead)) return Promise.reject(new Error('A plan does not write.'));
      return target.apply(operations, urgency);
    },
    spare: () => target.spare(),
  };
}
