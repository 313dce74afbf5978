import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { History, Membership } from './history.ts';
import type { DirectoryChange, MemberChange, MemberType } from './objects.ts';

/** Part of a directory that somebody administers: direct members only, whatever kind they are of. */
export interface AdministrativeUnit {
  readonly id: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly visibility: string | null;
}

interface UnitsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly staleMs: number;
  readonly onChange: (change: DirectoryChange) => void;
}

/** Administrative units. A group in one does not bring its members along (learn.microsoft.com/entra/identity/role-based-access-control/administrative-units). */
export class AdministrativeUnits {
  readonly all = new Map<string, History<AdministrativeUnit>>();
  readonly memberships = new Map<string, Membership>();
  readonly #options: UnitsOptions;

  constructor(options: UnitsOptions) {
    this.#options = options;
  }

  add(partial: Partial<AdministrativeUnit> = {}): AdministrativeUnit {
    const id = partial.id ?? uuid(this.#options.random);
    if (this.all.has(id)) throw new Error(`Unit ${id} exists`);
    const unit = { displayName: null, description: null, visibility: null, ...partial, id };
    this.all.set(id, new History({ at: this.#options.clock.now(), value: unit, presence: 'live' }));
    this.memberships.set(id, new Membership());
    this.#report(id, undefined, []);
    return unit;
  }

  addMember(unitId: string, member: { readonly id: string; readonly type: MemberType }): void {
    this.#change(unitId, { ...member, added: true });
  }

  removeMember(unitId: string, memberId: string): void {
    const type = this.memberships.get(unitId)?.members.get(memberId);
    if (type !== undefined) this.#change(unitId, { id: memberId, type, added: false });
  }

  #change(unitId: string, change: MemberChange): void {
    const membership = this.memberships.get(unitId);
    if (membership === undefined) throw new Error(`Unit ${unitId} is not there`);
    const at = this.#options.clock.now();
    membership.write(change, { at, keepSince: at - this.#options.staleMs });
    this.#report(unitId, ['members'], [change]);
  }

  #report(id: string, properties: readonly string[] | undefined, members: readonly MemberChange[]): void {
    const version = (this.all.get(id) as History<AdministrativeUnit>).current;
    const what = { id, version, properties, members, changeType: 'updated' } as const;
    this.#options.onChange({ collection: 'administrativeUnits', ...what });
  }
}
