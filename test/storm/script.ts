import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { mailboxLicense, type Group, type User } from '../tenant/directory/objects.ts';
import { markOf, type Folder } from '../tenant/mailbox/item.ts';
import type { Mailbox } from '../tenant/mailbox/mailbox.ts';
import { person, populate } from '../tenant/population.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Choices } from './configuration.ts';
import type { Mode, Plan, Wider } from './plan.ts';

/** The second notification comes while the first one is in hand, or right after it. */
const FLIP_MS = 1_200;
/** Long enough for the removals to be sent, too short for those without an answer to be sent again. */
const BLINK_MS = 1_500;

const COUNTRIES = ['Germany', 'France', 'United States', null];

/** What happens in the tenant while the storm blows: people, groups, and owners at work in their mailboxes. */
export class Script {
  readonly source: Group;
  /** Whoever is in it, or in a team inside it, is shown without a mobile number. */
  readonly privacy: Group;
  readonly #tenant: Tenant;
  readonly #random: Random;
  readonly #mode: Mode;
  readonly #teams: Group[];
  readonly #people: string[];
  readonly #owners: readonly string[];
  /** People who left scope so far: the storm's guard allows only so many a day. */
  leavers = 0;
  /** When owners last lost their licence or left (milliseconds since 1970). */
  readonly ownersLeft = new Map<string, number>();
  readonly #clock: Clock;
  readonly #leaversAtMost: number;
  readonly #wider: Wider;
  readonly #wideRandom: Random;
  /** Items of ours that an owner has changed. */
  readonly #edited = new Set<string>();
  #next = 1_000;

  constructor(tenant: Tenant, random: Random, { plan, clock }: { plan: Plan; clock: Clock }) {
    this.#clock = clock;
    this.#tenant = tenant;
    this.#random = random;
    this.#mode = plan.mode;
    this.#leaversAtMost = plan.leavers;
    const population = populate(tenant, random, {
      people: plan.people,
      mailboxes: plan.mailboxes,
      foreign: 1,
    });
    this.source = population.source;
    this.privacy = tenant.directory.addGroup({ displayName: 'No private numbers' });
    this.#teams = [...population.teams];
    this.#people = population.people.map(({ id }) => id);
    this.#wider = plan.wider;
    this.#wideRandom = seededRandom(plan.seed * 31 + 8);
    this.#owners = population.owners.map(({ id }) => id);
  }

