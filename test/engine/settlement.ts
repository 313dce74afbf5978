import { newDisk, startBenchService, type BenchService, type BenchServiceOptions } from '../bench/service.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { deliverTo } from '../storm/receive.ts';
import { contactWrites } from '../tenant/counts.ts';
import type { Switches } from '../tenant/options.ts';
import { createTenant, MAIN_ROLES, type Tenant } from '../tenant/tenant.ts';

/** Rest, including what the first second look finds. */
const REST_MS = 90_000;
const LATENCY_MS = 20;
/** As the product's default. */
export const POLL_MS = 300_000;

/** A tenant and the whole engine on virtual time, which may be stopped and started anew with another configuration. */
export class Settlement {
  readonly clock = new VirtualClock({ settleRounds: 8 });
  readonly tenant: Tenant;
  #disk = newDisk();
  #service: BenchService | null = null;
  #stopping = new AbortController();
  #working: Promise<unknown>[] = [];

  /** `roles`: what the app is granted beside the three of every installation. */
  constructor({
    roles = [],
    switches = {},
  }: { readonly roles?: readonly string[]; readonly switches?: Partial<Switches> } = {}) {
    this.tenant = createTenant({
      clock: this.clock,
      random: seededRandom(1),
      auth: 'open',
      app: { roles: [...MAIN_ROLES, ...roles] },
      latencyMs: LATENCY_MS,
      deliver: deliverTo(() => this.#service?.receiver ?? null),
      switches: { staleMs: 0, ...switches },
    });
  }

  get service(): BenchService {
    if (!this.#service) throw new Error('Nothing runs yet.');
    return this.#service;
  }

  /** Starts the service, or starts it anew, and lets it come to rest. */
  protected async run(
    options: Pick<BenchServiceOptions, 'jobs' | 'routes' | 'subscriptionCheckMs' | 'conditions' | 'parts'>,
  ) {
    await this.stop();
    const { tenant, clock } = this;
    this.#service = await startBenchService({ tenant, clock, disk: this.#disk, pollMs: POLL_MS, ...options });
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const { assembly } = this.#service;
    await assembly.keeper.prepare();
    this.#working = [assembly.work(signal), assembly.keeper.run(signal)];
    await this.rest();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.clock.run(this.clock.now() + 5_000);
    await Promise.all(this.#working);
  }

  /** The ledger is gone; the next start begins with an empty one. */
  async loseLedger(): Promise<void> {
    await this.stop();
    this.#disk = { ...this.#disk, ledger: newDisk().ledger };
  }

  async rest(ms = REST_MS): Promise<void> {
    const { needs } = this.service.assembly;
    for (const limit = this.clock.now() + 3_600_000; this.clock.now() < limit;) {
      await this.clock.run(this.clock.now() + ms);
      const [changes, writes] = await Promise.all([needs.changes.depth(), needs.writes.depth()]);
      const busy = changes.due + changes.held + writes.due + writes.held + writes.delayed;
      if (busy === 0) return;
    }
    throw new Error('The service did not come to rest within an hour.');
  }

  /** Contacts created, changed and removed so far. */
  writes(): number {
    return contactWrites(this.tenant.counts);
  }

  async close(): Promise<void> {
    await this.stop();
    const { violations } = this.tenant.oracles;
    this.tenant.close();
    if (violations.length > 0) throw new Error(`The service broke rules: ${JSON.stringify(violations)}`);
  }
}
