import { createWriteStream } from 'node:fs';
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
import { configurationText, FOLDER, type Configuration } from './configuration.ts';
import { freePort } from './free-port.ts';
import { LeapingClock } from './leaping-clock.ts';
import { until } from './until.ts';

const PEOPLE = 24;
export const MAILBOXES = 3;

/** Longer than the last look at a person that was notified as changed, with the default timing. */
const LAST_LOOK_MS = 6 * 60_000;

/**
 * The whole service in this process, as wired for production, against a tenant in the same process. The service's clock
 * leaps ahead of the tenant's, so that stories play with the default timing.
 */
export interface Household {
  readonly tenant: Tenant;
  readonly population: Population;
  readonly clock: LeapingClock;
  readonly data: string;
  configure(changes: Partial<Configuration>): Promise<void>;
  /** Until the service has read what changed since it last ran. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): Promise<Status>;
  compare(): Comparison;
  /** Contacts created, changed and removed so far. */
  writes(): number;
  untilRight(): Promise<void>;
  /** What happens in there is notified to nobody. */
  unnoticed(happening: () => void): void;
  /** Every later look has been taken, and nothing waits in a queue. */
  untilQuiet(): Promise<void>;
  /** Somebody without a mailbox: each story has its own. */
  somebody(): User;
  folderOf(owner: string): Folder;
  /** The managed contact that shows a person. Throws unless there is exactly one. */
  contactOf(owner: string, person: string): Item;
  close(): Promise<void>;
}

/** `k1`, `k2`: references for `keys`. */
const KEYS = { CONTACT_SYNC_CLIENT_STATE_KEY: '0'.repeat(40), K1: '1'.repeat(40), K2: '2'.repeat(40) };

export async function openHousehold(): Promise<Household> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-story-'));
  const app = await makeAppCertificate();
  const clock = new LeapingClock();
  const random = seededRandom(21);
  const tenant = createTenant({
    clock: systemClock,
    random,
    deliver: fetchTransport,
    switches: { graceMs: 50, notifyAfterMs: 20, overlongExpiry: 'clamped' },
  });
  tenant.registerCertificate(app.cert);
  const population = populate(tenant, random, { people: PEOPLE, mailboxes: MAILBOXES });
  await writeFile(path.join(folder, 'app.pem'), app.pem);
  const file = path.join(folder, 'contact-sync.yaml');
  const log = createWriteStream(path.join(folder, 'service.log'));
  const port = await freePort();
  let config: Config;
  let running: { stop: () => Promise<void> } | undefined;
  let strangers = population.people.slice(MAILBOXES).map(({ id }) => id);

  const start = async (): Promise<void> => {
    const startedAt = clock.now();
    const surroundings = {
      clock,
      random: systemRandom,
      transport: tenant.transport,
      log: createLog('debug', log),
    };
    const service = await openService(config, surroundings);
    const over = new AbortController();
    const work = service.run(over.signal);
    running = {
      stop: async () => {
        over.abort();
        await work;
        await service.close();
      },
    };
    await until(async () => Date.parse((await home.status()).lastSweep ?? '') >= startedAt);
  };
  const home: Household = {
    tenant,
    population,
    clock,
    data: path.join(folder, 'data'),
    configure: async (changes) => {
      const { tenantId, clientId } = tenant;
      const jobs = { staff: { groups: [population.source.id] } };
      await writeFile(file, configurationText({ tenantId, clientId, port, jobs, ...changes }));
      config = loadConfig(file, KEYS);
    },
    start,
    stop: async () => {
      await running?.stop();
      running = undefined;
    },
    status: () => readStatus(config),
    compare: () =>
      compareMailboxes(tenant, { sourceGroups: [population.source.id], target: 'licensed', folder: FOLDER }),
    writes: () => contactWrites(tenant.counts),
    untilRight: async () => {
      await until(() => home.compare().divergences.length === 0, {
        withinMs: 15_000,
        else: () => JSON.stringify(home.compare().divergences.slice(0, 5)),
      });
    },
    untilQuiet: async () => {
      await until(async () => {
        const waiting = await nothingDue(home);
        if (waiting > 0) clock.leap(LAST_LOOK_MS);
        return waiting === 0;
      });
    },
    unnoticed: (happening) => {
      tenant.setFaults({ notificationLost: 1 });
      happening();
      tenant.setFaults({});
    },
    somebody: () => {
      const [id, ...rest] = strangers;
      strangers = rest;
      const user = id === undefined ? undefined : tenant.directory.user(id);
      if (!user) throw new Error('The story needs more people.');
      return user;
    },
    folderOf: (owner) => {
      const found = tenant.mailboxes.get(owner).folderNamed(FOLDER);
      if (!found) throw new Error(`No managed folder in ${owner}.`);
      return found;
    },
    contactOf: (owner, person) => {
      const items = [...home.folderOf(owner).items.values()];
      const [item, ...more] = items.filter(({ content }) => markOf(content)?.endsWith(`/${person}`));
      if (!item || more.length > 0) throw new Error(`${item ? 1 + more.length : 0} contacts show ${person}.`);
      return item;
    },
    close: async () => {
      await home.stop();
      tenant.close();
      await new Promise((resolve) => log.end(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
  await home.configure({});
  return home;
}

/** Until nothing is left to be done now; returns how much waits for later. */
async function nothingDue(home: Household): Promise<number> {
  let later = 0;
  await until(async () => {
    const { queues } = await home.status();
    later = queues.reduce((sum, { delayed }) => sum + delayed, 0);
    // What the tenant has not posted yet will be in a queue soon.
    return home.tenant.notifier.pending === 0 && queues.every(({ due, held }) => due + held === 0);
  });
  return later;
}