  /** What an administrator can configure; makes the people whom no group of the first job has. */
  choices(): Choices {
    const { directory } = this.#tenant;
    const outsiders = directory.addGroup({ displayName: 'Outsiders' });
    for (let number = 0; number < 3; number += 1) {
      const { id } = directory.addUser(person(this.#wideRandom, (this.#next += 1), false));
      this.#people.push(id);
      directory.addMember(outsiders.id, id);
    }
    const teams = this.#teams.map(({ id }) => id);
    return {
      source: this.source.id,
      privacy: this.privacy.id,
      outsiders: outsiders.id,
      teams,
      owners: this.#owners,
    };
  }

  /** One change in the directory; in mode C now and then a mailbox owner does something, too. */
  act(): void {
    const { attributes } = this.#wider;
    if (attributes > 0 && chance(this.#wideRandom, attributes)) return this.#become();
    if (this.#mode === 'C' && chance(this.#random, 0.2)) return this.#interfere();
    const roll = integer(this.#random, 100);
    if (roll < 40) this.#edit();
    else if (roll < 45) this.#optOut();
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
  }

  /** Somebody, now and then a whole team, wants the number off all phones, or on them again. */
  #optOut(): void {
    const { directory } = this.#tenant;
    const id = chance(this.#random, 0.2) ? pick(this.#random, this.#teams).id : this.#user()?.id;
    if (id === undefined) return;
    if (directory.parentsOf(id).has(this.privacy.id)) directory.removeMember(this.privacy.id, id);
    else directory.addMember(this.privacy.id, id);
  }

  /** A -> B -> A within moments: whoever compares by content alone, or too early, is left behind. */
  #flip(): void {
    const user = this.#user();
    if (!user) return;
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
    directory.addMember(this.#team().id, newcomer.id);
  }

  #leave(): void {
    const user = this.#user();
    if (!user || this.leavers >= this.#leaversAtMost) return;
    this.leavers += 1;
    this.ownersLeft.set(user.id, this.#clock.now());
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
    if (!user?.accountEnabled || this.leavers >= this.#leaversAtMost) return;
    this.leavers += 1;
    this.#tenant.directory.updateUser(user.id, { accountEnabled: false });
    void this.#clock.sleep(BLINK_MS).then(() => {
      if (this.#tenant.directory.user(user.id))
        this.#tenant.directory.updateUser(user.id, { accountEnabled: true });
    });
  }

  /** Groups change places; what hangs below comes along. */
  #nest(): void {
    const { directory } = this.#tenant;
    if (chance(this.#random, 0.5)) {
      const group = directory.addGroup({ displayName: `Team ${(this.#next += 1)}` });
      const newcomer = directory.addUser(person(this.#random, (this.#next += 1), false));
      this.#people.push(newcomer.id);
      directory.addMember(group.id, newcomer.id);
      directory.addMember(this.#team().id, group.id);
      this.#teams.push(group);
      return;
    }
    const user = this.#user();
    if (user) directory.addMember(this.#team().id, user.id);
  }

  #license(): void {
    const user = this.#user();
    if (!user) return;
    const licensed = user.assignedLicenses.length > 0;
    const owners = this.#tenant.directory.people().filter((one) => one.assignedLicenses.length > 0).length;
    if (licensed && owners <= 4) return;
    if (licensed) this.ownersLeft.set(user.id, this.#clock.now());
    this.#tenant.directory.updateUser(user.id, { assignedLicenses: licensed ? [] : [mailboxLicense] });
  }

  /** Somebody moves to another country, becomes a guest, or a colleague again: scope by attribute. */
  #become(): void {
    const { directory } = this.#tenant;
    const user = directory.user(pick(this.#wideRandom, this.#people));
    if (user === undefined) return;
    if (chance(this.#wideRandom, 0.5))
      return void directory.updateUser(user.id, { country: pick(this.#wideRandom, COUNTRIES) });
    if (user.userType === 'Guest') return void directory.updateUser(user.id, { userType: 'Member' });
    if (this.leavers >= this.#leaversAtMost) return;
    this.leavers += 1;
    this.ownersLeft.set(user.id, this.#clock.now());
    directory.updateUser(user.id, { userType: 'Guest' });
  }

  /** Somebody who was deleted or disabled comes back. */
  #return(): void {
    const { directory } = this.#tenant;
    const away = this.#people.filter((id) => directory.users.get(id)?.current.presence === 'soft');
    if (away.length > 0) return directory.restoreUser(pick(this.#random, away));
    const disabled = directory.people().find((user) => !user.accountEnabled);
    if (disabled) directory.updateUser(disabled.id, { accountEnabled: true });
  }

  /** The owner adds a contact of their own beside ours, changes or removes one; or changes ours. */
  #interfere(): void {
    const { mailboxes } = this.#tenant;
    const mailbox = pick(this.#random, [...mailboxes.all()]);
    const folder = mailbox.folderNamed('Company Directory');
    if (folder && chance(this.#random, 0.6)) return this.#drift(mailbox, folder);
    const own = folder && [...folder.items.values()].find((item) => markOf(item.content) === undefined);
    const roll = this.#random.float();
    if (own && roll < 0.3) mailboxes.deleteContact(mailbox.userId, own);
    else if (own && roll < 0.6) mailboxes.editContact(mailbox.userId, own, { jobTitle: 'Private' });
    else mailboxes.addContact(mailbox.userId, { displayName: 'Private contact' }, folder);
  }

  /** The owner lays hands on what is ours: the audit finds it, and the ordinary ways heal it. */
  #drift(mailbox: Mailbox, folder: Folder): void {
    const { mailboxes } = this.#tenant;
    const { userId } = mailbox;
    const ours = [...folder.items.values()].filter((item) => markOf(item.content) !== undefined);
    if (ours.length === 0) return;
    const item = pick(this.#random, ours);
    const roll = integer(this.#random, 100);
    // Once each: what comes back again and again is accepted in the end, and would differ for good.
    if (roll < 35 && !this.#edited.has(item.key)) {
      this.#edited.add(item.key);
      mailboxes.editContact(userId, item, { jobTitle: 'Made up', mobilePhone: '+1 425 555 0199' });
    } else if (roll < 55) mailboxes.deleteContact(userId, item);
    else if (roll < 75) mailboxes.moveContact(userId, item, mailbox.contacts);
    else if (roll < 93) mailboxes.copyContact(userId, item);
    else mailboxes.deleteFolder(userId, folder);
  }

  #team(): Group {
    return chance(this.#random, 0.3) ? this.source : pick(this.#random, this.#teams);
  }
}
