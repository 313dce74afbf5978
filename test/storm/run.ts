import { createHash } from 'node:crypto';
import SqliteDatabase from 'better-sqlite3';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { Configuration, guardLimit } from './configuration.ts';
import { Forgotten } from './forgotten.ts';
import { beginLife, type Life } from './gate.ts';
import { GuardWatch } from './guard-watch.ts';
import type { Mutant } from './mutants.ts';
import { planSeed, type Mode, type Plan } from './plan.ts';
import { deliverTo } from './receive.ts';
import { Script } from './script.ts';
import { judge, type Outcome } from './verdict.ts';
import { newDisk, startProcess, type Disk, type Process } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  readonly mode: Mode;
  readonly mutant?: Mutant | undefined;
  /** In place of what the seed draws. */
  readonly plan?: Partial<Plan> | undefined;
  /** Sees the disk at the end, for whoever looks into a failing seed. */
  readonly inspect?: (disk: Disk, tenant: Tenant) => void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Longer than the latest notification, the last look, a Retry-After and the life of a lease. */
const CALM_MS = { A: 3 * HOUR_MS, B: 5 * HOUR_MS, C: 5 * HOUR_MS };
/** A turn keeps what it was told when its last call is answered: the deadline of a call, and a while for the rest. */
const UNDER_WAY_MS = 75_000;
/** A storm of some 35 changes takes about a thousand. */
const RUNAWAY_STEPS = 40_000;
/** What is released by hand may show that more is to be released. */
const APPROVALS = 4;

