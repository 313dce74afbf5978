import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { History, Membership } from './history.ts';
import type { DirectoryChange, Group, MemberChange, MemberType, Presence, User } from './objects.ts';
import { OrgContacts } from './org-contacts.ts';
import { newUser } from './person.ts';
import { AdministrativeUnits } from './units.ts';

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

/** People, groups and memberships: the truth, and as much past as a stale replica may show. */
export class Directory {
  readonly users = new Map<string, History<User>>();
  readonly groups = new Map<string, History<Group>>();
  readonly contacts: OrgContacts;
  readonly units: AdministrativeUnits;
  readonly memberships = new Map<string, Membership>();
  /** The groups that an object is a direct member of. */
  readonly #parents = new Map<string, Set<string>>();
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.contacts = new OrgContacts(options);
    this.units = new AdministrativeUnits(options);
  }

  addUser(partial: Partial<User> = {}): User {
    const id = partial.id ?? uuid(this.#options.random);
    if (this.users.has(id)) throw new Error(`User ${id} exists`);
    const at = this.#now();
    const user = newUser(id, seconds(at), partial);
    this.users.set(id, new History({ at, value: user, presence: 'live' }));
    this.#report('users', id, {});
    return user;
  }

  updateUser(id: string, patch: Partial<Omit<User, 'id'>>): User {
    const history = this.#live(this.users, id);
    const user: User = { ...history.current.value, ...patch };
    history.write({ at: this.#now(), value: user, presence: 'live' }, this.#keepSince());
    this.#report('users', id, { properties: Object.keys(patch) });
    return user;
  }

  /** To deletedItems: notified as `updated`, and restorable. */
  deleteUser(id: string): void {
    this.#move(this.users, id, { from: 'live', to: 'soft' });
    this.#report('users', id, {});
    this.#tellParents(id, false);
  }

  restoreUser(id: string): void {
    this.#move(this.users, id, { from: 'soft', to: 'live' });
    this.#report('users', id, {});
    this.#tellParents(id, true);
  }

  /** Gone for good: notified as `deleted`. */
  purgeUser(id: string): void {
    const presence = this.users.get(id)?.current.presence;
    if (presence === 'live') this.deleteUser(id);
    this.#move(this.users, id, { from: 'soft', to: 'hard' });
    this.#leaveAll(id);
    this.#report('users', id, { changeType: 'deleted' });
  }

  addGroup(partial: Partial<Group> = {}): Group {
    const id = partial.id ?? uuid(this.#options.random);
    if (this.groups.has(id)) throw new Error(`Group ${id} exists`);
    const at = this.#now();
    const group: Group = {
      displayName: null,
      description: null,
      mailEnabled: false,
      securityEnabled: true,
      createdDateTime: seconds(at),
      groupTypes: [],
      membershipRule: null,
      ...partial,
      id,
    };
    this.groups.set(id, new History({ at, value: group, presence: 'live' }));
    this.memberships.set(id, new Membership());
    this.#report('groups', id, {});
    return group;
  }

  updateGroup(id: string, patch: Partial<Omit<Group, 'id'>>): Group {
    const history = this.#live(this.groups, id);
    const group: Group = { ...history.current.value, ...patch };
    history.write({ at: this.#now(), value: group, presence: 'live' }, this.#keepSince());
    this.#report('groups', id, { properties: Object.keys(patch) });
    return group;
  }

  deleteGroup(id: string): void {
    const to = this.#options.groupDeletion;
    this.#move(this.groups, id, { from: 'live', to });
    this.#tellParents(id, false);
    if (to === 'hard') this.#leaveAll(id);
    this.#report('groups', id, { changeType: to === 'hard' ? 'deleted' : 'updated' });
  }

  addMember(groupId: string, memberId: string): void {
    const membership = this.#membership(groupId);
    if (membership.members.has(memberId)) return;
    const type = this.#typeOf(memberId);
    if (type === 'group') this.#live(this.groups, memberId);
    else if (type === 'user') this.#live(this.users, memberId);
    this.#member(groupId, { id: memberId, type, added: true });
  }

  removeMember(groupId: string, memberId: string): void {
    const type = this.#membership(groupId).members.get(memberId);
    if (type !== undefined) this.#member(groupId, { id: memberId, type, added: false });
  }

  /** The person, unless deleted. */
  user(id: string): User | undefined {
    const current = this.users.get(id)?.current;
    return current?.presence === 'live' ? current.value : undefined;
  }

  /** Everybody who is not deleted, in the order of joining. */
  people(): User[] {
    return [...this.users.values()].flatMap(({ current }) =>
      current.presence === 'live' ? [current.value] : [],
    );
  }

  /** Ids of the people in a group, nested groups included, deleted objects not. */
  transitiveUsers(groupId: string): Set<string> {
    const found = new Set<string>();
    const seen = new Set<string>();
    const waiting = [groupId];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id) || this.groups.get(id)?.current.presence !== 'live') continue;
      seen.add(id);
      for (const [member, type] of this.memberships.get(id)?.members ?? []) {
        if (type === 'group') waiting.push(member);
        else if (this.user(member) !== undefined) found.add(member);
      }
    }
    return found;
  }

  /** Ids of the groups that an object is a direct member of. */
  parentsOf(id: string): ReadonlySet<string> {
    return this.#parents.get(id) ?? new Set();
  }

  /** Purges what has been in deletedItems for 30 days. */
  emptyRecycleBin(): void {
    const due = this.#now() - RECYCLE_MS;
    for (const [id, { current }] of this.users)
      if (current.presence === 'soft' && current.at <= due) this.purgeUser(id);
  }

  #member(groupId: string, change: MemberChange): void {
    this.#membership(groupId).write(change, { at: this.#now(), keepSince: this.#keepSince() });
    const parents = this.#parents.get(change.id) ?? new Set();
    if (change.added) parents.add(groupId);
    else parents.delete(groupId);
    this.#parents.set(change.id, parents);
    this.#report('groups', groupId, { properties: ['members'], members: [change] });
  }

  /** Whether a deletion or a restore shows in the delta of the groups is unknown, and a client must not need it. */
  #tellParents(id: string, added: boolean): void {
    if (!this.#options.deletionInMembersDelta) return;
    const type = this.#typeOf(id);
    for (const parent of this.parentsOf(id)) {
      this.#report('groups', parent, { properties: ['members'], members: [{ id, type, added }] });
    }
  }

  /** At the final deletion, without a report. */
  #leaveAll(id: string): void {
    const times = { at: this.#now(), keepSince: this.#keepSince() };
    const type = this.#typeOf(id);
    for (const parent of this.parentsOf(id))
      this.#membership(parent).write({ id, type, added: false }, times);
    this.#parents.delete(id);
  }

  #typeOf(id: string): MemberType {
    if (this.groups.has(id)) return 'group';
    return this.contacts.all.has(id) ? 'orgContact' : 'user';
  }

  #move<T>(objects: Map<string, History<T>>, id: string, way: { from: Presence; to: Presence }): void {
    const history = objects.get(id);
    if (history?.current.presence !== way.from) throw new Error(`Object ${id} is not ${way.from}`);
    history.write({ at: this.#now(), value: history.current.value, presence: way.to }, this.#keepSince());
  }

  #live<T>(objects: Map<string, History<T>>, id: string): History<T> {
    const history = objects.get(id);
    if (history?.current.presence !== 'live') throw new Error(`Object ${id} is not there`);
    return history;
  }

  #membership(groupId: string): Membership {
    const membership = this.memberships.get(groupId);
    if (membership === undefined) throw new Error(`Group ${groupId} is not there`);
    return membership;
  }

  #report(collection: 'users' | 'groups', id: string, what: Partial<DirectoryChange>): void {
    const version = (this[collection].get(id) as History<User> | History<Group>).current;
    this.#options.onChange({
      collection,
      id,
      version,
      properties: what.properties,
      members: what.members ?? [],
      changeType: what.changeType ?? 'updated',
    });
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #keepSince(): number {
    return this.#now() - this.#options.staleMs;
  }
}

function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
