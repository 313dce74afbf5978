import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig, type Config } from '../../src/kit/config/config.ts';
import { createLog, silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import type { Service, Surroundings } from '../../src/run/service.ts';
import { openService } from '../../src/run/wire.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { LeapingClock } from '../process/leaping-clock.ts';
import { TIMING } from '../process/installation.ts';
import { until } from '../process/until.ts';
import { compareContacts, type ContactComparison, type ContactJob } from '../tenant/exchange/expectation.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { MailContact } from '../tenant/exchange/contact.ts';
import type { ExchangeSwitches } from '../tenant/exchange/options.ts';
import type { Switches, TenantOptions } from '../tenant/options.ts';
import { populate, type Population } from '../tenant/population.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { Traffic } from '../process/traffic.ts';

export interface PairOptions {
  readonly people?: number;
  readonly exchange?: Partial<ExchangeSwitches>;
  /** How the people's tenant behaves. */
  readonly switches?: Partial<Switches>;
  /** Further keys of the job. */
  readonly job?: Readonly<Record<string, unknown>>;
  /** Further keys of the target tenant's `exchange`. */
  readonly target?: Readonly<Record<string, unknown>>;
  readonly timing?: Readonly<Record<string, unknown>>;
  /** The job is not in the file any more; one that shows nobody stands in its place. */
  readonly withoutJob?: boolean;
}

/** Two tenants in this process, people of one in Exchange of the other, and the whole service between them. */
export interface Pair {
  readonly contoso: Tenant;
  readonly fabrikam: Tenant;
  readonly population: Population;
  readonly clock: LeapingClock;
  readonly config: Config;
  readonly job: ContactJob;
  /** Absolute path of the configuration. */
  readonly file: string;
  open(changes?: Partial<PairOptions>): Promise<Service>;
  /** Everything once, while time leaps over what is waited for. */
  sync(changes?: Partial<PairOptions>): Promise<Awaited<ReturnType<Service['syncOnce']>>>;
  /** Something else with the service, in the same way. */
  with<T>(work: (service: Service) => Promise<T>, changes?: Partial<PairOptions>): Promise<T>;
  readonly transport: Transport;
  /** Hosts that were asked for anything. */
  hosts(): readonly string[];
  /** Whether anything answers there. */
  exchangeIs(where: 'away' | 'here'): void;
  /** Exchange is too busy for this one cmdlet, or for none; `heard` is told each time. */
  refuse(cmdlet: string | null, heard?: () => void): void;
  /** A person who is shown, by the place from the end. */
  somebody(place?: number): User;
  /** The contact that bears the person's mark, as it truly is. */
  contactOf(person: Pick<User, 'id'>): MailContact | undefined;
  /** Everything that is there. */
  contacts(): readonly MailContact[];
  /** Somebody else keeps something of his own in the attribute of the mark. */
  takeMark(): void;
  /** How many people are to be shown. */
  readonly expected: number;
  /** The file with all that the service remembers is gone, as after a disk that failed. */
  loseLedger(): Promise<void>;
  compare(job?: Partial<ContactJob>): ContactComparison;
  untilRight(job?: Partial<ContactJob>): Promise<void>;
  close(): Promise<void>;
}

const ROUTE = 'partners';
/** A certificate's proofs are good for ten minutes of real time, and time leaps here. */
const SECRET = 'a secret of the stories';

export async function openPair(options: PairOptions = {}): Promise<Pair> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-pair-'));
  const clock = new LeapingClock();
  const tenantOf = (name: string, number: number, more: Partial<TenantOptions> = {}): Tenant =>
    createTenant({
      clock,
      random: seededRandom(number),
      tenantId: `${number}0000000-0000-4000-8000-000000000000`,
      loginHost: `https://login.${name}`,
      graphHost: `https://graph.${name}`,
      switches: { graceMs: 50, staleMs: 0 },
      ...more,
    });
  const contoso = tenantOf('contoso', 1, {
    switches: { graceMs: 50, staleMs: 0, ...options.switches },
  });
  const fabrikam = tenantOf('fabrikam', 2, { exchange: options.exchange ?? {} });
  for (const tenant of [contoso, fabrikam]) tenant.registerSecret(SECRET);
  const population = populate(contoso, seededRandom(5), { people: options.people ?? 12, mailboxes: 2 });
  const file = path.join(folder, 'contact-sync.yaml');
  const log = createWriteStream(path.join(folder, 'service.log'));
  const hosts = new Set<string>();
  const traffic = new Traffic();
  let isAway = false;
  let refused: { readonly cmdlet: string; readonly heard: () => void } | null = null;
  const transport: Transport = traffic.through((request) => {
    const { host } = new URL(request.url);
    hosts.add(host);
    if (isAway && host.includes('outlook'))
      return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    if (refused !== null && request.body?.includes(`"${refused.cmdlet}"`) === true) {
      refused.heard();
      return Promise.resolve({ status: 429, headers: { 'retry-after': '5' }, body: 'Too many requests' });
    }
    return (host.endsWith('contoso') ? contoso : fabrikam).transport(request);
  });
  const configure = async (changes: Partial<PairOptions> = {}): Promise<Config> => {
    await writeFile(file, configurationOf({ contoso, fabrikam, population }, { ...options, ...changes }));
    return loadConfig(file, { SECRET });
  };
  const open = async (changes: Partial<PairOptions> = {}): Promise<Service> =>
    openService(await configure(changes), {
      clock,
      random: systemRandom,
      transport,
      log: createLog('debug', log),
    });
  const onStage: Pair['with'] = async (work, changes = {}) => {
    const service = await open(changes);
    const over = new AbortController();
    const leaping = traffic.leapBetween(clock, over.signal);
    try {
      return await work(service);
    } finally {
      over.abort();
      await leaping;
      await service.close();
    }
  };
  const job: ContactJob = { route: ROUTE, sourceGroups: [population.source.id] };
  const compare: Pair['compare'] = (more = {}) => compareContacts(contoso, fabrikam, { ...job, ...more });
  return {
    contoso,
    fabrikam,
    population,
    clock,
    config: await configure(),
    job,
    file,
    open,
    compare,
    somebody: (place = 1) => {
      const user = contoso.directory.user(population.people.at(-place)?.id ?? '');
      if (!user) throw new Error('The story needs more people.');
      return user;
    },
    contacts: () => fabrikam.exchange.recipients.contacts(),
    takeMark: () => {
      fabrikam.exchange.recipients.groups.push({
        guid: '00000000-0000-4000-8000-000000000001',
        type: 'MailUniversalDistributionGroup',
        name: 'Everybody',
        addresses: ['all@fabrikam.example'],
        custom: { CustomAttribute15: 'address book policy 7' },
      });
    },
    contactOf: ({ id }) =>
      fabrikam.exchange.recipients
        .contacts()
        .find(({ custom }) => custom['CustomAttribute15']?.includes(id) === true),
    transport,
    hosts: () => [...hosts],
    refuse: (cmdlet, heard = () => {}) => {
      refused = cmdlet === null ? null : { cmdlet, heard };
    },
    exchangeIs: (where) => {
      isAway = where === 'away';
    },
    expected: compare().divergences.length,
    loseLedger: async () => {
      for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm'])
        await rm(path.join(folder, 'data', name), { force: true });
    },
    with: onStage,
    sync: (changes = {}) => onStage((service) => service.syncOnce(new AbortController().signal), changes),
    untilRight: async (more = {}) =>
      void (await until(() => compare(more).divergences.length === 0, {
        else: () => JSON.stringify(compare(more).divergences.slice(0, 5)),
      })),
    close: () => strike({ contoso, fabrikam, log, folder }),
  };
}

