import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { mailboxLicense, type User } from '../tenant/directory/objects.ts';
import { person, populate } from '../tenant/population.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { furnish } from './belongings.ts';
import type { Choices } from './configuration.ts';
import type { Deeds } from './deeds.ts';
import { Exodus } from './exodus.ts';
import { Groups } from './groups.ts';
import { Leavers } from './leavers.ts';
import { Owners } from './owners.ts';
import type { Mode, Plan, Wider } from './plan.ts';
import { Unannounced } from './unannounced.ts';

/** The second notification comes while the first one is in hand, or right after it. */
const FLIP_MS = 1_200;
/** Long enough for the removals to be sent, too short for those without an answer to be sent again. */
const BLINK_MS = 1_500;

const COUNTRIES = ['Germany', 'France', 'United States', null];

interface ScriptOptions {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly deeds: Deeds;
}

/** What happens in the tenant while the storm blows: people, groups, and owners at work in their mailboxes. */
export class Script {
  readonly groups: Groups;
  readonly #tenant: Tenant;
  readonly #random: Random;
  readonly #mode: Mode;
  readonly #people: string[];
  readonly #owners: readonly string[];
  readonly leavers: Leavers;
  readonly #clock: Clock;
  readonly #wider: Wider;
  readonly #wideRandom: Random;
  readonly #atWork: Owners;
  readonly #deeds: Deeds;
  readonly #unannounced: Unannounced | null;
  readonly #exodus: Exodus;
  #next = 1_000;

