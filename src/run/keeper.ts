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
import { createAuditor, type Auditor } from './auditor.ts';
import { inEvery } from './hindered.ts';
import { createSubscriber } from './subscriber.ts';
import { createSweeper } from './sweeper.ts';
import { hinderedSince } from './tenant-notes.ts';

/** What only one process does: subscriptions, sweeps, and everything that waits for nobody's message. */
export interface Keeper {
  /** Adopts the configuration; without the network. Nothing may be handled before. */
  prepare(): Promise<void>;
  /** Whatever changed since the last time, in all tenants side by side. Throws `Hindered`; may be called again. */
  begin(): Promise<void>;
  /** A round over everybody where a ledger turned out to be older than queue or folders; false where none was wanted. */
  rounds(): Promise<boolean>;
  /** In each tenant `begin`, tried again until it succeeds, then the periodic work; until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** As the nightly sweep. Returns how many objects were reported as changed. Throws `Hindered`. */
  sweep(): Promise<number>;
  onSubscription(change: Change): Promise<void>;
  readonly auditor: Auditor;
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
  /** In how many nights every place is verified; null: the audit is off. */
  readonly auditNights: number | null;
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
  const kept = [...new Set([...tenants, ...options.subscriptions.map(({ tenant }) => tenant)])];
  const subscribe = createSubscriber(options.subscriptions);
  const isPartial = routes.length < options.configured.length;
  const roundOver = new Set<string>();
  const begun = new Set<string>();

  const sweeper = createSweeper(needs);
  const auditor = createAuditor(needs, options.auditNights);

  const begin = async (tenant: string): Promise<void> => {
    if (!tenants.includes(tenant)) return;
    await sweeper.sweep(tenant, roundOver.has(tenant) ? 'everybody' : 'latest');
    roundOver.delete(tenant);
    begun.add(tenant);
    // A definition holds when everybody was looked at under it, at both ends of the route.
    await roundDone(
      needs,
      routes.filter(({ sourceTenant, targetTenant }) => begun.has(sourceTenant) && begun.has(targetTenant)),
    );
    await sendOutstanding(needs);
    await proveSlabs(needs, tenant);
  };

  // A round over some jobs is none: whoever works with all of them makes it.
  const round = async (tenant: string): Promise<boolean> => !isPartial && sweeper.round(tenant);
  const nightly = (tenant: string): Promise<number> => sweeper.sweep(tenant, 'twice');

  const keep = async (tenant: string, signal: AbortSignal): Promise<void> => {
    const noted = <T>(work: () => Promise<T>): Promise<T> => noteHindrance(needs, tenant, work);
    // First the subscriptions, then the round: nothing can fall in between.
    const start = (): Promise<void> => noted(() => subscribe(tenant).then(() => begin(tenant)));
    if (!(await untilDone({ needs, tenant, work: start }, signal))) return;
    const loops = loopsOf(options, tenant, {
      nightly: () => noted(() => nightly(tenant).then(() => auditor.nightly(tenant))),
      latest: () => noted(() => sweeper.sweep(tenant, 'latest')),
      subscriptions: () => noted(() => subscribe(tenant).then(() => sweeper.closeGap(tenant))),
      wanted: () => noted(() => sweeper.closeGap(tenant).then(() => round(tenant))),
    });
    await Promise.all(loops.map((loop) => repeat({ clock, log }, loop, signal)));
  };

  const chores: Loop = {
    name: 'outstanding work',
    next: () => options.outstandingMs,
    run: () => doChores(options, tenants).then(() => auditor.outstanding()),
  };

  return {
    auditor,
    prepare: async () => {
      const adopted = await adoptRoutes(needs, routes, options.configured);
      for (const tenant of adopted.roundOver) roundOver.add(tenant);
      options.adopt(adopted.routes);
      await withdrawRoutes(needs, idsOf(options.configured));
      // What is handled for one job alone is lost to the others: their next start looks at everybody.
      if (isPartial) for (const tenant of tenants) await needs.ledger.counters.set(roundWanted(tenant), 1);
    },
    begin: async () =>
      void (await inEvery(tenants, (tenant) => noteHindrance(needs, tenant, () => begin(tenant)))),
    rounds: async () => (await inEvery(tenants, round)).includes(true),
    run: async (signal) => {
      await Promise.all([
        repeat({ clock, log }, chores, signal),
        ...kept.map((tenant) => keep(tenant, signal)),
      ]);
    },
    sweep: async () => (await inEvery(tenants, nightly)).reduce((sum, changed) => sum + changed, 0),
    onSubscription: async ({ id, tenant, causes }) => {
      const lost = causes.some((cause) => cause === 'missed' || cause === 'subscriptionRemoved');
      await subscribe(tenant, new Set([id]));
      if (lost) await sweeper.sweep(tenant, 'latest');
      else await sweeper.closeGap(tenant);
    },
  };
}

/** The periodic work in one tenant, each piece at its own pace. */
function loopsOf(
  { needs, subscriptions, ...pace }: KeeperOptions,
  tenant: string,
  work: Readonly<Record<'nightly' | 'latest' | 'subscriptions' | 'wanted', () => Promise<unknown>>>,
): Loop[] {
  const { pollMs } = pace;
  const loop = (name: string, next: () => number, run: () => Promise<unknown>): Loop => ({
    name: `${name} of ${tenant}`,
    next,
    run: async () => void (await run()),
  });
  return [
    loop('wanted sweeps', () => pace.outstandingMs, work.wanted),
    loop('nightly sweep', () => pace.untilSweep(needs.clock.now()), work.nightly),
    ...(subscriptions.some((one) => one.tenant === tenant)
      ? [loop('subscriptions', () => pace.subscriptionCheckMs, work.subscriptions)]
      : []),
    ...(pollMs === null ? [] : [loop('poll', () => pollMs, work.latest)]),
  ];
}

/** Remembers for `status` since when nothing succeeds in a tenant. */
async function noteHindrance<T>(
  { ledger, clock }: Pick<Needs, 'ledger' | 'clock'>,
  tenant: string,
  work: () => Promise<T>,
): Promise<T> {
  const name = hinderedSince(tenant);
  try {
    const result = await work();
    if ((await ledger.counters.read(name)) !== 0) await ledger.counters.set(name, 0);
    return result;
  } catch (error) {
    if ((await ledger.counters.read(name)) === 0) await ledger.counters.set(name, clock.now());
    throw error;
  }
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
async function proveSlabs(needs: Needs, tenant: string): Promise<void> {
  const at = needs.clock.now();
  for (const route of needs.routes.filter(({ targetTenant }) => targetTenant === tenant)) {
    const slabs = await needs.ledger.slabs.of(route.key);
    if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => fillMessage(slab, at)));
  }
}

async function untilDone(
  { needs, tenant, work }: { needs: Needs; tenant: string; work: () => Promise<void> },
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      needs.log.error('start not complete; trying again', {
        tenant,
        error: toldOf(error),
        retrySeconds: START_RETRY_MS / 1000,
      });
      await slept(needs.clock, START_RETRY_MS, signal);
    }
  }
  return false;
}
