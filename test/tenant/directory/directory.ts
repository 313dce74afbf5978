import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import { Containers } from './containers.ts';
import type { History, Membership } from './history.ts';
import type { AdministrativeUnit, DirectoryChange, Group, MemberType, OrgContact, User } from './objects.ts';
import { newContact } from './org-contacts.ts';
import { newUser } from './person.ts';
import { Records } from './records.ts';

/** Objects in deletedItems are purged after this time (learn.microsoft.com/graph/api/resources/user). */
const RECYCLE_MS = 30 * 24 * 3_600_000;

interface DirectoryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly staleMs: number;
  readonly groupDeletion: 'hard' | 'soft';
  readonly deletionInMembersDelta: boolean;
  readonly onChange: (change: DirectoryChange) => void;
}

/** People, groups, contacts, units, and who belongs where: the truth, and as much past as a stale replica may show. */
export class Directory {
  readonly contacts: Records<'contacts'>;
  readonly units: Containers<'administrativeUnits'>;
  readonly #users: Records<'users'>;
  readonly #groups: Containers<'groups'>;
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    const created = (): string => seconds(options.clock.now());
    this.contacts = new Records('contacts', newContact, options);
    this.units = new Containers('administrativeUnits', newUnit, options);
    this.#users = new Records('users', (id, partial) => newUser(id, created(), partial), options);
    this.#groups = new Containers('groups', (id, partial) => newGroup(id, created(), partial), options);
  }

  get users(): ReadonlyMap<string, History<User>> {
    return this.#users.all;
  }

  get groups(): ReadonlyMap<string, History<Group>> {
    return this.#groups.all;
  }

  get memberships(): ReadonlyMap<string, Membership> {
    return this.#groups.memberships;
  }

  addUser(partial: Partial<User> = {}): User {
    return this.#users.add(partial);
  }

  updateUser(id: string, patch: Partial<Omit<User, 'id'>>): User {
    return this.#users.update(id, patch);
  }

  /** To deletedItems: notified as `updated`, and restorable. */
  deleteUser(id: string): void {
    this.#users.remove(id, 'soft');
    this.#tellContainers(id, false);
    this.#tellReports(id);
  }

  restoreUser(id: string): void {
    this.#users.move(id, { from: 'soft', to: 'live' });
    this.#users.report(id, {});
    this.#tellContainers(id, true);
    this.#tellReports(id);
  }

  /** Gone for good: notified as `deleted`. */
  purgeUser(id: string): void {
    const presence = this.users.get(id)?.current.presence;
    if (presence === 'live') this.deleteUser(id);
    this.#users.move(id, { from: 'soft', to: 'hard' });
    this.#leaveAll(id);
    this.#users.report(id, { changeType: 'deleted' });
  }

  addGroup(partial: Partial<Group> = {}): Group {
    return this.#groups.add(partial);
  }

  updateGroup(id: string, patch: Partial<Omit<Group, 'id'>>): Group {
    return this.#groups.update(id, patch);
  }

  deleteGroup(id: string): void {
    const to = this.#options.groupDeletion;
    this.#groups.move(id, { from: 'live', to });
    this.#tellContainers(id, false);
    if (to === 'hard') this.#leaveAll(id);
    this.#groups.report(id, { changeType: to === 'hard' ? 'deleted' : 'updated' });
  }

  addMember(groupId: string, memberId: string): void {
    if (this.memberships.get(groupId)?.members.has(memberId)) return;
    const type = this.#typeOf(memberId);
    if (type === 'group') this.#groups.demand(memberId, 'live');
    else if (type === 'user') this.#users.demand(memberId, 'live');
    this.#groups.addMember(groupId, { id: memberId, type });
  }

  removeMember(groupId: string, memberId: string): void {
    this.#groups.removeMember(groupId, memberId);
  }

  /** At once and for good: contacts are not among the things that can be restored (learn.microsoft.com/graph/api/resources/directory). */
  deleteContact(id: string): void {
    this.contacts.move(id, { from: 'live', to: 'hard' });
    this.#tellContainers(id, false);
    this.#leaveAll(id);
    this.contacts.report(id, { changeType: 'deleted' });
  }

  /** The person, unless deleted. */
  user(id: string): User | undefined {
    return live(this.users.get(id));
  }

  /** Everybody who is not deleted, in the order of joining. */
  people(): User[] {
    return [...this.users.values()].flatMap((history) => live(history) ?? []);
  }

  /** Groups that mail can be sent to, deleted ones left out. */
  mailGroups(): Group[] {
    return [...this.groups.values()]
      .flatMap((history) => live(history) ?? [])
      .filter((one) => one.mailEnabled);
  }

  /** Contacts of the organisation that are not deleted. */
  orgContacts(): OrgContact[] {
    return [...this.contacts.all.values()].flatMap((history) => live(history) ?? []);
  }

  /** Ids of the people in a group, nested groups included, deleted objects not. */
  transitiveUsers(groupId: string): Set<string> {
    return new Set([...this.transitiveMembers(groupId)].filter((id) => this.user(id) !== undefined));
  }

  /** Ids of all who are in a group, at any depth, without the groups themselves; some may be deleted. */
  transitiveMembers(groupId: string): Set<string> {
    const found = new Set<string>();
    const seen = new Set<string>();
    const waiting = [groupId];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id) || live(this.groups.get(id)) === undefined) continue;
      seen.add(id);
      for (const [member, type] of this.memberships.get(id)?.members ?? []) {
        if (type === 'group') waiting.push(member);
        else found.add(member);
      }
    }
    return found;
  }

  /** Ids of the people in an administrative unit: a group in it brings nobody along, and a deleted unit has nobody. */
  usersOfUnit(unitId: string): Set<string> {
    if (live(this.units.all.get(unitId)) === undefined) return new Set();
    const members = [...(this.units.memberships.get(unitId)?.members.keys() ?? [])];
    return new Set(members.filter((id) => this.user(id) !== undefined));
  }

  /** Ids of the groups that an object is a direct member of. */
  parentsOf(id: string): ReadonlySet<string> {
    return this.#groups.parentsOf(id);
  }

  /** Purges what has been in deletedItems for 30 days. */
  emptyRecycleBin(): void {
    const due = this.#options.clock.now() - RECYCLE_MS;
    for (const [id, { current }] of this.users)
      if (current.presence === 'soft' && current.at <= due) this.purgeUser(id);
  }

  /** Whether a deletion or a restore shows in the delta of groups and units is unknown, and a client must not need it. */
  #tellContainers(id: string, added: boolean): void {
    if (!this.#options.deletionInMembersDelta) return;
    const member = { id, type: this.#typeOf(id) };
    this.#groups.tell(member, added);
    this.units.tell(member, added);
  }

  /** Whoever is in deletedItems is nobody's manager, and everybody's again who had them when they come back. */
  #tellReports(id: string): void {
    for (const one of this.people())
      if (one.manager === id) this.#users.report(one.id, { properties: ['manager'] });
  }

  /** At the final deletion, without a report. */
  #leaveAll(id: string): void {
    const member = { id, type: this.#typeOf(id) };
    this.#groups.leaveAll(member);
    this.units.leaveAll(member);
  }

  #typeOf(id: string): MemberType {
    if (this.groups.has(id)) return 'group';
    return this.contacts.all.has(id) ? 'orgContact' : 'user';
  }
}

function live<T>(history: History<T> | undefined): T | undefined {
  return history?.current.presence === 'live' ? history.current.value : undefined;
}

function newGroup(id: string, createdDateTime: string, partial: Partial<Group>): Group {
  return { ...empty, createdDateTime, ...partial, id };
}

function newUnit(id: string, partial: Partial<AdministrativeUnit>): AdministrativeUnit {
  return { displayName: null, description: null, visibility: null, ...partial, id };
}

const empty: Omit<Group, 'id' | 'createdDateTime'> = {
  displayName: null,
  description: null,
  mailEnabled: false,
  securityEnabled: true,
  groupTypes: [],
  membershipRule: null,
  mail: null,
  mailNickname: null,
  proxyAddresses: [],
};

function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
