import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import { mailboxLicense, type Group, type User } from '../tenant/directory/objects.ts';
import type { DirectoryJob } from '../tenant/expectation.ts';
import { person, populate } from '../tenant/population.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Mode, Plan } from './plan.ts';

/** The second notification comes while the first one is in hand, or right after it. */
const FLIP_MS = 1_200;
/** Long enough for the removals to be sent, too short for those without an answer to be sent again. */
const BLINK_MS = 1_500;

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
  /** People who left scope so far: the storm's guard allows only so many a day. */
  leavers = 0;
  /** When owners last lost their licence or left (milliseconds since 1970). */
  readonly ownersLeft = new Map<string, number>();
  readonly #clock: Clock;
  readonly #leaversAtMost: number;
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
  }

  /** The job that the storm is about, as its judge sees it. */
  job(folder: string): DirectoryJob {
    const { source, privacy } = this;
    return { sourceGroups: [source.id], target: 'licensed', folder, withoutMobile: [privacy.id] };
  }

  /** One change in the directory; in mode C now and then a mailbox owner does something, too. */
  act(): void {
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

  /** Somebody who was deleted or disabled comes back. */
  #return(): void {
    const { directory } = this.#tenant;
    const away = this.#people.filter((id) => directory.users.get(id)?.current.presence === 'soft');
    if (away.length > 0) return directory.restoreUser(pick(this.#random, away));
    const disabled = directory.people().find((user) => !user.accountEnabled);
    if (disabled) directory.updateUser(disabled.id, { accountEnabled: true });
  }

  /** The owner adds a contact of their own beside ours, changes or removes one. */
  #interfere(): void {
    const { mailboxes } = this.#tenant;
    const mailbox = pick(this.#random, [...mailboxes.all()]);
    const folder = mailbox.folderNamed('Company Directory');
    const own = folder && [...folder.items.values()].find((item) => item.by === 'user');
    const roll = this.#random.float();
    if (own && roll < 0.3) mailboxes.deleteContact(mailbox.userId, own);
    else if (own && roll < 0.6) mailboxes.editContact(mailbox.userId, own, { jobTitle: 'Private' });
    else mailboxes.addContact(mailbox.userId, { displayName: 'Private contact' }, folder);
  }

  #team(): Group {
    return chance(this.#random, 0.3) ? this.source : pick(this.#random, this.#teams);
  }
}
