import type { Random } from '../../src/kit/random.ts';
import { pick } from '../kit/seeded-random.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { GUARD } from './configuration.ts';
import type { Deeds } from './deeds.ts';
import type { Leavers } from './leavers.ts';

interface ExodusOptions {
  readonly tenant: Tenant;
  readonly random: Random;
  readonly people: readonly string[];
  readonly deeds: Deeds;
  readonly leavers: Leavers;
}

/** More people are disabled at once than the guard lets go: those whom it holds go on living. */
export class Exodus {
  readonly #options: ExodusOptions;
  #gone: readonly string[] = [];
  #edits = 0;

  constructor(options: ExodusOptions) {
    this.#options = options;
  }

  /** First they go; from then on one of them becomes somebody else each time. */
  act(): void {
    if (this.#gone.length === 0) this.#go();
    else this.#edit();
  }

  #go(): void {
    const { tenant, people, deeds, leavers } = this.#options;
    const there = people.filter((id) => tenant.directory.user(id)?.accountEnabled);
    this.#gone = there.slice(0, GUARD.count + 2);
    for (const id of this.#gone) {
      leavers.leave(id);
      tenant.directory.updateUser(id, { accountEnabled: false });
    }
    deeds.note('many left at once', this.#gone.length > GUARD.count ? 1 : 0);
  }

  #edit(): void {
    const { tenant, random, deeds } = this.#options;
    const user = tenant.directory.user(pick(random, this.#gone));
    if (user === undefined || user.accountEnabled) return;
    tenant.directory.updateUser(user.id, { jobTitle: `Title ${(this.#edits += 1)} of those who left` });
    deeds.note('somebody who left was edited');
  }
}
