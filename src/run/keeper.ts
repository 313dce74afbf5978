import { roundDone, withdrawRoutes } from '../engine/adopt.ts';
import type { Needs } from '../engine/needs.ts';
import { sendOutstanding } from '../engine/outbox.ts';
import { fillMessage } from '../engine/send.ts';
import type { SubscriptionNeeds } from '../engine/subscribe.ts';
import { roundWanted } from '../engine/turn.ts';
import { repeat, type Loop } from '../kit/loop.ts';
import { tenantOfBook } from '../model/book.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import { createAdoption } from './adoption.ts';
import { createAuditor, type Auditor } from './auditor.ts';
import { inEvery } from './hindered.ts';
import { createNights } from './nights.ts';
import { noteFailure, noteHindrance, untilDone } from './perseverance.ts';
import { forgetOld } from './retention.ts';
import { answerEvent, createSubscriber } from './subscriber.ts';
import { createSweeper } from './sweeper.ts';

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
  /** Who is kept out by the configuration; nobody unless given. */
  readonly keptOut?: readonly string[];
  /** So long the record of writes is kept (milliseconds); for good unless given. */
  readonly recordMs?: number;
  /** One per tenant; none where nothing reaches us. */
  readonly subscriptions: readonly SubscriptionNeeds[];
  /** How often everything that waits for nobody's message is looked for. */
  readonly outstandingMs: number;
  readonly subscriptionCheckMs: number;
  /** How often is asked for changes of which no notification tells: of everything, where there are no subscriptions. */
  readonly pollMs: number;
  /** In how many nights every place is verified; null: the audit is off. */
  readonly auditNights: number | null;
  /** Milliseconds until the next nightly sweep. */
  readonly untilSweep: (now: number) => number;
  /**
   * All processes at work have this configuration. While they do not, no round is made and no job withdrawn: others would
   * handle the round by the old rules, or the newer configuration may be theirs.
   */
  readonly agrees: () => boolean;
}

export function createKeeper(options: KeeperOptions): Keeper {
  const { needs, routes } = options;
  const { tenants, kept, unserved } = tenantsOf(options);
  // Also where no job is left: what one left there has to be taken back.
  const all = [...needs.sources.keys()];
  const subscriber = createSubscriber(options.subscriptions, needs.ledger.counters);
  const adoption = createAdoption(options);
  const { roundOver } = adoption;
  const begun = new Set<string>();
  const isPartial = routes.length < options.configured.length;
  const sweeper = createSweeper(needs, isPartial);
  const auditor = createAuditor(needs, options.auditNights);

  const begin = async (tenant: string): Promise<void> => {
    if (!tenants.includes(tenant)) return;
    const isRound = roundOver.has(tenant) && options.agrees();
    await sweeper.sweep(tenant, isRound ? 'everybody' : 'latest');
    if (isRound) roundOver.delete(tenant);
    if (adoption.isDone() && !roundOver.has(tenant)) begun.add(tenant);
    // A definition holds when everybody was looked at under it, at both ends of the route.
    await roundDone(needs, routes.filter(hasBegun(begun)));
    await sendOutstanding(needs);
    await proveSlabs(needs, tenant);
  };
  const makeGood = async (some: readonly string[]): Promise<boolean> =>
    (await inEvery(some, (tenant) => sweeper.makeGood(tenant))).includes(true);
  const nightly = (tenant: string): Promise<number> => sweeper.sweep(tenant, 'twice');
  const work = (tenant: string): Promise<void> => nightly(tenant).then(() => auditor.nightly(tenant));
  const nights = createNights({ ...needs, ...options, isPartial, work });

  const keep = async (tenant: string, signal: AbortSignal): Promise<void> => {
    const noted = <T>(work: () => Promise<T>): Promise<T> => noteHindrance(needs, tenant, work);
    const perhaps = <T>(work: () => Promise<T>): Promise<T> => noteFailure(needs, tenant, work);
    // First the subscriptions, then the round: nothing can fall in between.
    const start = (): Promise<void> => noted(() => subscriber.check(tenant).then(() => begin(tenant)));
    if (!(await untilDone({ needs, tenant, work: start }, signal))) return;
    const loops = loopsOf(options, tenant, {
      nightly: () => noted(() => nights.spend(tenant)),
      latest: () => noted(() => sweeper.sweep(tenant, 'latest')),
      unannounced: () => perhaps(() => sweeper.unannounced(tenant)),
      subscriptions: () => noted(() => subscriber.check(tenant).then(() => sweeper.closeGap(tenant))),
      wanted: () => perhaps(() => meetWants({ ...options, adoption, begin, subscriber, sweeper }, tenant)),
    });
    await Promise.all([
      untilDone({ needs, tenant, work: () => noted(() => nights.makeUp(tenant)) }, signal),
      ...loops.map((loop) => repeat(needs, loop, signal)),
    ]);
  };

  const idle = all.filter((tenant) => !kept.includes(tenant));
  const chores = choresOf(options, all, () => auditor.outstanding().then(() => makeGood(idle)));

  return {
    auditor,
    prepare: async () => {
      begun.clear();
      await adoption.prepare();
      await withdrawMissing(options);
      await forgetOld(options);
      // Whoever starts it anew has mended something, as far as anybody knows.
      await needs.ledger.setbacks.retry();
      if (isPartial) await askForRounds(needs, tenants);
    },
    begin: async () =>
      void (await inEvery(tenants, (tenant) => noteHindrance(needs, tenant, () => begin(tenant)))),
    rounds: () => makeGood(all),
    run: async (signal) =>
      void (await Promise.all([
        repeat(needs, chores, signal),
        ...kept.map((tenant) => keep(tenant, signal)),
        ...unserved.map((tenant) =>
          untilDone({ needs, tenant, work: () => subscriber.check(tenant) }, signal),
        ),
      ])),
    sweep: async () => (await inEvery(tenants, nightly)).reduce((sum, changed) => sum + changed, 0),
    onSubscription: (change) => answerEvent(needs, change, { subscriber, sweeper }),
  };
}

