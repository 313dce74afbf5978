import type { DirectoryJobConfig } from '../../src/kit/config/config.ts';
import type { MappingConfig } from '../../src/kit/config/fields.ts';
import type { Log } from '../../src/kit/log.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { deliverTo } from '../storm/receive.ts';
import { contactWrites, since, snapshot, type Counts } from '../tenant/counts.ts';
import { mailboxLicense, type User } from '../tenant/directory/objects.ts';
import { compareMailboxes } from '../tenant/expectation.ts';
import type { Faults } from '../tenant/faults.ts';
import type { Ceilings } from '../tenant/http/ceilings.ts';
import type { LatencyMs } from '../tenant/http/latency.ts';
import type { Switches } from '../tenant/options.ts';
import { outsider, person } from '../tenant/population.ts';
import { createTenant, MAIN_ROLES, type Tenant } from '../tenant/tenant.ts';
import { startBenchService, TENANT, type BenchService, type ServiceConditions } from './service.ts';
import { createMeter, type Traffic } from './traffic.ts';

export interface OfficeSize {
  readonly people: number;
  readonly mailboxes: number;
  /** Groups inside the source group, 1 unless given: the people are spread over them. */
  readonly teams?: number;
  /**
   * `shown`: the first of the people own the mailboxes. `others`: colleagues whom no contact shows. `later`: such colleagues,
   * whose mailboxes come with `openMailboxes`.
   */
  readonly owners: 'shown' | 'others' | 'later';
  /** The seed set unless given. */
  readonly mapping?: MappingConfig;
  readonly switches?: Partial<Switches>;
  readonly adopt?: DirectoryJobConfig['adopt'];
  /** So many contacts of the organisation are shown as well, and an administrative unit is a source beside the group. */
  readonly contacts?: number;
  /** Before the service sees anything. */
  readonly prepare?: (tenant: Tenant, people: readonly User[]) => void;
  readonly conditions?: Conditions;
}

/** How the tenant behaves and how the product is configured, where it matters. */
export interface Conditions extends Omit<ServiceConditions, 'transport'> {
  /** One call to Outlook or the directory; 50 unless given. */
  readonly latencyMs?: LatencyMs;
  readonly ceilings?: Partial<Ceilings>;
  readonly faults?: Faults;
  /** Stands between the product and the tenant. */
  readonly watch?: (transport: Transport) => Transport;
  /** Whether extensions inside creates count; they do not unless given. */
  readonly extensionPool?: boolean;
}

/** A tenant and the product beside it, on virtual time: counts are the same in every run. */
export interface Office {
  readonly tenant: Tenant;
  readonly people: readonly User[];
  readonly clock: VirtualClock;
  /** The group that the job names. */
  readonly source: string;
  readonly service: BenchService;
  /** Owners that come later get their licences, all at once. */
  openMailboxes(): void;
  /** From the first subscription to the last contact. */
  fill(): Promise<Counted>;
  /** Acts, lets everything that follows at once come to rest, and counts. */
  count(act: () => Promise<void> | void): Promise<Counted>;
  /** Of the batches since the last count began. */
  traffic(): Traffic;
  /** Lets time pass and counts what is asked meanwhile. */
  pass(ms: number): Promise<Counted>;
  close(): Promise<void>;
}

export interface Counted {
  /** HTTP requests to Graph; tokens are not among them. */
  readonly requests: number;
  /** Contacts created, changed and removed. */
  readonly writes: number;
  /** By operation, sub-requests with `$batch ` in front. */
  readonly operations: Counts;
  /** Of the batches that wrote contacts. */
  readonly traffic: Traffic;
}

/** A plausible time for one call: batches then overlap as they do in life. */
const LATENCY_MS = 50;
const FOLDER = 'Company Directory';
/** Longer than a notification and what follows from it take, shorter than the first second look. */
const STEP_MS = 5_000;
/** A fill of 40,000 contacts takes a minute or two of the tenant's time; much longer, and something is broken. */
const LONGEST_MS = 12 * 3_600_000;

