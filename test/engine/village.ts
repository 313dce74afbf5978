import { routesOf } from '../../src/jobs/routes.ts';
import type { MirrorJobConfig } from '../../src/kit/config/config.ts';
import { newDisk, startBenchService, TENANT, type BenchService } from '../bench/service.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { deliverTo } from '../storm/receive.ts';
import { contactWrites } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Fields, Folder, Item } from '../tenant/mailbox/item.ts';
import type { Switches } from '../tenant/options.ts';
import { populate } from '../tenant/population.ts';
import { createTenant, MAIN_ROLES, type Tenant } from '../tenant/tenant.ts';

/** Rest, including what the first second look finds. */
const REST_MS = 90_000;
const HUB_FOLDER = 'All Contacts';

/** Members who share their contacts, a shared mailbox, and the whole engine on virtual time. */
export class Village {
  readonly clock = new VirtualClock({ settleRounds: 8 });
  readonly tenant: Tenant;
  readonly members: readonly User[];
  readonly hub: User;
  #disk = newDisk();
  #service: BenchService | null = null;
  #stopping = new AbortController();
  #working: Promise<unknown>[] = [];

  constructor({ members = 3, switches = {} }: { members?: number; switches?: Partial<Switches> } = {}) {
    this.tenant = createTenant({
      clock: this.clock,
      random: seededRandom(1),
      auth: 'open',
      app: { roles: [...MAIN_ROLES, 'Contacts.Read'] },
      latencyMs: 20,
      deliver: deliverTo(() => this.#service?.receiver ?? null),
      // Whoever takes part has agreed to the mark in their own contacts.
      switches: { staleMs: 0, adoptable: true, ...switches },
    });
    this.members = populate(this.tenant, seededRandom(2), {
      people: members,
      mailboxes: members,
      foreign: 0,
    }).owners;
    this.hub = this.tenant.directory.addUser({ displayName: 'All contacts', accountEnabled: false });
    this.tenant.mailboxes.setPurpose(this.hub.id, 'shared');
  }

  member(index: number): User {
    const member = this.members[index];
    if (!member) throw new Error(`There is no member ${index}.`);
    return member;
  }

  /** Starts the service, or starts it anew with another configuration. */
  async start(job: Partial<MirrorJobConfig> = {}): Promise<void> {
    await this.stop();
    const jobs: MirrorJobConfig[] = [
      {
        id: 'shared',
        kind: 'mirror',
        tenant: TENANT,
        members: { kind: 'licensed' },
        hub: { mailbox: this.hub.id, folder: HUB_FOLDER },
        onDelete: 'keep',
        updateExisting: true,
        private: { categories: ['Private'], sensitivity: ['personal', 'private', 'confidential'] },
        guard: { count: 1_000, percent: 100 },
        ...job,
      },
    ];
    const { tenant, clock } = this;
    const routes = jobs.flatMap(routesOf);
    this.#service = await startBenchService({
      tenant,
      clock,
      jobs,
      routes,
      disk: this.#disk,
      pollMs: 300_000,
      subscriptionCheckMs: 300_000,
    });
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

  /** The ledger is gone; the next `start` begins with an empty one. */
  async loseLedger(): Promise<void> {
    await this.stop();
    this.#disk = { ...this.#disk, ledger: newDisk().ledger };
  }

  get service(): BenchService {
    if (!this.#service) throw new Error('Nothing runs yet.');
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

  /** As the nightly audit does it, of every mailbox. */
  async audit(): Promise<void> {
    const { needs, keeper } = this.service.assembly;
    const places = (await needs.ledger.audits.report()).map(({ place }) => place);
    await keeper.auditor.verify(places, 'changes');
    await this.rest();
  }

  add(owner: User, fields: Fields, folder?: Folder): Item {
    return this.tenant.mailboxes.addContact(owner.id, fields, folder);
  }

  /** The folder in which a mailbox shares. */
  folder(owner: User): Folder {
    const mailbox = this.tenant.mailboxes.get(owner.id);
    if (owner.id !== this.hub.id) return mailbox.contacts;
    const found = mailbox.folderNamed(HUB_FOLDER);
    if (!found) throw new Error('The hub has no folder.');
    return found;
  }

  items(owner: User): Item[] {
    return [...this.folder(owner).items.values()];
  }

  /** What stands in a field of whatever a mailbox shares, sorted. */
  shown(owner: User, field: keyof Fields = 'displayName'): unknown[] {
    return this.items(owner)
      .map(({ content }) => content.fields[field] ?? null)
      .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }

  named(owner: User, name: string): Item {
    const found = this.items(owner).filter(({ content }) => content.fields['displayName'] === name);
    const [item] = found;
    if (!item || found.length > 1) throw new Error(`${found.length} contacts of this name.`);
    return item;
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