  constructor(tenant: Tenant, random: Random, { plan, clock, deeds }: ScriptOptions) {
    this.#clock = clock;
    this.#tenant = tenant;
    this.#random = random;
    this.#deeds = deeds;
    this.#atWork = new Owners(tenant, random, deeds);
    this.#mode = plan.mode;
    this.leavers = new Leavers(clock, plan.leavers);
    const population = populate(tenant, random, {
      people: plan.people + plan.wider.crowd,
      mailboxes: plan.mailboxes,
      foreign: 1,
    });
    this.groups = new Groups(tenant, population, { random, deeds });
    this.#people = population.people.map(({ id }) => id);
    this.#wider = plan.wider;
    this.#wideRandom = seededRandom(plan.seed * 31 + 8);
    this.#owners = population.owners.map(({ id }) => id);
    if (this.#wider.adopts) furnish(tenant, this.#wideRandom, population);
    const { leavers, groups } = this;
    const [people, privacy] = [this.#people, groups.privacy];
    const unannounced = { tenant, random: seededRandom(plan.seed * 31 + 10), privacy, deeds, leavers };
    this.#unannounced = plan.wider.unannounced > 0 ? new Unannounced({ ...unannounced, people }) : null;
    this.#exodus = new Exodus({ tenant, random: this.#wideRandom, people, deeds, leavers });
  }

  /** What an administrator can configure; makes the people whom no group of the first job has, where one may want them. */
  choices(): Choices {
    const { groups } = this;
    const { directory } = this.#tenant;
    const [source, privacy, unannounced] = [groups.source.id, groups.privacy.id, this.#unannounced];
    const { reconfigure, secondJob } = this.#wider;
    if (reconfigure === 0 && !secondJob)
      return { source, privacy, outsiders: source, teams: [], owners: [], unannounced };
    const outsiders = directory.addGroup({ displayName: 'Outsiders' });
    for (let number = 0; number < 3; number += 1) {
      const { id } = directory.addUser(person(this.#wideRandom, (this.#next += 1), false));
      this.#people.push(id);
      directory.addMember(outsiders.id, id);
    }
    const teams = groups.teams.map(({ id }) => id);
    return { source, privacy, outsiders: outsiders.id, teams, owners: this.#owners, unannounced };
  }

  /** One change in the directory; in mode C now and then a mailbox owner does something, too. */
  act(): void {
    const { attributes, unannounced, tampering, regroup, exodus } = this.#wider;
    const draws = (probability: number): boolean => probability > 0 && chance(this.#wideRandom, probability);
    if (draws(unannounced)) return this.#unannounced?.act();
    if (draws(attributes)) return this.#become();
    if (draws(regroup)) return this.#regroup();
    if (draws(exodus)) return this.#exodus.act();
    if (this.#mode === 'C' && draws(tampering)) return this.#atWork.tamper(this.#wideRandom);
    if (this.#mode === 'C' && chance(this.#random, 0.2)) return this.#atWork.interfere();
    const roll = integer(this.#random, 100);
    if (roll < 36) this.#edit();
    else if (roll < 40) this.#picture();
    else if (roll < 45) this.groups.optOut(() => this.#user()?.id);
    else if (roll < 55) this.#flip();
    else if (roll < 65) this.#join();
    else if (roll < 72) this.#leave();
    else if (roll < 77) this.#blink();
    else if (roll < 85) this.#nest();
    else if (roll < 93) this.#license();
    else this.#return();
  }

  #user(): User | undefined {
    return this.#tenant.directory.user(pick(this.#random, this.#people));
  }

  #edit(): void {
    const user = this.#user();
    if (!user) return;
    const number = integer(this.#random, 1_000);
    const patches: Partial<User>[] = [
      { jobTitle: `Title ${number}` },
      { mobilePhone: null },
      { mobilePhone: `+49 151 ${String(1_000_000 + number)}` },
      { displayName: `Name ${number}`, surname: `Name${number}` },
      { mail: `person.${number}@contoso.example` },
      { businessPhones: [] },
      { businessPhones: [`+1 425 555 ${1_000 + number}`] },
    ];
    this.#tenant.directory.updateUser(user.id, pick(this.#random, patches));
    this.#deeds.note('person edited');
  }

  /** Another picture, the same one again, or none. Only a night finds it, and mode B has none. */
  #picture(): void {
    const user = this.#user();
    if (!user || this.#mode === 'B') return;
    const bytes = Uint8Array.of(0xff, 0xd8, integer(this.#random, 3));
    const goes = chance(this.#random, 0.3);
    if (goes) this.#tenant.photos.remove(user.id);
    else this.#tenant.photos.set(user.id, { bytes, width: 240, height: 240 });
    this.#deeds.note(goes ? 'picture removed' : 'picture set');
  }

  /** A -> B -> A within moments: whoever compares by content alone, or too early, is left behind. */
  #flip(): void {
    const user = this.#user();
    if (!user) return;
    this.#deeds.note('person there and back');
    this.#tenant.directory.updateUser(user.id, { department: 'Elsewhere' });
    void this.#clock.sleep(pick(this.#random, [0, FLIP_MS])).then(() => {
      if (this.#tenant.directory.user(user.id))
        this.#tenant.directory.updateUser(user.id, { department: user.department });
    });
  }

  #join(): void {
    const { directory } = this.#tenant;
    const newcomer = directory.addUser(person(this.#random, (this.#next += 1), chance(this.#random, 0.3)));
    this.#people.push(newcomer.id);
    directory.addMember(this.groups.any().id, newcomer.id);
    this.#deeds.note('person joined');
  }

  #leave(): void {
    const user = this.#user();
    if (!user || !this.leavers.mayLeave) return;
    this.leavers.leave(user.id);
    this.#deeds.note('person left');
    const { directory } = this.#tenant;
    const way = integer(this.#random, 4);
    if (way === 0) directory.deleteUser(user.id);
    else if (way === 1) directory.purgeUser(user.id);
    else if (way === 2) directory.updateUser(user.id, { accountEnabled: false });
    else for (const group of directory.parentsOf(user.id)) directory.removeMember(group, user.id);
  }

  /** Somebody is disabled by mistake, and enabled again before the dust has settled. */
  #blink(): void {
    const user = this.#user();
    if (!user?.accountEnabled || !this.leavers.mayLeave) return;
    this.leavers.blink();
    this.#deeds.note('person left and came back at once');
    this.#tenant.directory.updateUser(user.id, { accountEnabled: false });
    void this.#clock.sleep(BLINK_MS).then(() => {
      if (this.#tenant.directory.user(user.id))
        this.#tenant.directory.updateUser(user.id, { accountEnabled: true });
    });
  }

  /** Groups change places, and people groups. */
  #nest(): void {
    const { directory } = this.#tenant;
    if (chance(this.#random, 0.5)) {
      const displayName = `Team ${(this.#next += 1)}`;
      return this.groups.nest(displayName, () => {
        const { id } = directory.addUser(person(this.#random, (this.#next += 1), false));
        this.#people.push(id);
        return id;
      });
    }
    const user = this.#user();
    if (!user) return;
    directory.addMember(this.groups.any().id, user.id);
    this.#deeds.note('member added');
  }

  /** Everybody in a group leaves the groups around it at once. */
  #regroup(): void {
    for (const id of this.groups.takeOut(this.#wideRandom)) this.leavers.leave(id);
  }

  #license(): void {
    const user = this.#user();
    if (!user) return;
    const licensed = user.assignedLicenses.length > 0;
    const owners = this.#tenant.directory.people().filter((one) => one.assignedLicenses.length > 0).length;
    if (licensed && owners <= 4) return;
    if (licensed) this.leavers.empty(user.id);
    this.#tenant.directory.updateUser(user.id, { assignedLicenses: licensed ? [] : [mailboxLicense] });
    this.#deeds.note(licensed ? 'licence taken' : 'licence given');
  }

  /** Somebody moves to another country, becomes a guest, or a colleague again: scope by attribute. */
  #become(): void {
    const { directory } = this.#tenant;
    const user = directory.user(pick(this.#wideRandom, this.#people));
    if (user === undefined) return;
    this.#deeds.note('attribute decides scope');
    if (chance(this.#wideRandom, 0.5))
      return void directory.updateUser(user.id, { country: pick(this.#wideRandom, COUNTRIES) });
    if (user.userType === 'Guest') return void directory.updateUser(user.id, { userType: 'Member' });
    if (!this.leavers.mayLeave) return;
    this.leavers.leave(user.id);
    this.#deeds.note('person left');
    directory.updateUser(user.id, { userType: 'Guest' });
  }

  /** Somebody who was deleted or disabled comes back. */
  #return(): void {
    const { directory } = this.#tenant;
    const away = this.#people.filter((id) => directory.users.get(id)?.current.presence === 'soft');
    const disabled = directory.people().find((user) => !user.accountEnabled);
    if (away.length > 0) directory.restoreUser(pick(this.#random, away));
    else if (disabled) directory.updateUser(disabled.id, { accountEnabled: true });
    if (away.length > 0 || disabled) this.#deeds.note('person returned');
  }
}