/** One seed, one run: fill, storm, calm, comparison. */
export async function runSeed({ seed, mode, mutant, plan, inspect }: RunOptions): Promise<Outcome> {
  const storm = new Storm({ seed, mode, mutant, plan });
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
  readonly #trace = createHash('sha256');
  readonly #configuration: Configuration;
  readonly #forgotten = new Forgotten();
  readonly #wideRandom: Random;
  readonly #counted = { crash: 0, reconfigured: 0, ledgerLost: 0, ledgerRestored: 0 };
  #steps = 0;
  disk: Disk = newDisk();
  #backup: Buffer | null = null;
  #process: Process | null = null;
  #life: Life | null = null;
  #stopping = new AbortController();
  #crash = 0;

  constructor({ seed, mode, mutant, plan }: RunOptions) {
    this.#random = seededRandom(seed * 3 + 'ABC'.indexOf(mode));
    this.#plan = { ...planSeed(this.#random, seed, mode), ...mutant?.plan, ...plan };
    this.#mutant = mutant;
    const clock = this.#clock;
    const deliver = deliverTo(() => this.#process?.receiver ?? null);
    this.tenant = createTenant({
      clock,
      random: seededRandom(seed + 1),
      deliver: mutant?.delivery?.(deliver, () => this.tenant) ?? deliver,
      latencyMs: 20,
      auth: 'open',
      switches: {
        staleMs: this.#plan.staleMs,
        notifyAfterMs: 500,
        normalises: chance(this.#random, 0.3),
        deltaPageSize: 5,
        deltaMembersPerPage: 3,
      },
    });
    this.#script = new Script(this.tenant, seededRandom(seed + 2), { plan: this.#plan, clock });
    const { wider } = this.#plan;
    this.#wideRandom = seededRandom(seed * 31 + 9);
    const { source, privacy } = this.#script;
    const only = { source: source.id, privacy: privacy.id, outsiders: source.id, teams: [], owners: [] };
    const choices = wider.reconfigure + Number(wider.secondJob) > 0 ? this.#script.choices() : only;
    this.#configuration = new Configuration(choices, this.#wideRandom, wider);
    this.#guard = new GuardWatch({
      tenant: this.tenant,
      jobs: () => this.#configuration.expected(),
      limit: (job) => guardLimit(this.tenant, job, this.#script.leavers),
      now: () => clock.now(),
      left: this.#script.ownersLeft,
    });
  }

  async run(): Promise<Outcome> {
    await this.#start();
    await this.#advance(10 * MINUTE_MS);
    this.tenant.setFaults(this.#plan.faults);
    this.#crash = this.#plan.crash;
    for (let change = 0; change < this.#plan.changes; change += 1) {
      if (chance(this.#wideRandom, this.#plan.wider.reconfigure)) this.#reconfigure();
      this.#script.act();
      await this.#advance(pick(this.#random, [0, 100, 5_000, MINUTE_MS, 10 * MINUTE_MS, 25 * MINUTE_MS]));
      if (chance(this.#random, 0.1)) this.#backup = this.disk.ledger.serialize();
    }
    this.#crash = 0;
    this.tenant.setFaults(this.#plan.mode === 'A' ? { notificationLost: 1 } : {});
    await this.#advance(CALM_MS[this.#plan.mode]);
    await this.#approve();
    return judge({
      plan: this.#plan,
      tenant: this.tenant,
      jobs: this.#configuration.expected(),
      forgotten: this.#forgotten,
      guard: this.#guard,
      isRunning: this.#process !== null,
      steps: this.#steps,
      counted: this.#counted,
      trace: this.#trace.digest('hex'),
    });
  }

  close(): void {
    this.#stopping.abort();
    this.tenant.close();
    this.disk.ledger.close();
    this.disk.queue.close();
  }

  async #advance(ms: number): Promise<void> {
    await this.#clock.run(this.#clock.now() + ms);
    this.#forgotten.meet(this.disk.ledger);
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
    const watched = {
      ...this.tenant,
      transport: this.#traced(this.#guard.watch(this.tenant.transport), life),
    };
    const { mode } = this.#plan;
    this.#process = await startProcess({
      tenant: watched,
      jobs: this.#configuration.jobs,
      disk: this.disk,
      life,
      random: seededRandom(integer(this.#random, 2 ** 31)),
      // A storm's night comes every hour; two of them verify every mailbox.
      untilSweep: () => (mode === 'B' ? 10_000 * HOUR_MS : HOUR_MS),
      auditNights: mode === 'C' ? 2 : null,
      deaf: mode === 'B',
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
    const pause = pick(this.#random, [100, 5_000, 3 * MINUTE_MS]);
    void this.#clock.sleep(pause).then(() => {
      this.#loseLedger();
      return this.#start();
    });
  }

  #loseLedger(): void {
    if (!chance(this.#random, this.#plan.ledgerLoss)) return;
    const backup = this.#backup !== null && chance(this.#random, 0.7) ? this.#backup : null;
    this.#forgetWaits(0);
    this.#guard.forget();
    this.disk.ledger.close();
    this.disk.ledger = new SqliteDatabase(backup ?? ':memory:');
    this.#forgotten.lose(this.tenant, this.disk.ledger);
    this.#counted[backup ? 'ledgerRestored' : 'ledgerLost'] += 1;
  }

  #forgetWaits(since: number): void {
    for (const mailbox of this.tenant.mailboxes.all()) {
      if (mailbox.told.at >= since) mailbox.told = { notBefore: 0, at: 0 };
    }
  }

  #traced(transport: Transport, life: Life): Transport {
    return async (request) => {
      this.#steps += 1;
      if (this.#steps > RUNAWAY_STEPS) throw new Error(`Seed ${this.#plan.seed} runs away.`);
      const sentAt = this.#clock.now();
      const answer = await transport(request);
      // Nobody was there to be told.
      if (!life.alive) this.#forgetWaits(this.#clock.now());
      this.#trace.update(
        `${sentAt} ${request.method} ${request.url} ${this.#clock.now()} ${answer.status} ${answer.body.length}\n`,
      );
      return answer;
    };
  }

  /** An administrator saves another configuration and restarts the service, without asking what it is busy with. */
  #reconfigure(): void {
    for (const owner of this.#configuration.change(this.tenant))
      this.#script.ownersLeft.set(owner, this.#clock.now());
    this.#counted.reconfigured += 1;
    this.#life?.kill();
  }

  /** What the guard holds at the end is released by hand: then everybody must be right. */
  async #approve(): Promise<void> {
    for (let time = 0; time < APPROVALS; time += 1) {
      const ledger = this.#process?.ledger;
      const held = (await ledger?.guard.held()) ?? [];
      if (ledger === undefined || held.length === 0) return;
      this.#guard.approve(held.map(({ subject }) => subject));
      await ledger.guard.approve(null, this.#clock.now());
      await this.#advance(HOUR_MS);
    }
  }
}
