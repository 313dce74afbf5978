import { routesOf } from '../../src/jobs/routes.ts';
import type { MirrorJobConfig } from '../../src/kit/config/config.ts';
import { TENANT, type BenchServiceOptions } from '../bench/service.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Fields, Folder, Item } from '../tenant/mailbox/item.ts';
import type { Switches } from '../tenant/options.ts';
import { populate } from '../tenant/population.ts';
import { POLL_MS, Settlement } from './settlement.ts';

const HUB_FOLDER = 'All Contacts';
/** Into which what others keep comes, by choice. */
const BESIDE = 'Shared with me';

interface VillageOptions extends Pick<BenchServiceOptions, 'conditions' | 'parts'> {
  readonly members?: number;
  readonly switches?: Partial<Switches>;
}

/** Members who share their contacts, and a shared mailbox. */
export class Village extends Settlement {
  readonly members: readonly User[];
  readonly hub: User;

  readonly #hooks: Pick<BenchServiceOptions, 'conditions' | 'parts'>;

  constructor({ members = 3, switches = {}, ...hooks }: VillageOptions = {}) {
    // Whoever takes part has agreed to the mark in their own contacts.
    super({ roles: ['Contacts.Read'], switches: { adoptable: true, ...switches } });
    this.#hooks = hooks;
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
    const jobs: MirrorJobConfig[] = [
      {
        id: 'shared',
        kind: 'mirror',
        tenant: TENANT,
        members: { kind: 'licensed' },
        hub: { mailbox: this.hub.id, folder: HUB_FOLDER },
        onDelete: 'keep',
        updateExisting: true,
        stampNotes: false,
        private: { categories: ['Private'], sensitivity: ['personal', 'private', 'confidential'] },
        guard: { count: 1_000, percent: 100 },
        ...job,
      },
    ];
    await this.run({ jobs, routes: jobs.flatMap(routesOf), subscriptionCheckMs: POLL_MS, ...this.#hooks });
  }

  /** As the nightly audit does it, of every mailbox. */
  async audit(): Promise<void> {
    const { needs, keeper } = this.service.assembly;
    const places = (await needs.ledger.audits.report()).map(({ place }) => place);
    await keeper.auditor.verify(places, 'changes');
    await this.rest();
  }

  /** Every mailbox that shares, the hub among them. */
  all(): User[] {
    return [this.hub, ...this.members];
  }

  edit(owner: Pick<User, 'id'>, item: Item, fields: Fields): void {
    this.tenant.mailboxes.editContact(owner.id, item, { ...fields });
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

  /** Beside a member's own contacts, where there is one. */
  beside(owner: User): Folder | undefined {
    return owner.id === this.hub.id ? undefined : this.tenant.mailboxes.get(owner.id).folderNamed(BESIDE);
  }

  items(owner: User): Item[] {
    return [this.folder(owner), this.beside(owner)].flatMap((folder) => [...(folder?.items.values() ?? [])]);
  }

  /** Members, with or without a folder of their own for what others keep. */
  membersWith(folder: boolean, name = BESIDE): MirrorJobConfig['members'] {
    return { kind: 'licensed', ...(folder ? { folder: name } : {}) };
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
}

/** A contact that somebody of a village has. */
export const PLUMBER = {
  displayName: 'The plumber',
  emailAddresses: [{ name: 'The plumber', address: 'plumber@fabrikam.example' }],
  mobilePhone: '+49 151 1000',
};
