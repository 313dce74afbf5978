import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { beginReverts, orderRevert, revertState } from '../../src/engine/revert.ts';
import { seen } from '../../src/engine/seen.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { batchesFor, figure, rounded, type Figure } from './figure.ts';
import { numbersTenant, type NumbersTenant } from './numbers-tenant.ts';
import { HALT_CHECK_MS, LIMITS, startBenchService, TENANT, type BenchService } from './service.ts';

export interface RevertSize {
  readonly mailboxes: number;
  readonly contacts: number;
}

export interface Reverted {
  /** HTTP requests. */
  readonly requests: number;
  /** Calls inside of batches. */
  readonly calls: number;
  /** Of virtual time. */
  readonly seconds: number;
  /** Calls that the tenant refused. */
  readonly refused: number;
  /** From a pause, ordered by another process in the middle of it, to the last request that left. Virtual milliseconds. */
  readonly pauseMs: number;
  readonly free: number;
}

const ROUTE = 'staff';
/** What one call to Outlook takes. */
const CALL_MS = 150;
/** Contacts on one page at most, and how many of them a page shares with the one before. */
const [PAGE, SHARED] = [1_000, 1];
const PAUSE_AFTER_MS = 5_000;

/** Everything that a job put into these mailboxes is taken back; `isPaused`: a pause in the middle stops it for a minute. */
export async function countRevert(size: RevertSize, isPaused: boolean): Promise<Reverted> {
  const clock = new VirtualClock();
  const tenant = numbersTenant({ clock, ...size, owner: `bench/${ROUTE}`, callMs: CALL_MS });
  const service = await startBenchService({
    tenant,
    clock,
    jobs: [
      {
        id: ROUTE,
        kind: 'directory',
        tenant: TENANT,
        source: { groups: ['group'] },
        target: { kind: 'licensed' },
        folder: 'Company Directory',
        mapping: SEED_MAPPING,
        guard: { count: 20, percent: 10 },
      },
    ],
  });
  await furnish(service, size.mailboxes);
  const { needs } = service.assembly;
  const startedAt = clock.now();
  await orderRevert(needs.ledger, ROUTE, startedAt);
  await needs.halts.refresh();
  await beginReverts(needs);
  const stop = new AbortController();
  const working = service.assembly.work(stop.signal);
  await clock.run(startedAt + PAUSE_AFTER_MS);
  const pauseMs = isPaused ? await pauseFor(service, { clock, tenant }) : 0;
  await untilFree(service, clock);
  const seconds = (tenant.counts.lastAt + CALL_MS - startedAt) / 1_000;
  stop.abort();
  await clock.run(clock.now() + 10_000);
  await working;
  const { free } = await revertState(needs.ledger, ROUTE);
  if (tenant.left() > 0) throw new Error(`${tenant.left()} folders are still there`);
  const { requests, calls, refused } = tenant.counts;
  return { requests, calls, refused, seconds, pauseMs, free };
}

/** A ledger as a fill leaves it, apart from the links: what leaves by the folder does not ask for them. */
async function furnish(service: BenchService, mailboxes: number): Promise<void> {
  const { needs, keeper } = service.assembly;
  await keeper.prepare();
  const [route] = needs.routes;
  if (!route) throw new Error('the service has no route');
  for (let number = 0; number < mailboxes; number += 1) {
    await needs.ledger.mailboxes.join(TENANT, `mailbox-${number}`, route.key);
  }
  for (const { tenant, slab } of await needs.ledger.slabs.of(route.key)) {
    const places = await needs.ledger.places.ofSlab(tenant, slab);
    const open = { folder: 'folder', name: route.folder, trusted: true, filled: true };
    await needs.ledger.places.update(places.map((place) => ({ ...seen(place), ...open })));
  }
}

/** As `contact-sync pause` and, a minute later, `revert` once more. Returns how long requests went on leaving. */
async function pauseFor(
  { assembly: { needs } }: BenchService,
  { clock, tenant }: { clock: VirtualClock; tenant: NumbersTenant },
): Promise<number> {
  const pausedAt = clock.now();
  await needs.ledger.halts.set({
    scope: { kind: 'job', name: ROUTE },
    mode: 'paused',
    since: pausedAt,
  });
  await clock.run(pausedAt + 60_000);
  const ms = tenant.counts.lastAt - pausedAt;
  await orderRevert(needs.ledger, ROUTE, clock.now());
  return Math.max(0, ms);
}

async function untilFree({ assembly: { needs } }: BenchService, clock: VirtualClock): Promise<void> {
  for (const limit = clock.now() + 3_600_000; clock.now() < limit;) {
    await clock.run(clock.now() + 1_000);
    if ((await revertState(needs.ledger, ROUTE)).left === 0) return;
  }
  throw new Error('the revert did not end within an hour');
}

/** A look at every page and for folders below, the removal, and the look afterwards: nothing foreign may go, and what is told is seen. */
export function revertFloor({ mailboxes, contacts }: RevertSize): {
  calls: number;
  requests: number;
  seconds: number;
} {
  const calls = mailboxes * (Math.max(1, Math.ceil(contacts / PAGE)) + 3);
  const byLimit = (calls / LIMITS.requestsPer10s) * 10;
  const byConcurrency = (calls * CALL_MS) / 1_000 / (LIMITS.concurrency * 4);
  return { calls, requests: batchesFor(calls), seconds: Math.max(byLimit, byConcurrency) };
}

const PROMISED_SECONDS = 15 * 60;

export async function benchRevert(size: RevertSize): Promise<Figure[]> {
  const reverted = await countRevert(size, false);
  const paused = await countRevert({ ...size, mailboxes: Math.ceil(size.mailboxes / 10) }, true);
  const floor = revertFloor(size);
  const name = `revert, ${size.mailboxes} mailboxes of ${size.contacts} contacts`;
  const conditions = {
    ...size,
    calls: reverted.calls,
    refused: reverted.refused,
    callMs: CALL_MS,
    sharedByPages: SHARED,
    tenant: 'computed from numbers, virtual time',
  };
  return [
    figure({
      name,
      unit: 'HTTP requests',
      measured: reverted.requests,
      target: Math.floor(1.1 * floor.requests),
      floor: floor.requests,
      with: conditions,
    }),
    figure({
      name,
      unit: 'seconds, simulated',
      measured: rounded(reverted.seconds, 0),
      target: PROMISED_SECONDS,
      floor: rounded(floor.seconds, 0),
      with: conditions,
    }),
    figure({
      name: 'pause in the middle of a revert: last request after',
      unit: 'ms, simulated',
      measured: paused.pauseMs,
      // It is looked for every second here; the service looks twice as often.
      target: 1_000,
      floor: 0,
      with: { mailboxes: paused.free, contacts: size.contacts, lookedForEveryMs: HALT_CHECK_MS },
    }),
  ];
}