export async function openOffice(size: OfficeSize, log?: Log): Promise<Office> {
  const {
    latencyMs = LATENCY_MS,
    ceilings,
    extensionPool = false,
    faults,
    watch,
    ...conditions
  } = size.conditions ?? {};
  const clock = new VirtualClock({ settleRounds: 8 });
  let service: BenchService | null = null;
  const tenant = createTenant({
    clock,
    random: seededRandom(1),
    auth: 'open',
    latencyMs,
    ...(ceilings ? { ceilings } : {}),
    ...(faults ? { faults } : {}),
    ...(size.contacts === undefined ? {} : { app: { roles: [...MAIN_ROLES, ...FURTHER_ROLES] } }),
    deliver: deliverTo(() => service?.receiver ?? null),
    switches: { staleMs: 0, extensionPool, ...size.switches },
  });
  const { source, people, colleagues } = settle(tenant, size);
  const beyond = size.contacts === undefined ? null : settleBeyond(tenant, people, size.contacts);
  size.prepare?.(tenant, people);
  const meter = createMeter(watch ? watch(tenant.transport) : tenant.transport, clock);
  service = await startBenchService({
    tenant,
    clock,
    jobs: [jobOver(source, beyond, size)],
    conditions: { ...conditions, transport: meter.transport },
    ...(log ? { log } : {}),
  });
  const { needs, keeper } = service.assembly;
  await keeper.prepare();
  const closing = new AbortController();
  const working: Promise<void>[] = [service.assembly.work(closing.signal)];

  const rest = async (): Promise<void> => {
    for (const limit = clock.now() + LONGEST_MS; clock.now() < limit;) {
      await clock.run(clock.now() + STEP_MS);
      const [changes, writes] = await Promise.all([needs.changes.depth(), needs.writes.depth()]);
      const busy = changes.due + changes.held + writes.due + writes.held + writes.delayed > 0;
      if (!busy && (await needs.ledger.places.unfilledSlabs()).length === 0) return;
    }
    throw new Error(`the service did not come to rest within ${LONGEST_MS / 60_000} minutes`);
  };
  const counted = async (task: () => Promise<void>): Promise<Counted> => {
    const { httpRequests } = tenant;
    const before = snapshot(tenant.counts);
    meter.reset();
    await task();
    const operations = since(tenant.counts, before);
    const requests = tenant.httpRequests - httpRequests;
    return { requests, writes: contactWrites(operations), operations, traffic: meter.read() };
  };
  const count: Office['count'] = (act) =>
    counted(async () => {
      const acting = Promise.resolve(act());
      await Promise.all([acting, rest()]);
      // What the act set in motion at its very end.
      await rest();
      demandRight(tenant, source, beyond);
    });
  return {
    tenant,
    people,
    clock,
    source,
    service,
    openMailboxes: () => {
      for (const { id } of colleagues)
        tenant.directory.updateUser(id, { assignedLicenses: [mailboxLicense] });
    },
    fill: () => count(() => void working.push(keeper.run(closing.signal))),
    count,
    traffic: () => meter.read(),
    pass: (ms) => counted(() => clock.run(clock.now() + ms)),
    close: async () => {
      closing.abort();
      await clock.run(clock.now() + STEP_MS);
      await Promise.all(working);
      tenant.close();
    },
  };
}

/** A figure about wrong contacts would be worth nothing. */
function demandRight(tenant: Tenant, source: string, beyond: Beyond | null): void {
  const further = beyond ? { sourceUnits: [beyond.unit], contacts: 'all' as const } : {};
  const job = { sourceGroups: [source], ...further, target: 'licensed' as const, folder: FOLDER };
  const { divergences, duplicates } = compareMailboxes(tenant, job);
  const violations = tenant.oracles.violations.length;
  if (divergences.length + duplicates + violations > 0) {
    throw new Error(
      `${divergences.length} contacts are wrong, ${duplicates} are there twice, ${violations} rules were broken`,
    );
  }
}

function settle(tenant: Tenant, size: OfficeSize): { source: string; people: User[]; colleagues: User[] } {
  const { directory } = tenant;
  const random = seededRandom(2);
  const source = directory.addGroup({ displayName: 'Everybody' });
  const teams = Array.from({ length: size.teams ?? 1 }, (_, number) =>
    directory.addGroup({ displayName: `Team ${number + 1}` }),
  );
  for (const team of teams) directory.addMember(source.id, team.id);
  const shown = size.owners === 'shown';
  const people = Array.from({ length: size.people }, (_, number) =>
    directory.addUser(person(random, number, shown && number < size.mailboxes)),
  );
  for (const [number, one] of people.entries()) {
    directory.addMember(teams[number % teams.length]?.id ?? source.id, one.id);
  }
  const colleagues = Array.from({ length: shown ? 0 : size.mailboxes }, (_, number) =>
    directory.addUser(person(random, size.people + number, size.owners === 'others')),
  );
  return { source: source.id, people, colleagues };
}

interface Beyond {
  /** An administrative unit. */
  readonly unit: string;
}

const FURTHER_ROLES = ['OrgContact.Read.All', 'AdministrativeUnit.Read.All'];

function settleBeyond(tenant: Tenant, people: readonly User[], contacts: number): Beyond {
  const { units, contacts: book } = tenant.directory;
  const { id: unit } = units.add();
  for (const { id } of people.slice(0, 2)) units.addMember(unit, { id, type: 'user' });
  for (let number = 0; number < contacts; number += 1) book.add(outsider(seededRandom(number), number));
  return { unit };
}

function jobOver(
  source: string,
  beyond: Beyond | null,
  { mapping = SEED_MAPPING, adopt }: OfficeSize,
): DirectoryJobConfig {
  return {
    id: 'staff',
    kind: 'directory',
    tenant: TENANT,
    source: {
      groups: [source],
      ...(beyond ? { administrativeUnits: [beyond.unit], orgContacts: {} } : {}),
    },
    ...(adopt ? { adopt } : {}),
    target: { kind: 'licensed' },
    folder: FOLDER,
    mapping,
    guard: { count: 20, percent: 10 },
  };
}
