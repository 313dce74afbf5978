import { setTimeout as passed } from 'node:timers/promises';
import { installShared, type Shared } from '../process/once/several.ts';
import { until } from '../process/until.ts';
import { contactWrites } from '../tenant/counts.ts';

/** Each worker may have so many batches in flight: what is measured is whether a second one helps, not what a tenant grants. */
const BATCHES_A_WORKER = 9;
/** A keeper counts one, a worker nine, and the limit is divided among all. */
const concurrencyFor = (workers: number): number => BATCHES_A_WORKER * workers + 1;
/** When everybody has seen everybody, a share grows over ten seconds; buckets are shared out every five. */
const SETTLED_MS = 25_000;
const PATIENCE = { withinMs: 600_000 };
const PEOPLE = 3;
const ROUNDS = 3;

export interface FanOutOptions {
  readonly mailboxes: number;
  /** Of one call to the tenant, in milliseconds. */
  readonly latencyMs: number;
}

export interface FanOuts {
  /** Milliseconds from a person's change to the last write that it asks for, once for each change. */
  readonly one: readonly number[];
  readonly two: readonly number[];
  /** Every contact was as it should be at the end. */
  readonly isRight: boolean;
}

/** What is the same for one worker and for two. */
interface Office extends Shared, FanOutOptions {
  /** Calls are answered at once while a mailbox is filled. */
  readonly latency: { else: number };
  readonly people: readonly string[];
  readonly isRight: () => boolean;
  readonly group: string;
}

/** A person changes, and real processes bring it to every mailbox: with one worker, then with two. */
export async function measureFanOuts(options: FanOutOptions): Promise<FanOuts> {
  const office = await openOffice(options);
  try {
    const one = await withWorkers(office, 1);
    const two = await withWorkers(office, 2);
    return { one, two, isRight: office.isRight() };
  } finally {
    await office.close();
  }
}

async function openOffice(options: FanOutOptions): Promise<Office> {
  const { mailboxes } = options;
  const latency = { else: 0 };
  const size = { people: mailboxes, mailboxes, foreign: 0 };
  const shared = await installShared({ ...size, seed: 17, latencyMs: latency });
  const { tenant, population } = shared.on;
  const { id: group } = tenant.directory.addGroup({ displayName: 'Few' });
  const people = population.people.slice(0, PEOPLE).map(({ id }) => id);
  for (const id of people) tenant.directory.addMember(group, id);
  const isRight = (): boolean => shared.on.compare({ sourceGroups: [group] }).divergences.length === 0;
  return { ...shared, ...options, latency, people, group, isRight };
}

async function withWorkers(office: Office, workers: number): Promise<number[]> {
  const { on, stores, group, latency, isRight } = office;
  const limits = { concurrency: concurrencyFor(workers), requestsPer10s: 130_000 };
  await on.configure({ jobs: { staff: { groups: [group] } }, more: { ...stores.keys, limits } });
  const roles = ['receiver', 'keeper', ...Array.from({ length: workers }, () => 'worker')];
  const programs = roles.map((role) => on.start('run', '--role', role));
  try {
    await until(isRight, PATIENCE);
    await until(() => on.tenant.subscriptions.all().length === 2, PATIENCE);
    await passed(SETTLED_MS);
    latency.else = office.latencyMs;
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      took.push(await fanOut(office, `Title ${workers}.${round}`));
    return took;
  } finally {
    latency.else = 0;
    for (const program of programs) program.kill('SIGTERM');
    await Promise.all(programs.map((program) => program.ended));
  }
}

async function fanOut({ on, people, mailboxes, isRight }: Office, jobTitle: string): Promise<number> {
  const { tenant } = on;
  const before = contactWrites(tenant.counts);
  // Nobody is a contact of their own mailbox.
  const isThrough = (): boolean => contactWrites(tenant.counts) - before >= mailboxes - 1;
  const startedAt = performance.now();
  tenant.directory.updateUser(people[0] ?? '', { jobTitle });
  await until(isThrough, PATIENCE);
  const took = performance.now() - startedAt;
  await until(isRight, PATIENCE);
  return took;
}
