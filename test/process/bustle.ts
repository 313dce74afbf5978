import type { Random } from '../../src/kit/random.ts';
import { integer, pick } from '../kit/seeded-random.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import type { Population } from '../tenant/population.ts';
import { person } from '../tenant/population.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { personalValues } from '../demo/personal-data.ts';

/** Numbers that no other made-up person has. */
const NEWCOMERS = 500_000;

/** What goes on in a directory: people change, join and leave, so that every change concerns every mailbox. */
export class Bustle {
  /** Every name, number and address that there is or was. */
  readonly values: Set<string>;
  leavers = 0;
  joiners = 0;
  changed = 0;
  readonly #tenant: Tenant;
  readonly #population: Population;
  readonly #random: Random;
  /** People without a mailbox of their own who are still there: owners stay, so that no mailbox drops out. */
  #here: string[];

  constructor({ tenant, population, random }: { tenant: Tenant; population: Population; random: Random }) {
    this.#tenant = tenant;
    this.#population = population;
    this.#random = random;
    const owners = new Set(population.owners.map(({ id }) => id));
    this.#here = population.people.map(({ id }) => id).filter((id) => !owners.has(id));
    this.values = new Set(personalValues(tenant));
  }

  /** Somebody new has a mailbox. */
  givesMailbox(): void {
    const [id] = this.#here;
    if (id === undefined) throw new Error('Everybody has a mailbox.');
    this.#here = this.#here.filter((other) => other !== id);
    this.#tenant.directory.updateUser(id, { assignedLicenses: [mailboxLicense] });
  }

  /** Several people change, one joins, and every other time one leaves. */
  turn(): void {
    for (let times = 2 + integer(this.#random, 4); times > 0; times -= 1) this.#change();
    this.#join();
    if (this.joiners % 2 === 0) this.#leave();
    for (const value of personalValues(this.#tenant)) this.values.add(value);
  }

  #change(): void {
    const { directory } = this.#tenant;
    const id = pick(this.#random, [...this.#here, ...this.#population.owners.map((owner) => owner.id)]);
    const number = `+49 160 ${1_000_000 + integer(this.#random, 8_999_999)}`;
    const patches = [
      { mobilePhone: number },
      { mobilePhone: null },
      { businessPhones: [number] },
      { jobTitle: `Head of number ${integer(this.#random, 1_000_000)}` },
      { displayName: `Renamed ${integer(this.#random, 1_000_000)}`, surname: 'Renamed' },
    ];
    directory.updateUser(id, pick(this.#random, patches));
    this.changed += 1;
  }

  #join(): void {
    const { directory } = this.#tenant;
    const user = directory.addUser(person(this.#random, NEWCOMERS + this.joiners, false));
    directory.addMember(pick(this.#random, this.#population.teams).id, user.id);
    this.#here.push(user.id);
    this.joiners += 1;
  }

  #leave(): void {
    const { directory } = this.#tenant;
    const [id] = this.#here.splice(integer(this.#random, this.#here.length), 1);
    if (id === undefined) throw new Error('Everybody has left.');
    const ways = [
      () => directory.deleteUser(id),
      () => directory.purgeUser(id),
      () => directory.updateUser(id, { accountEnabled: false }),
      () => directory.parentsOf(id).forEach((group) => directory.removeMember(group, id)),
    ];
    (ways[this.leavers % ways.length] ?? ways[0])?.();
    this.leavers += 1;
  }
}
