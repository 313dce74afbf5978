import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { beginLife } from '../storm/gate.ts';
import { deliverTo } from '../storm/receive.ts';
import { newDisk, startProcess, type Process } from '../storm/world.ts';
import { mailboxLicense, type User } from './directory/objects.ts';
import { compareMailboxes, type Comparison } from './expectation.ts';
import type { Switches } from './options.ts';
import { person, populate, type Population } from './population.ts';
import { createTenant, type Tenant } from './tenant.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FOLDER = 'Company Directory';
/** Longer than Exchange would take if it took no more than MAPI's short texts. */
const LONG_NAME = `${'Wolfeschlegelsteinhausenbergerdorff'.repeat(8)} the Elder`;

/** What two weeks came to. */
export interface Weeks {
  readonly tenant: Tenant;
  readonly population: Population;
  /** Somebody whose name is longer than some limits. */
  readonly longName: User;
  readonly comparison: Comparison;
}

/** The whole service and a tenant with these answers: two weeks in which everything happens once that the answers are about. */
export async function liveThrough(switches: Partial<Switches>): Promise<Weeks> {
  const weeks = new WorkingWeeks(switches);
  try {
    return await weeks.live();
  } finally {
    weeks.close();
  }
}

class WorkingWeeks {
  readonly #clock = new VirtualClock();
  readonly #random = seededRandom(5);
  readonly #disk = newDisk();
  readonly #tenant: Tenant;
  readonly #population: Population;
  #process: Process | null = null;
  #stopping = new AbortController();