interface Wants extends Pick<KeeperOptions, 'agrees'> {
  readonly adoption: ReturnType<typeof createAdoption>;
  readonly begin: (tenant: string) => Promise<void>;
  readonly subscriber: ReturnType<typeof createSubscriber>;
  readonly sweeper: ReturnType<typeof createSweeper>;
}

/** Whatever the ledger asks for by now. */
async function meetWants(wants: Wants, tenant: string): Promise<void> {
  const { adoption, agrees, begin, subscriber, sweeper } = wants;
  await adoption.catchUp();
  if (adoption.roundOver.has(tenant) && agrees()) await begin(tenant);
  await subscriber.meetDoubts(tenant);
  await sweeper.closeGap(tenant);
  await sweeper.makeGood(tenant);
}

/** What is handled for one job alone is lost to the others: their next start looks at everybody. */
async function askForRounds({ ledger }: Needs, tenants: readonly string[]): Promise<void> {
  for (const tenant of tenants) await ledger.counters.add(roundWanted(tenant), 1);
}

function hasBegun(begun: ReadonlySet<string>): (route: Route) => boolean {
  return ({ sourceTenant, targetTenant }) => begun.has(sourceTenant) && begun.has(targetTenant);
}

/** Tenants that are worked on, or whose job rests, beside those that have subscriptions and no job: there they are ended. */
function tenantsOf({ routes, configured, subscriptions }: KeeperOptions): {
  readonly tenants: readonly string[];
  readonly kept: readonly string[];
  readonly unserved: readonly string[];
} {
  const tenants = [...new Set(routes.flatMap((route) => [route.sourceTenant, route.targetTenant]))];
  const working = new Set(configured.flatMap((route) => [route.sourceTenant, route.targetTenant]));
  const all = subscriptions.map(({ tenant }) => tenant);
  return {
    tenants,
    kept: [...new Set([...tenants, ...all.filter((tenant) => working.has(tenant))])],
    unserved: all.filter((tenant) => !working.has(tenant)),
  };
}

/** The periodic work in one tenant, each piece at its own pace. */
function loopsOf(
  { needs, subscriptions, ...pace }: KeeperOptions,
  tenant: string,
  work: Readonly<
    Record<'nightly' | 'latest' | 'unannounced' | 'subscriptions' | 'wanted', () => Promise<unknown>>
  >,
): Loop[] {
  const loop = (name: string, next: () => number, run: () => Promise<unknown>): Loop => ({
    name: `${name} of ${tenant}`,
    next,
    run: async () => void (await run()),
  });
  return [
    loop('wanted sweeps', () => pace.outstandingMs, work.wanted),
    loop('nightly sweep', () => pace.untilSweep(needs.clock.now()), work.nightly),
    // Of what mailboxes share, their subscriptions tell.
    ...(subscriptions.some((one) => one.tenant === (tenantOfBook(tenant) ?? tenant))
      ? [
          loop('subscriptions', () => pace.subscriptionCheckMs, work.subscriptions),
          loop('poll of what nobody announces', () => pace.pollMs, work.unannounced),
        ]
      : [loop('poll', () => pace.pollMs, work.latest)]),
  ];
}

async function withdrawMissing({ needs, configured, agrees }: KeeperOptions): Promise<void> {
  if (agrees()) await withdrawRoutes(needs, new Set(configured.map(({ id }) => id)));
}

function choresOf(options: KeeperOptions, tenants: readonly string[], more: () => Promise<unknown>): Loop {
  const run = async (): Promise<void> => void (await doChores(options, tenants).then(more));
  return { name: 'outstanding work', next: () => options.outstandingMs, run };
}

/** What nobody's message asks for: outboxes, withdrawn jobs, mailboxes that may be tried again, what is kept for long enough. */
async function doChores(options: KeeperOptions, tenants: readonly string[]): Promise<void> {
  const { needs } = options;
  await sendOutstanding(needs);
  await withdrawMissing(options);
  const now = needs.clock.now();
  for (const tenant of tenants) {
    const slabs = await needs.ledger.mailboxes.unpark(tenant, now);
    if (slabs.length > 0) await needs.writes.send(slabs.map((slab) => fillMessage({ tenant, slab }, now)));
  }
  await forgetOld(options);
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
