import { meetRoutes } from '../engine/adopt.ts';
import type { Bodies } from '../engine/bodies.ts';
import { handleChanges, type OnSubscription } from '../engine/changes.ts';
import { createHalts, type Halts } from '../engine/halts.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import type { ActiveRoute, Needs, Timing } from '../engine/needs.ts';
import type { Pictures } from '../engine/pictures.ts';
import type { Source, Target } from '../engine/ports.ts';
import type { Queue } from '../engine/queue-port.ts';
import { reconcile } from '../engine/reconcile.ts';
import type { SubscriptionNeeds } from '../engine/subscribe.ts';
import type { Clock } from '../kit/clock.ts';
import { createInTurn } from '../kit/in-turn.ts';
import type { Log } from '../kit/log.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import type { Write } from '../model/write.ts';
import { consume, type Consumer } from './consumer.ts';
import { SOLE, type Authority } from './authority.ts';
import { followHalts, watchHalts } from './halt-watch.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { tellKeeper } from './subscriber.ts';

/** The parts of one service: which driver stands behind each is decided elsewhere (wire.ts, or a storm). */
export interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly routes: readonly Route[];
  /** Every configured route, also those that rest by `--job`. */
  readonly configured: readonly Route[];
  readonly fingerprint: Needs['fingerprint'];
  readonly digest: Needs['digest'];
  readonly bodies: Bodies;
  readonly pictures: Pictures;
  readonly sources: ReadonlyMap<string, Source>;
  readonly targets: ReadonlyMap<string, Target>;
  readonly ledger: Ledger;
  readonly halts: Halts;
  readonly changes: Queue<Change>;
  readonly writes: Queue<Write>;
  readonly subscriptions: readonly SubscriptionNeeds[];
  readonly timing: Timing & {
    readonly outstandingMs: number;
    /** How soon an order of an administrator is seen. */
    readonly haltCheckMs: number;
    readonly subscriptionCheckMs: number;
    readonly pollMs: number;
    readonly leaseMs: number;
  };
  readonly untilSweep: (now: number) => number;
  /** Who is kept out by the configuration; nobody unless given. */
  readonly keptOut?: readonly string[];
  /** So long the record of writes is kept (milliseconds); for good unless given. */
  readonly recordMs?: number;
  /** In how many nights every place is verified; null: the audit is off. */
  readonly auditNights: number | null;
  /** Of a process that is alone unless given. */
  readonly authority?: Authority;
}

export interface Assembly {
  readonly needs: Needs;
  readonly keeper: Keeper;
  /** What a process does before it handles anything, unless `keeper.prepare` is called: without the network. */
  meet(): Promise<void>;
  /** Handles changes and writes until the signal aborts, then finishes what is in hand. */
  handle(signal: AbortSignal): Promise<void>;
  /** The same, and follows the orders of administrators: everything but what the keeper does by the clock. */
  work(signal: AbortSignal): Promise<void>;
  /** All that the keeper does, orders of administrators included, until the signal aborts. */
  keep(signal: AbortSignal): Promise<void>;
}

/** Changes of one take are read together, 20 to a request. */
const CHANGES = { keys: 100, messages: 8, parallel: 4 };
/**
 * Writes are handled slab by slab; so many slabs of a tenant at a time keep its budget busy. What a turn does not get to goes
 * back: no more messages are taken than fill the slots twice where there are 40 mailboxes to a slab.
 */
const WRITES = { keys: 1, messages: 64, parallel: 32 };

export function assemble(parts: Parts): Assembly {
  const { clock, log, authority = SOLE } = parts;
  // Grows when the routes have their place in the ledger; the engine reads it at every step.
  const active: ActiveRoute[] = [];
  const adopt = (routes: readonly ActiveRoute[]): void => void active.splice(0, active.length, ...routes);
  const needs = needsOf(parts, active);
  const kept = authority === SOLE ? needs : keptBy(authority, needs);
  const keeper = createKeeper({
    ...parts,
    ...parts.timing,
    needs: kept,
    adopt,
    subscriptions: parts.subscriptions.map((one) => fencedSubscriptions(authority, one)),
    agrees: () => authority.agrees(),
  });
  const { changes, writes } = consumersOf(parts, needs, (change) =>
    authority.isKeeper() ? keeper.onSubscription(change) : tellKeeper(needs, change),
  );
  const consumeBoth = (signal: AbortSignal): Promise<unknown> =>
    Promise.all([consume({ clock, log }, changes, signal), consume({ clock, log }, writes, signal)]);
  const orders = (signal: AbortSignal): Promise<void> =>
    watchHalts(kept, { everyMs: parts.timing.haltCheckMs, rounds: () => keeper.rounds() }, signal);
  return {
    needs,
    keeper,
    meet: async () => adopt(await meetRoutes(needs, parts.routes)),
    handle: async (signal) => {
      await needs.halts.refresh();
      await Promise.all([consumeBoth(signal), followHalts(needs, parts.timing.haltCheckMs, signal)]);
    },
    work: async (signal) => {
      // Nothing is handled before it is known what is stopped.
      await needs.halts.refresh();
      await Promise.all([consumeBoth(signal), orders(signal)]);
    },
    keep: async (signal) => {
      await kept.halts.refresh();
      await Promise.all([keeper.run(signal), orders(signal)]);
    },
  };
}

function needsOf(parts: Parts, routes: readonly ActiveRoute[]): Needs {
  const { clock, log, sources, fingerprint, digest, targets, ledger, halts } = parts;
  const { changes, writes, bodies, pictures, timing } = parts;
  return {
    clock,
    log,
    routes,
    fingerprint,
    digest,
    sources,
    targets,
    ledger,
    halts,
    changes,
    writes,
    bodies,
    pictures,
    timing,
    holdings: new Map(),
    resting: new Map(),
    unsure: new Map(),
    missed: new Map(),
    unread: new Map(),
    failing: new Set(),
    inTurn: createInTurn(),
  };
}

/** The same for the keeper: whatever it writes, it writes only while it is the keeper. */
function keptBy(authority: Authority, needs: Needs): Needs {
  const ledger = authority.fenced(needs.ledger);
  return {
    ...needs,
    ledger,
    // Its own: what the workers beside it read, it must not miss.
    halts: createHalts(ledger.halts),
    changes: authority.fenced(needs.changes),
    writes: authority.fenced(needs.writes),
  };
}

function fencedSubscriptions(authority: Authority, needs: SubscriptionNeeds): SubscriptionNeeds {
  const { book, counters, changes, subscriptions } = needs;
  return {
    ...needs,
    book: authority.fenced(book),
    counters: authority.fenced(counters),
    changes: authority.fenced(changes),
    subscriptions: authority.fenced(subscriptions),
  };
}

function consumersOf(
  parts: Parts,
  needs: Needs,
  onSubscription: OnSubscription,
): { changes: Consumer<Change>; writes: Consumer<Write> } {
  const renewMs = parts.timing.leaseMs / 3;
  const tenants = [...parts.sources.keys()];
  return {
    changes: {
      name: 'changes',
      queue: parts.changes,
      limit: CHANGES,
      parallel: CHANGES.parallel,
      tenants,
      handle: (deliveries) => handleChanges(needs, deliveries, onSubscription),
      renewMs,
    },
    writes: {
      name: 'writes',
      queue: parts.writes,
      limit: WRITES,
      parallel: WRITES.parallel,
      tenants,
      handle: async (deliveries, stop) => {
        for (const delivery of deliveries) await reconcile(needs, delivery, stop);
      },
      renewMs,
    },
  };
}
