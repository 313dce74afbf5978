import { adoptRoutes, roundDone, withdrawRoutes } from '../engine/adopt.ts';
import type { Needs } from '../engine/needs.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import { fillMessage } from '../engine/send.ts';
import { keepSubscriptions, type SubscriptionNeeds } from '../engine/subscribe.ts';
import { sweep } from '../engine/sweep.ts';
import { repeat, slept, type Loop } from '../kit/loop.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';

/** What only one process does: subscriptions, sweeps, and everything that waits for nobody's message. */
export interface Keeper {
  /** Brings configuration, subscriptions and the queue up to date. Throws what stands in the way; may be called again. */
  begin(): Promise<void>;
  /** `begin`, tried again until it succeeds or the signal aborts. */
  start(signal: AbortSignal): Promise<void>;
  /** The periodic work, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Reads everything new; `thorough` as the nightly sweep does. Returns how many objects were reported as changed. */
  sweepAll(thorough: boolean): Promise<number>;
  onSubscription(change: Change): Promise<void>;
}

export interface KeeperOptions {
  /** `routes` in here are filled by `start`. */
  readonly needs: Needs;
  readonly routes: readonly Route[];
  /** Ids of routes that are configured, also those that rest by `--job`. */
  readonly configured: ReadonlySet<string>;
  /** Called with the adopted routes, before anything works with them. */
  readonly adopt: (routes: Needs['routes']) => void;
  /** One per tenant; none where nothing reaches us. */
  readonly subscriptions: readonly SubscriptionNeeds[];
  readonly subscriptionCheckMs: number;
  /** Asked for changes this often where there are no subscriptions; null otherwise. */
  readonly pollMs: number | null;
  /** Milliseconds until the next nightly sweep. */
  readonly untilSweep: (now: number) => number;
}

const MINUTE_MS = 60_000;
const START_RETRY_MS = 10_000;
/** The guard looks 24 hours back; a little more is kept. */
const GUARD_MEMORY_MS = 48 * 3_600_000;

export function createKeeper(options: KeeperOptions): Keeper {
  const { needs } = options;
  const { clock, log, ledger } = needs;
  const tenants = [...new Set(options.routes.flatMap((route) => [route.sourceTenant, route.targetTenant]))];

  const sweepTenant = async (tenant: string, from: 'latest' | 'twice' | 'everybody'): Promise<number> => {
    const changed = await sweep(needs, { tenant, from });
    await ledger.counters.set(`swept at|${tenant}`, clock.now());
    return changed;
  };

  // The timer and a lifecycle event must not both make the same subscription.
  let lastCheck: Promise<unknown> = Promise.resolve();
  const subscribe = (renewNow?: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    const check = lastCheck.then(async () => {
      const gaps = new Set<string>();
      for (const one of options.subscriptions)
        if (await keepSubscriptions(one, renewNow)) gaps.add(one.tenant);
      return gaps;
    });
    lastCheck = check.catch(() => {});
    return check;
  };

  const begin = async (): Promise<void> => {
    const adopted = await adoptRoutes(needs, options.routes);
    options.adopt(adopted.routes);
    await withdrawRoutes(needs, options.configured);
    // First the subscriptions, then the round: nothing can fall in between.
    await subscribe();
    for (const tenant of tenants)
      await sweepTenant(tenant, adopted.roundOver.has(tenant) ? 'everybody' : 'latest');
    await roundDone(needs, options.routes);
    await sendOutstanding(needs);
  };

  const chores = async (): Promise<void> => {
    await sendOutstanding(needs);
    await withdrawRoutes(needs, options.configured);
    const now = clock.now();
    for (const tenant of tenants) {
      const slabs = await ledger.mailboxes.unpark(tenant, now);
      if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => fillMessage({ tenant, slab }, now)));
    }
    await ledger.guard.forgetBefore(now - GUARD_MEMORY_MS);
  };

  const check = async (): Promise<void> => {
    for (const tenant of await subscribe()) await sweepTenant(tenant, 'latest');
  };

  const sweepAll = async (thorough: boolean): Promise<number> => {
    let changed = 0;
    for (const tenant of tenants) changed += await sweepTenant(tenant, thorough ? 'twice' : 'latest');
    return changed;
  };

  const loops = (): Loop[] => [
    { name: 'outstanding work', next: () => MINUTE_MS, run: chores },
    {
      name: 'nightly sweep',
      next: () => options.untilSweep(clock.now()),
      run: async () => void (await sweepAll(true)),
    },
    ...(options.subscriptions.length > 0
      ? [{ name: 'subscriptions', next: () => options.subscriptionCheckMs, run: check }]
      : []),
    ...(options.pollMs === null
      ? []
      : [{ name: 'poll', next: () => options.pollMs ?? 0, run: async () => void (await sweepAll(false)) }]),
  ];

  return {
    begin,
    start: async (signal) => {
      while (!signal.aborted) {
        try {
          return await begin();
        } catch (error) {
          log.error('start not complete; trying again', {
            error: String(error),
            retrySeconds: START_RETRY_MS / 1000,
          });
          await slept(clock, START_RETRY_MS, signal);
        }
      }
    },
    run: async (signal) => {
      await Promise.all(loops().map((loop) => repeat({ clock, log }, loop, signal)));
    },
    sweepAll,
    onSubscription: async (change) => {
      const lost = change.causes.some((cause) => cause === 'missed' || cause === 'subscriptionRemoved');
      const gaps = await subscribe(new Set([change.id]));
      for (const tenant of lost ? tenants : gaps) await sweepTenant(tenant, 'latest');
    },
  };
}
