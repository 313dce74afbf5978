import type { Bodies } from '../engine/bodies.ts';
import { handleChanges } from '../engine/changes.ts';
import type { Halts } from '../engine/halts.ts';
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
import { watchHalts } from './halt-watch.ts';
import { createKeeper, type Keeper } from './keeper.ts';

/** The parts of one service: which driver stands behind each is decided elsewhere (wire.ts, or a storm). */
export interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly routes: readonly Route[];
  /** Every configured route, also those that rest by `--job`. */
  readonly configured: readonly Route[];
  readonly fingerprint: Needs['fingerprint'];
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
    readonly pollMs: number | null;
    readonly leaseMs: number;
  };
  readonly untilSweep: (now: number) => number;
  /** In how many nights every place is verified; null: the audit is off. */
  readonly auditNights: number | null;
}

export interface Assembly {
  readonly needs: Needs;
  readonly keeper: Keeper;
  /** Handles changes and writes until the signal aborts, then finishes what is in hand. */
  work(signal: AbortSignal): Promise<void>;
}

/** Changes of one take are read together, 20 to a request. */
const CHANGES = { keys: 100, messages: 8, parallel: 4 };
/**
 * Writes are handled slab by slab; so many slabs of a tenant at a time keep its budget busy. What a turn does not get to goes
 * back: no more messages are taken than fill the slots twice where there are 40 mailboxes to a slab.
 */
const WRITES = { keys: 1, messages: 64, parallel: 32 };

export function assemble(parts: Parts): Assembly {
  const { clock, log, sources, fingerprint } = parts;
  // Grows when the keeper has given the routes their place in the ledger; the engine reads it at every step.
  const active: ActiveRoute[] = [];
  const needs: Needs = {
    clock,
    log,
    routes: active,
    fingerprint,
    sources,
    targets: parts.targets,
    ledger: parts.ledger,
    halts: parts.halts,
    changes: parts.changes,
    writes: parts.writes,
    bodies: parts.bodies,
    pictures: parts.pictures,
    holdings: new Map(),
    resting: new Map(),
    inTurn: createInTurn(),
    timing: parts.timing,
  };
  const keeper = createKeeper({
    needs,
    routes: parts.routes,
    configured: parts.configured,
    adopt: (routes) => void active.splice(0, active.length, ...routes),
    subscriptions: parts.subscriptions,
    outstandingMs: parts.timing.outstandingMs,
    subscriptionCheckMs: parts.timing.subscriptionCheckMs,
    pollMs: parts.timing.pollMs,
    untilSweep: parts.untilSweep,
    auditNights: parts.auditNights,
  });
  const renewMs = parts.timing.leaseMs / 3;
  const changes: Consumer<Change> = {
    name: 'changes',
    queue: parts.changes,
    limit: CHANGES,
    parallel: CHANGES.parallel,
    tenants: [...sources.keys()],
    handle: (deliveries) => handleChanges(needs, deliveries, (change) => keeper.onSubscription(change)),
    renewMs,
  };
  const writes: Consumer<Write> = {
    name: 'writes',
    queue: parts.writes,
    limit: WRITES,
    parallel: WRITES.parallel,
    tenants: [...sources.keys()],
    handle: async (deliveries) => {
      for (const delivery of deliveries) await reconcile(needs, delivery);
    },
    renewMs,
  };
  return {
    needs,
    keeper,
    work: async (signal) => {
      // Nothing is handled before it is known what is stopped.
      await needs.halts.refresh();
      await Promise.all([
        consume({ clock, log }, changes, signal),
        consume({ clock, log }, writes, signal),
        watchHalts(needs, { everyMs: parts.timing.haltCheckMs, rounds: () => keeper.rounds() }, signal),
      ]);
    },
  };
}
