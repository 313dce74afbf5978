import type { Random } from '../../src/kit/random.ts';
import { chance, pick } from '../kit/seeded-random.ts';
import type { Group } from '../tenant/directory/objects.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';

/** Who is in what: the group of everybody, the teams in it and in one another, and those who want no private number shown. */
export class Groups {
  readonly source: Group;
  /** Whoever is in it, or in a team inside it, is shown without a mobile number. */
  readonly privacy: Group;
  readonly teams: Group[];
  readonly #tenant: Tenant;
  readonly #random: Random;
  readonly #deeds: Deeds;

  constructor(
    tenant: Tenant,
    { source, teams }: { readonly source: Group; readonly teams: readonly Group[] },
    { random, deeds }: { readonly random: Random; readonly deeds: Deeds },
  ) {
    this.#tenant = tenant;
    this.#random = random;
    this.#deeds = deeds;
    this.source = source;
    this.teams = [...teams];
    this.privacy = tenant.directory.addGroup({ displayName: 'No private numbers' });
  }

  any(): Group {
    return chance(this.#random, 0.3) ? this.source : pick(this.#random, this.teams);
  }

  /** A new group comes into another one; what hangs below comes along. */
  nest(displayName: string, member: () => string): void {
    const { directory } = this.#tenant;
    const group = directory.addGroup({ displayName });
    directory.addMember(group.id, member());
    directory.addMember(this.any().id, group.id);
    this.teams.push(group);
    this.#deeds.note('group nested');
  }

  /** A group leaves the one it is in. Returns who left with it. */
  takeOut(random: Random): readonly string[] {
    const { directory } = this.#tenant;
    const inside = this.teams.flatMap(({ id }) =>
      [...directory.parentsOf(id)].flatMap((parent) => (parent === this.privacy.id ? [] : [{ id, parent }])),
    );
    if (inside.length === 0) return [];
    const { id, parent } = pick(random, inside);
    const members = [...directory.transitiveUsers(id)];
    directory.removeMember(parent, id);
    this.#deeds.note('group taken out');
    return members;
  }

  /** People who have opted out themselves and are still there. */
  #withheld(): readonly string[] {
    const { directory } = this.#tenant;
    return directory
      .people()
      .map(({ id }) => id)
      .filter((id) => directory.parentsOf(id).has(this.privacy.id));
  }

  /** Somebody, now and then a whole team, wants the number off all phones, or on them again. */
  optOut(somebody: () => string | undefined): void {
    const { directory } = this.#tenant;
    const team = chance(this.#random, 0.2) ? pick(this.#random, this.teams).id : undefined;
    const drawn = team ?? somebody();
    // In a crowd hardly anybody is drawn twice: where two have opted out, the first of them thinks again.
    const [first, second] = this.#withheld();
    const id = team === undefined && first !== undefined && second !== undefined ? first : drawn;
    if (id === undefined) return;
    const isIn = directory.parentsOf(id).has(this.privacy.id);
    if (isIn) directory.removeMember(this.privacy.id, id);
    else directory.addMember(this.privacy.id, id);
    this.#deeds.note(team !== undefined ? 'group opted out or in' : isIn ? 'opted in' : 'opted out');
  }
}
