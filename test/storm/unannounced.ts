import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import type { Group, OrgContact } from '../tenant/directory/objects.ts';
import { outsider, person } from '../tenant/population.ts';
import { MAIN_ROLES, type Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';
import type { Leavers } from './leavers.ts';
import type { Plan } from './plan.ts';

/** What the app is granted: more than the three only where more is asked for. */
export function rolesFor({ wider }: Plan): string[] {
  return [
    ...MAIN_ROLES,
    ...(wider.unannounced > 0 ? ['OrgContact.Read.All', 'AdministrativeUnit.Read.All'] : []),
  ];
}

export interface UnannouncedOptions {
  readonly tenant: Tenant;
  readonly random: Random;
  /** Whoever is in it may be shown without a mobile number. */
  readonly privacy: Group;
  /** People of the groups. */
  readonly people: readonly string[];
  readonly leavers: Leavers;
  readonly deeds: Deeds;
}

/** What no notification ever tells of: contacts of the organisation, and who is in which administrative unit. */
export class Unannounced {
  /** The second one has people whom no group has. */
  readonly units: readonly [string, string];
  /** A group of contacts. */
  readonly list: string;
  readonly #options: UnannouncedOptions;
  #next = 5_000;

  constructor(options: UnannouncedOptions) {
    this.#options = options;
    const { directory } = options.tenant;
    this.units = [directory.units.add().id, directory.units.add().id];
    this.list = directory.addGroup({ displayName: 'Partners' }).id;
    for (const id of options.people.slice(0, 4))
      directory.units.addMember(this.units[0], { id, type: 'user' });
    directory.units.addMember(this.units[0], { id: options.privacy.id, type: 'group' });
    for (let number = 0; number < 3; number += 1) {
      this.#meet();
      const { id } = this.#write();
      if (number > 0) directory.addMember(this.list, id);
    }
  }

  act(): void {
    const roll = integer(this.#options.random, 8);
    if (roll < 2) this.#edit();
    else if (roll === 2) this.#write();
    else if (roll === 3) this.#forget();
    else if (roll === 4) this.#belong(pick(this.#options.random, [this.list, this.#options.privacy.id]));
    else if (roll === 5) this.#meet();
    else this.#move();
  }

  /** Somebody new, in the second unit alone. */
  #meet(): void {
    const { tenant, random } = this.#options;
    const { id } = tenant.directory.addUser(person(random, (this.#next += 1), chance(random, 0.2)));
    tenant.directory.units.addMember(this.units[1], { id, type: 'user' });
  }

  #write(): OrgContact {
    const { tenant, random } = this.#options;
    return tenant.directory.contacts.add(outsider(random, (this.#next += 1)));
  }

  #contact(): OrgContact | undefined {
    const all = this.#options.tenant.directory.orgContacts();
    return all.length === 0 ? undefined : pick(this.#options.random, all);
  }

  #edit(): void {
    const contact = this.#contact();
    if (contact === undefined) return;
    const { tenant, random } = this.#options;
    const number = integer(random, 1_000);
    const patch: Partial<OrgContact>[] = [
      { jobTitle: `Title ${number}` },
      { phones: [] },
      { phones: [{ type: 'mobile', number: `+49 151 ${String(1_000_000 + number)}` }] },
      { displayName: `Outsider ${number}` },
    ];
    tenant.directory.contacts.update(contact.id, pick(random, patch));
    this.#options.deeds.note('outsider edited');
  }

  /** Struck off the address book, or out of reach: the same to whoever wants to call. */
  #forget(): void {
    const contact = this.#contact();
    if (contact === undefined || !this.#leaving(contact.id)) return;
    this.#options.deeds.note('outsider left');
    const { directory } = this.#options.tenant;
    if (chance(this.#options.random, 0.5)) directory.deleteContact(contact.id);
    else directory.contacts.update(contact.id, { mail: null, phones: [] });
  }

  #belong(group: string): void {
    const contact = this.#contact();
    if (contact === undefined) return;
    const { directory } = this.#options.tenant;
    this.#options.deeds.note('outsider changed groups');
    if (!directory.parentsOf(contact.id).has(group)) directory.addMember(group, contact.id);
    else if (group !== this.list || this.#leaving(contact.id)) directory.removeMember(group, contact.id);
  }

  /** Somebody joins a unit, or leaves it. */
  #move(): void {
    const { tenant, random, people, deeds } = this.#options;
    const { units } = tenant.directory;
    const unit = pick(random, this.units);
    const members = [...tenant.directory.usersOfUnit(unit)];
    if (members.length > 1 && chance(random, 0.5)) {
      const id = pick(random, members);
      if (!this.#leaving(id)) return;
      units.removeMember(unit, id);
      return deeds.note('unit left');
    }
    const id = pick(random, people);
    if (!tenant.directory.user(id)) return;
    units.addMember(unit, { id, type: 'user' });
    deeds.note('unit joined');
  }

  /** Somebody is about to leave a scope; false: no more may. */
  #leaving(id: string): boolean {
    const { leavers } = this.#options;
    if (!leavers.mayLeave) return false;
    leavers.leave(id);
    return true;
  }
}
