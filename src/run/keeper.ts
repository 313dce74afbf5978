import { adoptRoutes, roundDone, withdrawRoutes } from '../engine/adopt.ts';
import type { Needs } from '../engine/needs.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import { fillMessage } from '../engine/send.ts';
import type { SubscriptionNeeds } from '../engine/subscribe.ts';
import { roundWanted } from '../engine/turn.ts';
import { sweep, type SweepOptions } from '../engine/sweep.ts';
import { repeat, slept, type Loop } from '../kit/loop.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import { createSubscriber } from './subscriber.ts';

/** What only one process does: subscriptions, sweeps, and everything that waits for nobody's message. */
export interface Keeper {
  /** Adopts the configuration; without the network. Nothing may be handled before. */
  prepare(): Promise<void>;
  /** Whatever changed since the last time. Throws what stands in the way; may be called again. */
  begin(): Promise<void>;
  /** A round over everybody where a ledger turned out to be older than its folders; false where none was wanted. */
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
  /** Ids of routes that are configured, also those that rest by `--job`. */
  readonly configured: ReadonlySet<string>;
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
  let roundOver: ReadonlySet<string> = new Set();

  const sweepEach = async (
    some: Iterable<string>,
    from: (tenant: string) => SweepOptions['from'],
  ): Promise<number> => {
    let changed = 0;
    for (const tenant of some) {
      changed += await sweep(needs, { tenant, from: from(tenant) });
      await needs.ledger.counters.set(sweptAt(tenant), clock.now());
    }
    return changed;
  };

  const begin = async (): Promise<void> => {
    await sweepEach(tenants, (tenant) => (roundOver.has(tenant) ? 'everybody' : 'latest'));
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

  const rounds = async (): Promise<boolean> => {
    const wanted: string[] = [];
    for (const tenant of tenants)
      if ((await needs.ledger.counters.read(roundWanted(tenant))) > 0) wanted.push(tenant);
    await sweepEach(wanted, () => 'everybody');
    for (const tenant of wanted) await needs.ledger.counters.set(roundWanted(tenant), 0);
    return wanted.length > 0;
  };

  const nightly = (): Promise<number> => sweepEach(tenants, () => 'twice');
  const loops = loopsOf(options, {
    nightly,
    latest: async () => void (await sweepEach(tenants, () => 'latest')),
    subscriptions: async () => void (await sweepEach(await subscribe(), () => 'latest')),
    chores: async () => {
      await doChores(options, tenants);
      await rounds();
    },
  });

  return {
    prepare: async () => {
      const adopted = await adoptRoutes(needs, routes);
      roundOver = adopted.roundOver;
      options.adopt(adopted.routes);
      await withdrawRoutes(needs, options.configured);
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
      const gaps = await subscribe(new Set([change.id]));
      await sweepEach(lost ? tenants : gaps, () => 'latest');
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

/** The ledger's counter that holds when a tenant was last swept (milliseconds since 1970). */
export function sweptAt(tenant: string): string {
  return `swept at|${tenant}`;
}

/** What nobody's message asks for: outboxes, withdrawn jobs, mailboxes that may be tried again, old guard entries. */
async function doChores({ needs, configured }: KeeperOptions, tenants: readonly string[]): Promise<void> {
  await sendOutstanding(needs);
  await withdrawRoutes(needs, configured);
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
        error: String(error),
        retrySeconds: START_RETRY_MS / 1000,
      });
      await slept(needs.clock, START_RETRY_MS, signal);
    }
  }
  return false;
}
