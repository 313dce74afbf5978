import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import { TENANT } from '../bench/service.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { mailboxLicense, type Group, type User } from '../tenant/directory/objects.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { Settlement } from './settlement.ts';

export type JobPart = Pick<DirectoryJobConfig, 'source' | 'target'> & Partial<DirectoryJobConfig>;

/** A small tenant whose configuration may change while the service runs. */
export class Town extends Settlement {
  #next = 0;

  /** `roles`: what the app is granted beside the three of every installation. `adoptable`: people mark contacts of their own. */
  constructor({
    roles = [],
    adoptable = false,
  }: { readonly roles?: readonly string[]; readonly adoptable?: boolean } = {}) {
    super({ roles, switches: { adoptable } });
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
  configure(jobs: Readonly<Record<string, JobPart>>): Promise<void> {
    return this.run({ jobs: Object.entries(jobs).map(([id, job]) => jobOf(id, job)) });
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
}

/** The folder bears the job's name; the guard lets everything through unless a test is about it. */
function jobOf(id: string, job: JobPart): DirectoryJobConfig {
  const guard = { count: 1_000, percent: 100 };
  return { id, kind: 'directory', tenant: TENANT, folder: id, mapping: SEED_MAPPING, guard, ...job };
}

export const idsOf = (...people: readonly { readonly id: string }[]): Set<string> =>
  new Set(people.map(({ id }) => id));
