import { adoptRoutes, withdrawRoutes } from '../engine/adopt.ts';
import { awaitsAdoption, countAdoptable } from '../engine/adoption.ts';
import { createBodies } from '../engine/bodies.ts';
import { forecastPeople, forecastSlab, type Move, type MutableTally } from '../engine/forecast.ts';
import { createHalts } from '../engine/halts.ts';
import { missingGroupsOf } from '../engine/exceptions.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { findLeftovers, type Leftovers } from '../engine/leftovers.ts';
import type { Needs } from '../engine/needs.ts';
import type { Outgoing, Queue } from '../engine/queue-port.ts';
import { sweep } from '../engine/sweep.ts';
import { createInTurn } from '../kit/in-turn.ts';
import { silentLog } from '../kit/log.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import type { Connection } from './connect.ts';
import { forecastMeetings } from './plan-meetings.ts';
import { planJobs, type PlanReport } from './plan-report.ts';
import { readingOnly } from './reading-only.ts';
import type { Surroundings } from './service.ts';

export interface PlanParts extends Pick<Surroundings, 'clock'> {
  /** A copy that is thrown away. */
  readonly ledger: Ledger;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly routes: readonly Route[];
  readonly configured: readonly Route[];
  readonly fingerprint: Needs['fingerprint'];
  readonly digest: Needs['digest'];
  readonly gatewayTimeoutMs: number;
}

/**
 * A dry run: a full round over the directory, decided by the code that decides in earnest, and held against the links. It
 * reads from the directory, one contact for each person who has changed, which folders stand beside ours, and for jobs with
 * `adopt` what could be taken over; it writes nothing anywhere.
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
  const forecast = async (tenant: string): Promise<void> => {
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
  };
  const tenants = new Set(active.flatMap((route) => [route.sourceTenant, route.targetTenant]));
  const books = new Set(active.flatMap(({ shares, sourceTenant }) => (shares ? sourceTenant : [])));
  for (const tenant of tenants.difference(books)) await forecast(tenant);
  // What mailboxes share is known when it is known which of them do.
  await forecastMeetings(needs);
  for (const book of books) await forecast(book);
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
  const jobs = await planJobs(needs, { moves, tallies, adoptions: await forecastAdoptions(needs, people) });
  const leftovers: Leftovers[] = [];
  for (const tenant of new Set(active.map(({ targetTenant }) => targetTenant)))
    leftovers.push(await findLeftovers(needs, tenant));
  let httpRequests = 0;
  for (const connection of connections.values()) httpRequests += connection.httpRequests();
  const missing = await missingGroupsOf(ledger, parts.configured);
  const missingGroups = missing.map(({ tenant, group }) => ({ tenant, group }));
  return { jobs, leftovers, missingGroups, unread, httpRequests, seconds: (clock.now() - startedAt) / 1_000 };
}

/** What jobs with `adopt` would take over, by route and owner: in mailboxes that were not looked through yet. */
async function forecastAdoptions(
  needs: Needs,
  people: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Map<number, ReadonlyMap<string, number>>> {
  const { ledger } = needs;
  const adoptions = new Map<number, ReadonlyMap<string, number>>();
  for (const route of needs.routes) {
    if (route.adopt === null) continue;
    const cards = await ledger.cards.of(route.sourceTenant, [...(people.get(route.sourceTenant) ?? [])]);
    const shown = cards.filter((card) => card.route === route.key && card.state === 'shown');
    const counts = new Map<string, number>();
    for (const { tenant, slab } of await ledger.slabs.of(route.key)) {
      const places = (await ledger.places.ofSlab(tenant, slab)).filter((place) =>
        awaitsAdoption(needs, place),
      );
      for (const [owner, count] of await countAdoptable(needs, route, { places, people: shown }))
        counts.set(owner, count);
    }
    adoptions.set(route.key, counts);
  }
  return adoptions;
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
  { ledger, clock, connections, fingerprint, digest, gatewayTimeoutMs }: PlanParts,
  { asked, active }: { asked: Change[]; active: Needs['routes'] },
): Needs {
  const sources = new Map([...connections].map(([tenant, { source }]) => [tenant, source]));
  return {
    clock,
    // What the guard would say is in the report.
    log: silentLog,
    routes: active,
    fingerprint,
    digest,
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
    unsure: new Map(),
    missed: new Map(),
    unread: new Map(),
    failing: new Set(),
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
    reachable: async () => {},
    waiting: never,
    depth: never,
    peek: never,
    deadLetters: never,
    discard: never,
    close: async () => {},
  };
}
