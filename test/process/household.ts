import { createWriteStream, type WriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { loadConfig, type Config } from '../../src/kit/config/config.ts';
import { createLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { Status } from '../../src/run/status-report.ts';
import type { AuditReport } from '../../src/run/audit-report.ts';
import { auditBeside, openService, readStatus } from '../../src/run/wire.ts';
import { contactWrites } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import { compareMailboxes, type Comparison } from '../tenant/expectation.ts';
import type { Folder, Item } from '../tenant/mailbox/item.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import type { Population } from '../tenant/population.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { configurationText, CURRENT_KEY, FOLDER, type Configuration } from './configuration.ts';
import type { LeapingClock } from './leaping-clock.ts';
import type { Stores } from './stores.ts';
import { until } from './until.ts';

export const MAILBOXES = 3;

/** Longer than the last look at a person that was notified as changed, with the default timing. */
const LAST_LOOK_MS = 6 * 60_000;

/** Longer than until somebody is looked at once more who changed while the ledger may have been lost. */
const LOOK_AGAIN_MS = 61 * 60_000;

/** How long a call without an answer may still be applied, with the default timing. */
const GATEWAY_MS = 2 * 60_000;

/** Short against what a service waits for, also for an answer of the bus; and long against what a call takes. */
const STEP_MS = 300;
const LEAP_MS = 5_000;
const MINUTE_MS = 65_000;
/** More often than anything is looked at later. */
const MANY = 40;

/** References for `keys` are `env:K1` and `env:K2`. */
const KEYS = { [CURRENT_KEY]: '0'.repeat(40), K1: '1'.repeat(40), K2: '2'.repeat(40) };

type Made = Pick<Household, 'tenant' | 'population' | 'clock' | 'stores'> & {
  readonly folder: string;
  readonly port: number;
};

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
  readonly clock: LeapingClock;
  readonly stores: Stores;
  readonly #folder: string;
  readonly #file: string;
  readonly #port: number;
  readonly #log: WriteStream;
  #running: Running | undefined;
  #strangers: string[];

  constructor({ folder, tenant, population, clock, stores, port }: Made) {
    this.tenant = tenant;
    this.population = population;
    this.clock = clock;
    this.stores = stores;
    this.#folder = folder;
    this.#file = path.join(folder, 'contact-sync.yaml');
    this.#port = port;
    this.#log = createWriteStream(path.join(folder, 'service.log'));
    this.#strangers = population.people.slice(MAILBOXES).map(({ id }) => id);
  }

  async configure(changes: Partial<Configuration> = {}): Promise<void> {
    const { tenantId, clientId } = this.tenant;
    const jobs = { staff: { groups: [this.population.source.id] } };
    const more = { ...this.stores.keys, ...changes.more };
    await writeFile(
      this.#file,
      configurationText({ tenantId, clientId, port: this.#port, jobs, ...changes, more }),
    );
  }

  /** Until the service has read what changed since it last ran. */
  async start(): Promise<void> {
    const { clock } = this;
    const startedAt = clock.now();
    const config = this.config();
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
    return readStatus(this.#running?.config ?? this.config());
  }

  /** As the command does beside the service, while time goes by faster. */
  async audit(): Promise<AuditReport> {
    const config = this.#running?.config ?? this.config();
    const over = new AbortController();
    // Whoever watches does not sleep through the answers that he waits for.
    const clock: Clock = { now: () => this.clock.now(), sleep: (ms, asked) => systemClock.sleep(ms, asked) };
    const watching = { clock, signal: over.signal };
    const proof = auditBeside(config, { full: false }, watching).finally(() => over.abort());
    while (!over.signal.aborted) {
      await systemClock.sleep(STEP_MS);
      await this.leap(LEAP_MS);
    }
    return proof;
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
    for (let leaps = 0; leaps < MANY; leaps += 1) {
      if (reached()) return;
      await this.#nothingDue();
      if (reached()) return;
      await this.leap(GATEWAY_MS);
    }
    throw new Error(`The awaited state was not reached within ${MANY} leaps of time.`);
  }

  /** Every later look has been taken, and nothing waits in a queue. */
  async untilQuiet(): Promise<void> {
    for (let leaps = 0; leaps < MANY; leaps += 1) {
      if ((await this.#nothingDue()) === 0) return;
      await this.leap(leaps === 0 ? LAST_LOOK_MS : LOOK_AGAIN_MS);
    }
    throw new Error(`Something still waits after ${MANY} leaps of time.`);
  }

  /** For the service so much time has passed, as for a machine that slept; resolves when it has come to itself. */
  async leap(ms: number): Promise<void> {
    this.clock.leap(ms);
    const now = this.clock.now();
    await until(() => this.stores.awake(now));
  }

  /** A minute goes by in steps that a keeper keeps up with: what it looks for every minute is found. */
  async minute(): Promise<void> {
    await this.#nothingDue();
    for (let passed = 0; passed < MINUTE_MS; passed += LEAP_MS) await this.leap(LEAP_MS);
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
    await this.stores.close();
    await new Promise((resolve) => this.#log.end(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** As the next process reads it. */
  config(): Config {
    return loadConfig(this.#file, { ...KEYS, ...this.stores.env });
  }

  /** Until nothing is left to be done now; returns how much waits for later. */
  async #nothingDue(): Promise<number> {
    let found = { due: 0, later: 0 };
    await until(async () => {
      found = await this.stores.waiting(0);
      // What the tenant has not posted yet will be in a queue soon.
      return this.tenant.notifier.pending === 0 && found.due === 0;
    });
    return found.later;
  }
}
