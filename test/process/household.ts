import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import { loadConfig, type Config } from '../../src/kit/config/config.ts';
import { createLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import type { Status } from '../../src/run/service.ts';
import { openService, readStatus } from '../../src/run/wire.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeAppCertificate } from '../tenant/certificates.ts';
import { contactWrites } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import { compareMailboxes, type Comparison } from '../tenant/expectation.ts';
import type { Folder, Item } from '../tenant/mailbox/item.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import { populate, type Population } from '../tenant/population.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { configurationText, CURRENT_KEY, FOLDER, type Configuration } from './configuration.ts';
import { freePort } from './free-port.ts';
import { LeapingClock } from './leaping-clock.ts';
import { until } from './until.ts';

const PEOPLE = 24;
export const MAILBOXES = 3;

/** Longer than the last look at a person that was notified as changed, with the default timing. */
const LAST_LOOK_MS = 6 * 60_000;

/** How long a call without an answer may still be applied, with the default timing. */
const GATEWAY_MS = 2 * 60_000;

/** References for `keys` are `env:K1` and `env:K2`. */
const KEYS = { [CURRENT_KEY]: '0'.repeat(40), K1: '1'.repeat(40), K2: '2'.repeat(40) };

export async function openHousehold(): Promise<Household> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-story-'));
  const app = await makeAppCertificate();
  const random = seededRandom(21);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    // The service's clock is ahead: a life of its subscriptions may look too long.
    switches: { graceMs: 50, notifyAfterMs: 20, overlongExpiry: 'clamped' },
  });
  tenant.registerCertificate(app.cert);
  const population = populate(tenant, random, { people: PEOPLE, mailboxes: MAILBOXES });
  await writeFile(path.join(folder, 'app.pem'), app.pem, { mode: 0o600 });
  const home = new Household({ folder, tenant, population, port: await freePort() });
  await home.configure();
  return home;
}

type Made = Pick<Household, 'tenant' | 'population'> & { readonly folder: string; readonly port: number };

interface Running {
  readonly config: Config;
  readonly stop: () => Promise<void>;
}

/**
 * The whole service in this process, as wired for production, against a tenant in the same process. The service's clock
 * leaps ahead of the tenant's, so that stories play with the default timing.
 */
export class Household {
  readonly tenant: Tenant;
  readonly population: Population;
  readonly clock = new LeapingClock();
  /** The data folder. */
  readonly data: string;
  readonly #folder: string;
  readonly #file: string;
  readonly #port: number;
  readonly #log: WriteStream;
  #running: Running | undefined;
  #strangers: string[];

  constructor({ folder, tenant, population, port }: Made) {
    this.tenant = tenant;
    this.population = population;
    this.data = path.join(folder, 'data');
    this.#folder = folder;
    this.#file = path.join(folder, 'contact-sync.yaml');
    this.#port = port;
    this.#log = createWriteStream(path.join(folder, 'service.log'));
    this.#strangers = population.people.slice(MAILBOXES).map(({ id }) => id);
  }

  async configure(changes: Partial<Configuration> = {}): Promise<void> {
    const { tenantId, clientId } = this.tenant;
    const jobs = { staff: { groups: [this.population.source.id] } };
    await writeFile(
      this.#file,
      configurationText({ tenantId, clientId, port: this.#port, jobs, ...changes }),
    );
  }

  /** Until the service has read what changed since it last ran. */
  async start(): Promise<void> {
    const { clock } = this;
    const startedAt = clock.now();
    const config = loadConfig(this.#file, KEYS);
    const log = createLog('debug', this.#log);
    const { transport } = this.tenant;
    const service = await openService(config, { clock, random: systemRandom, transport, log });
    const over = new AbortController();
    const work = service.run(over.signal);
    const stop = async (): Promise<void> => {
      over.abort();
      await work;
      await service.close();
    };
    this.#running = { config, stop };
    await until(async () => Date.parse((await this.status()).lastSweep ?? '') >= startedAt);
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  status(): Promise<Status> {
    return readStatus(this.#running?.config ?? loadConfig(this.#file, KEYS));
  }

  compare(): Comparison {
    const sourceGroups = [this.population.source.id];
    return compareMailboxes(this.tenant, { sourceGroups, target: 'licensed', folder: FOLDER });
  }

  /** Contacts created, changed and removed so far. */
  writes(): number {
    return contactWrites(this.tenant.counts);
  }

  async untilRight(): Promise<void> {
    await until(() => this.compare().divergences.length === 0, {
      else: () => JSON.stringify(this.compare().divergences.slice(0, 5)),
    });
  }

  /** As `reached` says, while time leaps: what may still arrive from before a lost ledger is waited for. */
  async untilAfterAWhile(reached: () => boolean): Promise<void> {
    await until(() => {
      if (reached()) return true;
      this.clock.leap(GATEWAY_MS);
      return false;
    });
  }

  /** Every later look has been taken, and nothing waits in a queue. */
  async untilQuiet(): Promise<void> {
    await until(async () => {
      const later = await this.#nothingDue();
      if (later > 0) this.clock.leap(LAST_LOOK_MS);
      return later === 0;
    });
  }

  /** What happens in there is notified to nobody. */
  unnoticed(happening: () => void): void {
    this.tenant.setFaults({ notificationLost: 1 });
    happening();
    this.tenant.setFaults({});
  }

  /** Somebody without a mailbox: each story has its own. */
  somebody(): User {
    const id = this.#strangers.shift();
    const user = id === undefined ? undefined : this.tenant.directory.user(id);
    if (!user) throw new Error('The story needs more people.');
    return user;
  }

  folderOf(owner: string): Folder {
    const found = this.tenant.mailboxes.get(owner).folderNamed(FOLDER);
    if (!found) throw new Error(`No managed folder in ${owner}.`);
    return found;
  }

  /** The managed contact that shows a person. Throws unless there is exactly one. */
  contactOf(owner: string, person: string): Item {
    const items = [...this.folderOf(owner).items.values()];
    const [item, ...more] = items.filter(({ content }) => markOf(content)?.endsWith(`/${person}`));
    if (!item || more.length > 0) throw new Error(`${item ? 1 + more.length : 0} contacts show ${person}.`);
    return item;
  }

  async close(): Promise<void> {
    await this.stop();
    this.tenant.close();
    await new Promise((resolve) => this.#log.end(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Until nothing is left to be done now; returns how much waits for later. */
  async #nothingDue(): Promise<number> {
    let later = 0;
    await until(async () => {
      const { queues } = await this.status();
      later = queues.reduce((sum, { delayed }) => sum + delayed, 0);
      // What the tenant has not posted yet will be in a queue soon.
      return this.tenant.notifier.pending === 0 && queues.every(({ due, held }) => due + held === 0);
    });
    return later;
  }
}
