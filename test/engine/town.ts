import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import { newDisk, startBenchService, TENANT, type BenchService } from '../bench/service.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { deliverTo } from '../storm/receive.ts';
import { contactWrites } from '../tenant/counts.ts';
import { mailboxLicense, type Group, type User } from '../tenant/directory/objects.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { createTenant, MAIN_ROLES, type Tenant } from '../tenant/tenant.ts';

/** Rest, including what the first second look finds. */
const REST_MS = 90_000;
const LATENCY_MS = 20;
/** As the product's default. */
export const POLL_MS = 300_000;

export type JobPart = Pick<DirectoryJobConfig, 'source' | 'target'> & Partial<DirectoryJobConfig>;

/** A small tenant and the whole engine on virtual time, whose configuration may change while it runs. */
export class Town {
  readonly clock = new VirtualClock({ settleRounds: 8 });
  readonly tenant: Tenant;
  #disk = newDisk();
  #service: BenchService | null = null;
  #stopping = new AbortController();
  #working: Promise<unknown>[] = [];
  #next = 0;

  /** `roles`: what the app is granted beside the three of every installation. `adoptable`: people mark contacts of their own. */
  constructor({
    roles = [],
    adoptable = false,
  }: { readonly roles?: readonly string[]; readonly adoptable?: boolean } = {}) {
    this.tenant = createTenant({
      clock: this.clock,
      random: seededRandom(1),
      auth: 'open',
      app: { roles: [...MAIN_ROLES, ...roles] },
      latencyMs: LATENCY_MS,
      deliver: deliverTo(() => this.#service?.receiver ?? null),
      switches: { staleMs: 0, adoptable },
    });
  }

  /** Somebody who belongs on every phone. */
  person(changes: Partial<User> = {}): User {
    const number = (this.#next += 1);
    return this.tenant.directory.addUser({
      surname: `Person ${number}`,
      displayName: `Person ${number}`,
      mail: `person${number}@contoso.example`,
      ...changes,
    });
  }

  owner(changes: Partial<User> = {}): User {
    return this.person({ assignedLicenses: [mailboxLicense], ...changes });
  }

  group(...members: readonly { readonly id: string }[]): Group {
    const group = this.tenant.directory.addGroup();
    for (const { id } of members) this.tenant.directory.addMember(group.id, id);
    return group;
  }

  /** Starts the service, or starts it anew with another configuration. */
  async configure(jobs: Readonly<Record<string, JobPart>>): Promise<void> {
    await this.#stop();
    const { tenant, clock } = this;
    const configs = Object.entries(jobs).map(([id, job]) => jobOf(id, job));
    this.#service = await startBenchService({
      tenant,
      clock,
      jobs: configs,
      disk: this.#disk,
      pollMs: POLL_MS,
    });
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const { assembly } = this.#service;
    await assembly.keeper.prepare();
    this.#working = [assembly.work(signal), assembly.keeper.run(signal)];
    await this.rest();
  }

  /** The ledger is gone; the next `configure` begins with an empty one. */
  async loseLedger(): Promise<void> {
    await this.#stop();
    this.#disk = { ...this.#disk, ledger: newDisk().ledger };
  }

  get service(): BenchService {
    if (!this.#service) throw new Error('Nothing is configured yet.');
    return this.#service;
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

  /** Who stands in a mailbox's folder, by id; null where there is no such folder. */
  shownTo(owner: { readonly id: string }, folder = 'staff'): Set<string> | null {
    const found = this.tenant.mailboxes.get(owner.id).folderNamed(folder);
    if (!found) return null;
    const marks = [...found.items.values()].map(
      ({ content }) => markOf(content)?.split('/').at(-1) ?? 'no mark',
    );
    if (new Set(marks).size !== marks.length) throw new Error('Somebody stands in a folder twice.');
    return new Set(marks);
  }

  /** Contacts created, changed and removed so far. */
  writes(): number {
    return contactWrites(this.tenant.counts);
  }

  async close(): Promise<void> {
    await this.#stop();
    const { violations } = this.tenant.oracles;
    this.tenant.close();
    if (violations.length > 0) throw new Error(`The service broke rules: ${JSON.stringify(violations)}`);
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.clock.run(this.clock.now() + 5_000);
    await Promise.all(this.#working);
  }
}

/** The folder bears the job's name; the guard lets everything through unless a test is about it. */
function jobOf(id: string, job: JobPart): DirectoryJobConfig {
  const guard = { count: 1_000, percent: 100 };
  return { id, kind: 'directory', tenant: TENANT, folder: id, mapping: SEED_MAPPING, guard, ...job };
}

export const idsOf = (...people: readonly { readonly id: string }[]): Set<string> =>
  new Set(people.map(({ id }) => id));
