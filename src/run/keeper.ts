import { toldOf } from '../kit/told.ts';
import { adoptRoutes, roundDone, withdrawRoutes } from '../engine/adopt.ts';
import type { Needs } from '../engine/needs.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import { fillMessage } from '../engine/send.ts';
import type { SubscriptionNeeds } from '../engine/subscribe.ts';
import { roundWanted } from '../engine/turn.ts';
import { repeat, slept, type Loop } from '../kit/loop.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import { createSubscriber } from './subscriber.ts';
import { createSweeper } from './sweeper.ts';

/** What only one process does: subscriptions, sweeps, and everything that waits for nobody's message. */
export interface Keeper {
  /** Adopts the configuration; without the network. Nothing may be handled before. */
  prepare(): Promise<void>;
  /** Whatever changed since the last time. Throws what stands in the way; may be called again. */
  begin(): Promise<void>;
  /** A round over everybody where a ledger turned out to be older than queue or folders; false where none was wanted. */
  rounds(): Promise<boolean>;
  /** `begin`, tried again until it succeeds, then the periodic work; until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** As the nightly sweep. Returns how many objects were reported as changed. */
  sweep(): Promise<number>;
  onSubscription(change: Change): Promise<void>;
}

export interface KeeperOptions {
  readonly needs: Needs;
  readonly routes: readonly Route[];
  /** Every configured route, also those that rest by `--job`. */
  readonly configured: readonly Route[];
  /** Called with the adopted routes, before anything works with them. */
  readonly adopt: (routes: Needs['routes']) => void;
  /** One per tenant; none where nothing reaches us. */
  readonly subscriptions: readonly SubscriptionNeeds[];
  /** How often everything that waits for nobody's message is looked for. */
  readonly outstandingMs: number;
  readonly subscriptionCheckMs: number;
  /** Asked for changes this often where there are no subscriptions; null otherwise. */
  readonly pollMs: number | null;
  /** Milliseconds until the next nightly sweep. */
  readonly untilSweep: (now: number) => number;
}

const START_RETRY_MS = 10_000;
/** The guard looks 24 hours back; a little more is kept. */
const GUARD_MEMORY_MS = 48 * 3_600_000;

export function createKeeper(options: KeeperOptions): Keeper {
  const { needs, routes } = options;
  const { clock, log } = needs;
  const tenants = [...new Set(routes.flatMap((route) => [route.sourceTenant, route.targetTenant]))];
  const subscribe = createSubscriber(options.subscriptions);
  const isPartial = routes.length < options.configured.length;
  let roundOver: ReadonlySet<string> = new Set();

  const sweeper = createSweeper(needs, tenants);

  const begin = async (): Promise<void> => {
    await sweeper.each(tenants, (tenant) => (roundOver.has(tenant) ? 'everybody' : 'latest'));
    await roundDone(needs, routes);
    roundOver = new Set();
    await sendOutstanding(needs);
    await proveSlabs(needs);
  };

  // First the subscriptions, then the round: nothing can fall in between.
  const start = async (): Promise<void> => {
    await subscribe();
    await begin();
  };

  // A round over some jobs is none: whoever works with all of them makes it.
  const rounds = async (): Promise<boolean> => !isPartial && sweeper.rounds();
  const nightly = (): Promise<number> => sweeper.each(tenants, () => 'twice');
  const loops = loopsOf(options, {
    nightly,
    latest: async () => void (await sweeper.each(tenants, () => 'latest')),
    subscriptions: async () => {
      await subscribe();
      await sweeper.closeGaps();
    },
    chores: async () => {
      await doChores(options, tenants);
      await sweeper.closeGaps();
      await rounds();
    },
  });

  return {
    prepare: async () => {
      const adopted = await adoptRoutes(needs, routes, options.configured);
      roundOver = adopted.roundOver;
      options.adopt(adopted.routes);
      await withdrawRoutes(needs, idsOf(options.configured));
      // What is handled for one job alone is lost to the others: their next start looks at everybody.
      if (isPartial) for (const tenant of tenants) await needs.ledger.counters.set(roundWanted(tenant), 1);
    },
    begin,
    rounds,
    run: async (signal) => {
      if (!(await untilDone({ needs, work: start }, signal))) return;
      await Promise.all(loops.map((loop) => repeat({ clock, log }, loop, signal)));
    },
    sweep: nightly,
    onSubscription: async (change) => {
      const lost = change.causes.some((cause) => cause === 'missed' || cause === 'subscriptionRemoved');
      await subscribe(new Set([change.id]));
      if (lost) await sweeper.each(tenants, () => 'latest');
      else await sweeper.closeGaps();
    },
  };
}

/** The periodic work, each piece at its own pace. */
function loopsOf(
  { needs, subscriptions, ...pace }: KeeperOptions,
  work: {
    readonly nightly: () => Promise<unknown>;
    readonly latest: () => Promise<void>;
    readonly subscriptions: () => Promise<void>;
    readonly chores: () => Promise<void>;
  },
): Loop[] {
  const { pollMs } = pace;
  return [
    { name: 'outstanding work', next: () => pace.outstandingMs, run: work.chores },
    {
      name: 'nightly sweep',
      next: () => pace.untilSweep(needs.clock.now()),
      run: async () => void (await work.nightly()),
    },
    ...(subscriptions.length > 0
      ? [{ name: 'subscriptions', next: () => pace.subscriptionCheckMs, run: work.subscriptions }]
      : []),
    ...(pollMs === null ? [] : [{ name: 'poll', next: () => pollMs, run: work.latest }]),
  ];
}

function idsOf(routes: readonly Route[]): ReadonlySet<string> {
  return new Set(routes.map((route) => route.id));
}

/** What nobody's message asks for: outboxes, withdrawn jobs, mailboxes that may be tried again, old guard entries. */
async function doChores({ needs, configured }: KeeperOptions, tenants: readonly string[]): Promise<void> {
  await sendOutstanding(needs);
  await withdrawRoutes(needs, idsOf(configured));
  const now = needs.clock.now();
  for (const tenant of tenants) {
    const slabs = await needs.ledger.mailboxes.unpark(tenant, now);
    if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => fillMessage({ tenant, slab }, now)));
  }
  await needs.ledger.guard.forgetBefore(now - GUARD_MEMORY_MS);
}

/**
 * A turn in every slab, so that a ledger that was restored from a backup is found out also where nothing is to be
 * written: three calls a slab, shared in batches.
 */
async function proveSlabs(needs: Needs): Promise<void> {
  const at = needs.clock.now();
  for (const route of needs.routes) {
    const slabs = await needs.ledger.slabs.of(route.key);
    if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => fillMessage(slab, at)));
  }
}

async function untilDone(
  { needs, work }: { needs: Needs; work: () => Promise<void> },
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      needs.log.error('start not complete; trying again', {
        error: toldOf(error),
        retrySeconds: START_RETRY_MS / 1000,
      });
      await slept(needs.clock, START_RETRY_MS, signal);
    }
  }
  return false;
}
