import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';
import type { Leavers } from './leavers.ts';
import type { PartnerPlan } from './plan.ts';

interface ShownOptions {
  readonly plan: PartnerPlan;
  readonly random: Random;
  readonly source: Tenant;
  readonly leavers: Pick<Leavers, 'mayLeave' | 'leave'>;
  readonly deeds: Deeds;
}

/** Groups with an address at the start. */
const LISTS = 3;

/** What happens in the people's tenant that another tenant alone is shown: managers, and groups with an address. */
export class Shown {
  readonly #options: ShownOptions;
  #number = 0;

  constructor(options: ShownOptions) {
    this.#options = options;
    const { plan, source } = options;
    if (plan.mailGroups !== null) for (let number = 0; number < LISTS; number += 1) this.#list();
    if (plan.managers > 0) for (const { id } of source.directory.people()) this.#promote(id);
  }

  act(): void {
    const { plan, random } = this.#options;
    if (plan.mailGroups !== null && chance(random, plan.mailGroups)) this.#relist();
    if (plan.managers > 0 && chance(random, plan.managers)) this.#promote();
  }

  /** Somebody gets another manager, who may be shown to nobody, or be themselves; or none. */
  #promote(id = this.#somebody()): void {
    const { random, source, deeds } = this.#options;
    const manager = chance(random, 0.2) ? null : this.#somebody();
    source.directory.updateUser(id, { manager });
    deeds.note('manager changed');
  }

  #somebody(): string {
    const { random, source } = this.#options;
    return pick(random, source.directory.people()).id;
  }

  #list(): void {
    const { random, source, deeds } = this.#options;
    this.#number += 1;
    source.directory.addGroup({
      displayName: `List ${this.#number}`,
      mailEnabled: true,
      mail: `list${this.#number}@contoso.example`,
      groupTypes: chance(random, 0.5) ? ['Unified'] : [],
    });
    deeds.note('mail group came');
  }

  /** Another one, or another name or address; or one goes: for good, or as one that mail cannot be sent to. */
  #relist(): void {
    const { random, source, deeds, leavers } = this.#options;
    const lists = source.directory.mailGroups();
    const roll = integer(random, 5);
    if (roll === 0 || lists.length === 0) return this.#list();
    const { id } = pick(random, lists);
    this.#number += 1;
    if (roll <= 2) {
      const mail = roll === 1 ? {} : { mail: `list${this.#number}@contoso.example` };
      source.directory.updateGroup(id, { displayName: `List ${this.#number}`, ...mail });
      return deeds.note('mail group renamed');
    }
    if (!leavers.mayLeave) return;
    leavers.leave(id);
    if (roll === 3) source.directory.deleteGroup(id);
    else source.directory.updateGroup(id, { mailEnabled: false });
    deeds.note('mail group left');
  }
}