async function strike(made: {
  contoso: Tenant;
  fabrikam: Tenant;
  log: WriteStream;
  folder: string;
}): Promise<void> {
  made.contoso.close();
  made.fabrikam.close();
  await new Promise((resolve) => made.log.end(resolve));
  await rm(made.folder, { recursive: true, force: true });
}

function configurationOf(
  { contoso, fabrikam, population }: Pick<Pair, 'contoso' | 'fabrikam' | 'population'>,
  options: PairOptions,
): string {
  return JSON.stringify({
    tenants: {
      contoso: tenantMap(contoso, 'contoso'),
      fabrikam: { ...tenantMap(fabrikam, 'fabrikam'), exchange: { ...options.target } },
    },
    jobs: {
      [options.withoutJob ? 'another' : ROUTE]: {
        kind: 'cross-tenant',
        tenant: 'contoso',
        source: { groups: [population.source.id] },
        target: { tenant: 'fabrikam' },
        phones: { format: 'as-is' },
        ...options.job,
        ...(options.withoutJob ? { source: { users: [contoso.tenantId] } } : {}),
      },
    },
    timing: { ...TIMING, ...options.timing },
  });
}

function tenantMap({ tenantId, clientId }: Tenant, name: string): Record<string, unknown> {
  const cloud = {
    login: `https://login.${name}`,
    graph: `https://graph.${name}`,
    exchange: 'https://outlook.office365.com',
  };
  return { tenantId, clientId, cloud, credential: { clientSecret: 'env:SECRET' }, allowClientSecret: true };
}

/** What a command that is no service takes. */
export function surroundingsOf({ clock, transport }: Pair): Surroundings {
  return { clock, random: systemRandom, transport, log: silentLog };
}
