import SqliteDatabase from 'better-sqlite3';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { noteAdoption } from './belongings.ts';
import { Configuration, guardLimit } from './configuration.ts';
import { Deeds } from './deeds.ts';
import { beginLife, type Life } from './gate.ts';
import { GuardWatch } from './guard-watch.ts';
import { wrongWhileHeld } from './held.ts';
import type { Mutant } from './mutants.ts';
import { Orders } from './orders.ts';
import { afterParked } from './parked.ts';
import { PARTNER_JOB, Partner } from './partner.ts';
import { planPartner, planSeed, rhythms, type Plan } from './plan.ts';
import { deliverTo } from './receive.ts';
import { setbacksIn } from './setbacks.ts';
import { Script } from './script.ts';
import type { RunOptions } from './run-options.ts';
import { Trace } from './trace.ts';
import { openTenant } from './tenant.ts';
import { judge, violationsIn, type Outcome } from './verdict.ts';
import { newDisk, startProcess, type Disk, type Process } from './world.ts';

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
/** Longer than the latest notification, the last look, a Retry-After and the life of a lease. */
const CALM_MS = { A: 3 * HOUR_MS, B: 5 * HOUR_MS, C: 5 * HOUR_MS };
/** A turn keeps what it was told when its last call is answered: the deadline of a call, and a while for the rest. */
const UNDER_WAY_MS = 75_000;
/** One seed, one run: fill, storm, calm, comparison. */
export async function runSeed({ inspect, ...options }: RunOptions): Promise<Outcome> {
  const storm = new Storm(options);
  try {
    const outcome = await storm.run();
    inspect?.(storm.disk, storm.tenant);
    return outcome;
  } finally {
    storm.close();
  }
}

class Storm {
  readonly #clock = new VirtualClock();
  readonly #plan: Plan;
  readonly #mutant: Mutant | undefined;
  readonly #random;
  readonly tenant: Tenant;
  readonly #script: Script;
  readonly #guard: GuardWatch;
  readonly #trace: Trace;
  readonly #configuration: Configuration;
  readonly #wideRandom: Random;
  readonly #orderRandom: Random;
  readonly #deeds = new Deeds();
  readonly #orders: Orders;
  readonly #partner: Partner | null;
  readonly #counted = { crash: 0, reconfigured: 0, ledgerLost: 0, ledgerRestored: 0 };
  disk: Disk = newDisk();
  #backup: Buffer | null = null;
  #process: Process | null = null;
  #life: Life | null = null;
  #stopping = new AbortController();
  #crash = 0;

  constructor({ seed, mode, mutant, plan, job = 'directory' }: RunOptions) {
    this.#random = seededRandom(seed * 3 + 'ABC'.indexOf(mode));
    const drawn = planSeed(this.#random, seed, mode);
    this.#plan = { ...(job === 'directory' ? drawn : planPartner(drawn)), ...mutant?.plan, ...plan };
    this.#mutant = mutant;
    const clock = this.#clock;
    this.#trace = new Trace(clock, seed);
    const deliver = deliverTo(() => this.#process?.receiver ?? null);
    this.tenant = openTenant({
      clock,
      random: seededRandom(seed + 1),
      deliver: mutant?.delivery?.(deliver, () => this.tenant) ?? deliver,
      plan: this.#plan,
      normalises: chance(this.#random, 0.3),
    });
    const deeds = this.#deeds;
    this.#script = new Script(this.tenant, seededRandom(seed + 2), { plan: this.#plan, clock, deeds });
    const { wider } = this.#plan;
    this.#wideRandom = seededRandom(seed * 31 + 9);
    this.#orderRandom = seededRandom(seed * 31 + 11);
    const random = this.#wideRandom;
    this.#configuration = new Configuration(this.#script.choices(), { ...wider, random, deeds });
    this.#guard = new GuardWatch({
      tenant: this.tenant,
      jobs: () => this.#configuration.expected(),
      limit: (job) => guardLimit(this.tenant, job, this.#script.leavers.count),
      now: () => clock.now(),
      left: this.#script.leavers.owners,
    });
    const { partner } = this.#plan;
    const { groups, leavers } = this.#script;
    const shown = { source: this.tenant, group: groups.source.id, leavers };
    const isAudited = rhythms[mode].auditNights !== null;
    this.#partner = partner && new Partner({ ...shown, plan: partner, deeds, clock, seed, isAudited });
    const thinking = { tenant: this.tenant, clock, deeds, leavers };
    this.#orders = new Orders({
      ...thinking,
      random: this.#orderRandom,
      wider,
      ledger: () => this.#process?.beside ?? null,
      guard: this.#partner?.removals ?? this.#guard,
      job: this.#partner ? PARTNER_JOB : 'staff',
    });
  }

