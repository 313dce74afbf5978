import type { JobConfig } from '../../src/kit/config/config.ts';
import type { Log } from '../../src/kit/log.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { deliverTo } from '../storm/receive.ts';
import { contactWrites, since, snapshot, type Counts } from '../tenant/counts.ts';
import type { User } from '../tenant/directory/objects.ts';
import { compareMailboxes } from '../tenant/expectation.ts';
import type { Switches } from '../tenant/options.ts';
import { person } from '../tenant/population.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { startBenchService, TENANT, type BenchService } from './service.ts';

export interface OfficeSize {
  readonly people: number;
  readonly mailboxes: number;
  /** Groups inside the source group, 1 unless given: the people are spread over them. */
  readonly teams?: number;
  /** `shown`: the first of the people own the mailboxes. `others`: colleagues whom no contact shows. */
  readonly owners: 'shown' | 'others';
  readonly switches?: Partial<Switches>;
  readonly adopt?: JobConfig['adopt'];
  /** Before the service sees anything. */
  readonly prepare?: (tenant: Tenant, people: readonly User[]) => void;
}

/** A tenant and the product beside it, on virtual time: counts are the same in every run. */
export interface Office {
  readonly tenant: Tenant;
  readonly people: readonly User[];
  readonly service: BenchService;
  /** From the first subscription to the last contact. */
  fill(): Promise<Counted>;
  /** Acts, lets everything that follows at once come to rest, and counts. */
  count(act: () => Promise<void> | void): Promise<Counted>;
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
}

/** A plausible time for one call: batches then overlap as they do in life. */
const LATENCY_MS = 50;
const FOLDER = 'Company Directory';
/** Longer than a notification and what follows from it take, shorter than the first second look. */
const STEP_MS = 5_000;
/** A fill of 40,000 contacts takes a minute or two of the tenant's time; much longer, and something is broken. */
const LONGEST_MS = 3_600_000;

export async function openOffice(size: OfficeSize, log?: Log): Promise<Office> {
  const clock = new VirtualClock({ settleRounds: 8 });
  let service: BenchService | null = null;
  const tenant = createTenant({
    clock,
    random: seededRandom(1),
    auth: 'open',
    latencyMs: LATENCY_MS,
    deliver: deliverTo(() => service?.receiver ?? null),
    switches: { staleMs: 0, ...size.switches },
  });
  const { source, people } = settle(tenant, size);
  size.prepare?.(tenant, people);
  service = await startBenchService({
    tenant,
    clock,
    jobs: [{ ...jobOver(source), ...(size.adopt ? { adopt: size.adopt } : {}) }],
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
    await task();
    const operations = since(tenant.counts, before);
    return { requests: tenant.httpRequests - httpRequests, writes: contactWrites(operations), operations };
  };
  const count: Office['count'] = (act) =>
    counted(async () => {
      const acting = Promise.resolve(act());
      await Promise.all([acting, rest()]);
      // What the act set in motion at its very end.
      await rest();
      demandRight(tenant, source);
    });
  return {
    tenant,
    people,
    service,
    fill: () => count(() => void working.push(keeper.run(closing.signal))),
    count,
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
function demandRight(tenant: Tenant, source: string): void {
  const job = { sourceGroups: [source], target: 'licensed' as const, folder: FOLDER };
  const { divergences, duplicates } = compareMailboxes(tenant, job);
  const violations = tenant.oracles.violations.length;
  if (divergences.length + duplicates + violations > 0) {
    throw new Error(
      `${divergences.length} contacts are wrong, ${duplicates} are there twice, ${violations} rules were broken`,
    );
  }
}

function settle(tenant: Tenant, size: OfficeSize): { source: string; people: User[] } {
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
  if (!shown) {
    for (let number = 0; number < size.mailboxes; number += 1) {
      directory.addUser(person(random, size.people + number, true));
    }
  }
  return { source: source.id, people };
}

function jobOver(source: string): JobConfig {
  return {
    id: 'staff',
    kind: 'directory',
    tenant: TENANT,
    source: { groups: [source] },
    target: { kind: 'licensed' },
    folder: FOLDER,
    mapping: SEED_MAPPING,
    guard: { count: 20, percent: 10 },
  };
}
