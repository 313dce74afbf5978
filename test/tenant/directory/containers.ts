import { Membership } from './history.ts';
import type { MemberChange, MemberType, Objects } from './objects.ts';
import { Records } from './records.ts';

interface Member {
  readonly id: string;
  readonly type: MemberType;
}

/** Groups, or administrative units, with their direct members; each member's own containers are known as well. */
export class Containers<C extends 'groups' | 'administrativeUnits'> extends Records<C> {
  readonly memberships = new Map<string, Membership>();
  readonly #parents = new Map<string, Set<string>>();

  override add(partial: Partial<Objects[C]> = {}): Objects[C] {
    const container = super.add(partial);
    this.memberships.set(container.id, new Membership());
    return container;
  }

  addMember(id: string, member: Member): void {
    if (this.#membership(id).members.has(member.id)) return;
    this.#write(id, { ...member, added: true });
  }

  removeMember(id: string, member: string): void {
    const type = this.#membership(id).members.get(member);
    if (type !== undefined) this.#write(id, { id: member, type, added: false });
  }

  /** Ids of the containers that an object is a direct member of. */
  parentsOf(member: string): ReadonlySet<string> {
    return this.#parents.get(member) ?? new Set();
  }

  /** Reports that a member went or came back with its deletion or restore. */
  tell({ id, type }: Member, added: boolean): void {
    for (const parent of this.parentsOf(id))
      this.report(parent, { properties: ['members'], members: [{ id, type, added }] });
  }

  /** At the final deletion, without a report. */
  leaveAll({ id, type }: Member): void {
    for (const parent of this.parentsOf(id))
      this.#membership(parent).write({ id, type, added: false }, this.now());
    this.#parents.delete(id);
  }

  #write(container: string, change: MemberChange): void {
    this.#membership(container).write(change, this.now());
    const parents = this.#parents.get(change.id) ?? new Set();
    if (change.added) parents.add(container);
    else parents.delete(container);
    this.#parents.set(change.id, parents);
    this.report(container, { properties: ['members'], members: [change] });
  }

  #membership(id: string): Membership {
    const membership = this.memberships.get(id);
    if (membership === undefined) throw new Error(`${id} is no container`);
    return membership;
  }
}