  async run(): Promise<Outcome> {
    await this.#start();
    await this.#advance(10 * MINUTE_MS);
    this.tenant.setFaults(this.#plan.faults);
    this.#partner?.storm();
    this.#crash = this.#plan.crash;
    for (let change = 0; change < this.#plan.changes; change += 1) {
      if (chance(this.#wideRandom, this.#plan.wider.reconfigure)) this.#reconfigure();
      await this.#orders.give();
      this.#script.act();
      this.#partner?.act();
      await this.#advance(pick(this.#random, [0, 100, 5_000, MINUTE_MS, 10 * MINUTE_MS, 25 * MINUTE_MS]));
      if (chance(this.#random, 0.1)) this.#backup = this.disk.ledger.serialize();
      if (this.#isCaught()) break;
    }
    this.#crash = 0;
    this.tenant.setFaults(this.#plan.mode === 'A' ? { notificationLost: 1 } : {});
    this.#partner?.calm();
    // Longer than a dead process is away: what is still stopped is taken up again.
    await this.#advance(10 * MINUTE_MS);
    await this.#orders.resume();
    await this.#advance(CALM_MS[this.#plan.mode]);
    await this.#advance(afterParked(this.disk.ledger, this.#clock.now()));
    const heldWrong = wrongWhileHeld(this.tenant, this.#configuration.expected(), this.disk.ledger);
    await this.#orders.approve(() => this.#advance(HOUR_MS));
    await this.#partner?.tryOnceMore(
      () => this.#process?.beside ?? null,
      () => this.#advance(HOUR_MS),
    );
    noteAdoption(this.tenant, this.#deeds);
    return judge({
      plan: this.#plan,
      tenant: this.tenant,
      jobs: this.#partner ? [] : this.#configuration.expected(),
      partner: this.#partner,
      guard: this.#guard,
      isRunning: this.#process !== null,
      heldWrong,
      setbacks: setbacksIn(this.disk),
      steps: this.#trace.steps,
      counted: this.#counted,
      deeds: this.#deeds.counts,
      trace: this.#trace.digest(),
    });
  }

  close(): void {
    this.#stopping.abort();
    this.tenant.close();
    this.#partner?.close();
    this.disk.ledger.close();
    this.disk.queue.close();
  }

  /** Where a rule is broken, no further than to the moment at which an oracle saw it: what comes after may be endless. */
  async #advance(ms: number): Promise<void> {
    const until = this.#clock.now() + ms;
    if (!this.#mutant) return this.#clock.run(until);
    while (this.#clock.now() < until && !this.#isCaught())
      await this.#clock.run(Math.min(until, this.#clock.now() + MINUTE_MS));
  }

  #isCaught(): boolean {
    return this.#mutant !== undefined && violationsIn(this.tenant, this.#partner).length > 0;
  }

  async #start(): Promise<void> {
    const clock = this.#clock;
    const life = beginLife({
      clock,
      random: this.#random,
      crash: () => this.#crash,
      onDeath: () => this.#die(),
    });
    this.#life = life;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const traced = (transport: Transport): Transport =>
      this.#trace.follow(transport, () => {
        // Nobody was there to be told.
        if (!life.alive) this.#forgetWaits(this.#clock.now());
      });
    const watched = this.#orders.watch(this.#guard.watch(this.tenant.transport));
    const abroad = this.#partner;
    this.#process = await startProcess({
      tenant: { ...this.tenant, transport: traced(watched) },
      partner: abroad && { ...abroad.tenant, transport: traced(abroad.transport) },
      jobs: abroad ? [abroad.job] : this.#configuration.jobs,
      disk: this.disk,
      life,
      random: seededRandom(integer(this.#random, 2 ** 31)),
      ...rhythms[this.#plan.mode],
      mutant: this.#mutant,
    });
    const { keeper } = this.#process.assembly;
    void (async () => {
      await keeper.prepare();
      await Promise.all([keeper.run(signal), this.#process?.assembly.work(signal)]);
    })().catch((error: unknown) => {
      if (life.alive) throw error;
    });
  }

  #die(): void {
    this.#counted.crash += 1;
    this.#process = null;
    // What a process was told a moment before it died, it may not have been able to keep.
    this.#forgetWaits(this.#clock.now() - UNDER_WAY_MS);
    void this.#clock.sleep(pick(this.#random, [100, 5_000, 3 * MINUTE_MS])).then(() => {
      this.#loseLedger();
      return this.#start();
    });
  }

  #loseLedger(): void {
    if (!chance(this.#random, this.#plan.ledgerLoss)) return;
    const backup = this.#backup !== null && chance(this.#random, 0.7) ? this.#backup : null;
    this.#forgetWaits(0);
    this.#guard.forget();
    this.#partner?.removals.forget();
    this.disk.ledger.close();
    this.disk.ledger = new SqliteDatabase(backup ?? ':memory:');
    this.#counted[backup ? 'ledgerRestored' : 'ledgerLost'] += 1;
  }

  #forgetWaits(since: number): void {
    this.#partner?.tenant.exchange.forgetWaits();
    for (const mailbox of this.tenant.mailboxes.all())
      if (mailbox.told.at >= since) mailbox.told = { notBefore: 0, at: 0 };
  }

  /** An administrator saves another configuration and restarts the service at once. */
  #reconfigure(): void {
    for (const owner of this.#configuration.change(this.tenant)) this.#script.leavers.empty(owner);
    this.#counted.reconfigured += 1;
    this.#life?.kill();
  }
}