  constructor(switches: Partial<Switches>) {
    this.#tenant = createTenant({
      clock: this.#clock,
      random: seededRandom(6),
      auth: 'open',
      latencyMs: 20,
      deliver: deliverTo(() => this.#process?.receiver ?? null),
      faults: { staleRead: 0.3, lateApply: 0.02, deltaReplay: 0.1 },
      switches: { deltaPageSize: 5, deltaMembersPerPage: 3, ...switches },
    });
    this.#population = populate(this.#tenant, this.#random, { people: 14, mailboxes: 5, foreign: 1 });
  }

  async live(): Promise<Weeks> {
    const longName = this.#before();
    this.#start();
    await this.#pass(HOUR_MS);
    this.#firstWeek();
    await this.#pass(5 * HOUR_MS);
    this.#secondThoughts();
    await this.#pass(2 * HOUR_MS);
    // A long holiday: every token is forgotten meanwhile, and every subscription is not.
    this.#stopping.abort();
    await this.#pass(MINUTE_MS);
    this.#process = null;
    this.#duringTheOutage();
    await this.#pass(8 * DAY_MS);
    this.#start();
    await this.#pass(6 * HOUR_MS);
    // A group with members was deleted: who left with it is held until somebody has looked.
    await this.#ledger().guard.approve(null, this.#clock.now());
    await this.#pass(HOUR_MS);
    return {
      tenant: this.#tenant,
      population: this.#population,
      longName,
      comparison: compareMailboxes(this.#tenant, {
        sourceGroups: [this.#population.source.id],
        target: 'licensed',
        folder: FOLDER,
      }),
    };
  }

  #ledger(): Ledger {
    if (this.#process === null) throw new Error('Nothing runs.');
    return this.#process.ledger;
  }

  close(): void {
    this.#stopping.abort();
    this.#tenant.close();
    this.#disk.ledger.close();
    this.#disk.queue.close();
  }

  /** What is there before the service comes: leavers, a folder of that very name, names that Exchange may change. */
  #before(): User {
    const { directory, mailboxes } = this.#tenant;
    const { people, owners, source, teams } = this.#population;
    directory.deleteUser(at(people, 13).id);
    directory.addMember(at(teams, 0).id, at(people, 12).id);
    for (const group of directory.parentsOf(at(people, 12).id))
      directory.removeMember(group, at(people, 12).id);
    const folder = mailboxes.addFolder(at(owners, 0).id, FOLDER);
    mailboxes.addContact(at(owners, 0).id, { displayName: 'The dentist' }, folder);
    directory.updateUser(at(people, 5).id, { displayName: '  Spaced   Out  ', jobTitle: ' Trimmed ' });
    directory.updateUser(at(people, 6).id, {
      businessPhones: ['+49 30 1000001', '+49 30 1000002'],
      mail: null,
    });
    const longName = directory.addUser({ ...person(this.#random, 900, false), displayName: LONG_NAME });
    directory.addMember(source.id, longName.id);
    return longName;
  }

  #firstWeek(): void {
    const { directory, mailboxes, photos } = this.#tenant;
    const { people, owners, teams } = this.#population;
    directory.updateUser(at(people, 0).id, { surname: 'Newly-Wed' });
    directory.updateUser(at(people, 7).id, { mobilePhone: null, businessPhones: [] });
    directory.deleteUser(at(people, 8).id);
    directory.purgeUser(at(people, 9).id);
    const nested = directory.addGroup({ displayName: 'Nested' });
    const newcomers = [1, 2].map((number) => directory.addUser(person(this.#random, 800 + number, false)));
    for (const newcomer of newcomers) directory.addMember(nested.id, newcomer.id);
    directory.addMember(at(teams, 1).id, nested.id);
    const doomed = directory.addGroup({ displayName: 'Doomed' });
    directory.addMember(doomed.id, directory.addUser(person(this.#random, 810, false)).id);
    directory.addMember(at(teams, 0).id, doomed.id);
    directory.updateUser(at(people, 10).id, { assignedLicenses: [mailboxLicense] });
    photos.set(at(people, 1).id, { bytes: Uint8Array.of(0xff, 0xd8), width: 48, height: 48 });
    const mailbox = mailboxes.get(at(owners, 1).id);
    const ours = [...(mailbox.folderNamed(FOLDER)?.items.values() ?? [])][0];
    if (ours !== undefined) mailboxes.copyContact(mailbox.userId, ours, mailbox.contacts);
  }

  /** What was deleted by mistake comes back; a group goes with all that is in it. */
  #secondThoughts(): void {
    const { directory, mailboxes } = this.#tenant;
    const { owners } = this.#population;
    directory.restoreUser(at(this.#population.people, 8).id);
    // The owner makes room for ours, where Exchange would not have two folders of one name.
    const taken = mailboxes.get(at(owners, 0).id).folderNamed(FOLDER);
    if (taken !== undefined && taken.properties.length === 0)
      mailboxes.renameFolder(at(owners, 0).id, taken, 'My dentist');
    for (const [id, { current }] of directory.groups)
      if (current.value.displayName === 'Doomed') directory.deleteGroup(id);
  }

  #duringTheOutage(): void {
    const { directory } = this.#tenant;
    const { people, teams } = this.#population;
    directory.updateUser(at(people, 2).id, { jobTitle: 'Promoted' });
    directory.deleteUser(at(people, 4).id);
    directory.updateUser(at(people, 11).id, { accountEnabled: false });
    for (const group of directory.parentsOf(at(people, 3).id))
      directory.removeMember(group, at(people, 3).id);
    directory.addMember(at(teams, 0).id, directory.addUser(person(this.#random, 820, true)).id);
  }

  #start(): void {
    const { signal } = (this.#stopping = new AbortController());
    const life = beginLife({ clock: this.#clock, random: this.#random, crash: () => 0, onDeath: () => {} });
    void (async () => {
      this.#process = await startProcess({
        tenant: this.#tenant,
        jobs: [jobOver(this.#population.source.id)],
        disk: this.#disk,
        life,
        random: this.#random,
        untilSweep: () => HOUR_MS,
        auditNights: 1,
        deaf: false,
        pollMs: HOUR_MS,
      });
      const { assembly } = this.#process;
      await assembly.keeper.prepare();
      await Promise.all([assembly.keeper.run(signal), assembly.work(signal)]);
    })();
  }

  async #pass(ms: number): Promise<void> {
    await this.#clock.run(this.#clock.now() + ms);
  }
}

function at<T>(list: readonly T[], number: number): T {
  const one = list[number];
  if (one === undefined) throw new RangeError(`There is no number ${number}`);
  return one;
}

/** The guard has its own tests: here nobody is held. */
function jobOver(source: string): DirectoryJobConfig {
  return {
    id: 'staff',
    kind: 'directory',
    tenant: 'contoso',
    source: { groups: [source] },
    target: { kind: 'licensed' },
    folder: FOLDER,
    mapping: SEED_MAPPING,
    guard: { count: 100, percent: 50 },
  };
}
